//! Metrics, alerts and the dashboard. The figures come from the rotation, whose renderer also makes what serves them: a pod
//! without a token, which can read no key. And they come from kube-state-metrics.

mod dashboard;
mod rules;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use rotation::manifests::exporter::EXPORTER;
use serde_json::json;

use crate::components::Component;
use crate::components::backstage::METRICS;
use crate::components::common::{BACKSTAGE, NAME_LABEL, labels, metadata, selector_labels};
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::rotation::ROTATION_NAME;

/// What is switched on.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let monitoring = &settings.monitoring;
    let mut objects = Vec::new();
    if monitoring.service_monitor {
        let of_exporter = labels([(NAME_LABEL, EXPORTER)]);
        objects.push(service_monitor(settings, ROTATION_NAME, &of_exporter, "/metrics"));
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
