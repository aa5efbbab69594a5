//! An `HTTPRoute` of the Gateway API. Its Gateway ends TLS.

use serde_json::{Map, json};

use crate::components::Component;
use crate::components::backstage::SERVICE;
use crate::components::common::{BACKSTAGE, metadata};
use crate::components::route::annotated;
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::entry::{BACKSTAGE_PORT, EntryKind};

/// The `HTTPRoute`, if people reach Backstage by one.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let EntryKind::HttpRoute(route) = &settings.entry.kind else { return Vec::new() };
    let metadata = annotated(metadata(settings, BACKSTAGE, BACKSTAGE, Component::HttpRoute), &route.annotations);
    let mut parent = Map::new();
    parent.insert("group".to_owned(), json!("gateway.networking.k8s.io"));
    parent.insert("kind".to_owned(), json!("Gateway"));
    parent.insert("name".to_owned(), json!(route.gateway.as_str()));
    parent.insert("namespace".to_owned(), json!(route.gateway_namespace.as_str()));
    if let Some(section) = &route.section_name {
        parent.insert("sectionName".to_owned(), json!(section.as_str()));
    }
    let object = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": metadata,
        "spec": {
            "hostnames": [route.host.as_str()],
            "parentRefs": [parent],
            "rules": [{
                "matches": [{ "path": { "type": "PathPrefix", "value": "/" } }],
                "backendRefs": [{ "group": "", "kind": "Service", "name": SERVICE, "port": BACKSTAGE_PORT, "weight": 1 }],
            }],
        },
    });
    vec![Object::from_value(object, Component::HttpRoute, Phase::Rest)]
}
