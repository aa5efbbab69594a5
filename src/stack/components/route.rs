//! A Route of `OpenShift`, whose router ends TLS.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;

use crate::components::Component;
use crate::components::backstage::{HTTP, SERVICE};
use crate::components::common::{BACKSTAGE, metadata};
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::entry::EntryKind;

/// The Route, if people reach Backstage by one.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let EntryKind::Route { host, annotations } = &settings.entry.kind else { return Vec::new() };
    let metadata = annotated(metadata(settings, BACKSTAGE, BACKSTAGE, Component::Route), annotations);
    let route = json!({
        "apiVersion": "route.openshift.io/v1",
        "kind": "Route",
        "metadata": metadata,
        "spec": {
            "host": host.as_str(),
            "port": { "targetPort": HTTP },
            "tls": { "termination": "edge", "insecureEdgeTerminationPolicy": "Redirect" },
            "to": { "kind": "Service", "name": SERVICE, "weight": 100 },
            "wildcardPolicy": "None",
        },
    });
    vec![Object::from_value(route, Component::Route, Phase::Rest)]
}

/// With annotations, if there are any.
pub(super) fn annotated(metadata: ObjectMeta, annotations: &BTreeMap<String, String>) -> ObjectMeta {
    ObjectMeta { annotations: (!annotations.is_empty()).then(|| annotations.clone()), ..metadata }
}
