//! Metrics, alerts and the dashboard. The figures come from [`FIGURES`], whose exporter may read certificates and no key, and
//! from kube-state-metrics.

mod dashboard;
mod rules;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;

use crate::components::Component;
use crate::components::backstage::METRICS;
use crate::components::common::{BACKSTAGE, NAME_LABEL, labels, metadata, selector_labels};
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::rotation::ROTATION_NAME;

/// The end of the leaf that is stored, by `peer`, as seconds since 1970.
pub const LEAF_END: &str = "newleaf_leaf_not_after_timestamp_seconds";
/// The end of the last run that left nothing to do.
pub const LAST_SUCCESS: &str = "newleaf_last_success_timestamp_seconds";
/// Whether a consumer works with another leaf than the stored one, by `consumer`: 0 or 1.
pub const STALE: &str = "newleaf_consumer_stale";
/// Every figure that the rules and the dashboard use.
pub const FIGURES: [&str; 3] = [LEAF_END, LAST_SUCCESS, STALE];

/// What is switched on.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let monitoring = &settings.monitoring;
    let mut objects = Vec::new();
    if monitoring.service_monitor {
        let of_rotation = labels([(NAME_LABEL, ROTATION_NAME), ("app.kubernetes.io/component", "metrics")]);
        objects.push(service_monitor(settings, ROTATION_NAME, &of_rotation, "/metrics"));
        if let Some((_, path)) = &monitoring.backstage {
            let of_backstage = selector_labels(settings, BACKSTAGE);
            objects.push(service_monitor(settings, BACKSTAGE, &of_backstage, path.as_str()));
        }
    }
    if monitoring.alerts {
        objects.push(rules(settings));
    }
    if monitoring.dashboard {
        let name = "newleaf-dashboard";
        let mut metadata = found(settings, name);
        metadata.labels.get_or_insert_default().extend(labels([("grafana_dashboard", "1")]));
        let text = dashboard::dashboard(settings).to_string();
        let data = Some(labels([("newleaf.json", text.as_str())]));
        let config_map = ConfigMap { metadata, data, ..ConfigMap::default() };
        objects.push(Object::of(&config_map, Component::Monitoring, Phase::Rest));
    }
    objects
}

/// With the labels by which Prometheus and Grafana find it.
fn found(settings: &Settings, name: &str) -> ObjectMeta {
    let mut metadata = metadata(settings, name, ROTATION_NAME, Component::Monitoring);
    metadata.labels.get_or_insert_default().extend(settings.monitoring.labels.clone());
    metadata
}

fn service_monitor(settings: &Settings, name: &str, selected: &BTreeMap<String, String>, path: &str) -> Object {
    let value = json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": found(settings, name),
        "spec": {
            "endpoints": [{ "port": METRICS, "path": path, "interval": "60s" }],
            "namespaceSelector": { "matchNames": [settings.namespace.as_str()] },
            "selector": { "matchLabels": selected },
        },
    });
    Object::from_value(value, Component::Monitoring, Phase::Rest)
}

fn rules(settings: &Settings) -> Object {
    let value = json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": found(settings, ROTATION_NAME),
        "spec": { "groups": [{ "name": ROTATION_NAME, "rules": rules::rules(settings) }] },
    });
    Object::from_value(value, Component::Monitoring, Phase::Rest)
}
