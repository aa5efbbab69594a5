//! The rotation: its own renderer makes its objects, from the document that follows from the stack.

use serde_json::{Map, Value, json};

use crate::components::common::{BACKSTAGE, POSTGRES};
use crate::document::rotation::ServerPickup;
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::database::DatabaseServer;

/// The objects of the rotation, each in its phase: the Job that makes the certificates comes before what needs them, and the
/// schedule last.
pub fn objects(_settings: &Settings, rotation: Vec<Object>) -> Vec<Object> {
    let in_its_phase = |object: Object| {
        let phase = match object.kind() {
            "Job" => Phase::Certificates,
            "CronJob" => Phase::Rest,
            _ => Phase::Configuration,
        };
        object.in_phase(phase)
    };
    rotation.into_iter().map(in_its_phase).collect()
}

/// The document `kind: Rotation` of this stack.
pub fn document(settings: &Settings) -> Value {
    let rotation = &settings.rotation;
    let database = &settings.database;
    let mut document = Map::new();
    let mut add = |key: &str, value: Value| document.insert(key.to_owned(), value);
    add("apiVersion", json!("newleaf.dev/v1alpha1"));
    add("kind", json!("Rotation"));
    add("namespace", json!(settings.namespace.as_str()));
    if let Some(authority) = &rotation.authority {
        let (secret, certificate, key) = (&authority.secret, &authority.certificate, &authority.key);
        add(
            "authority",
            json!({ "secret": secret.as_str(), "certificate": certificate.as_str(), "key": key.as_str() }),
        );
    }
    add("leaf", json!({ "lifetime": rotation.lifetime.as_str(), "rotateAfter": rotation.rotate_after.as_str() }));
    add("client", json!({ "name": database.role.as_str() }));
    add("consumers", json!(consumers(settings)));
    let endpoint = format!("{}:{}", bracketed(&database.host), database.port);
    add("database", json!({ "endpoints": [endpoint], "name": database.name.as_str() }));
    add("deadlines", json!({ "step": rotation.step.as_str(), "run": rotation.run.as_str() }));
    Value::Object(document)
}

/// The server before its clients: what a client shows must be accepted already.
fn consumers(settings: &Settings) -> Vec<Value> {
    let mut consumers = Vec::new();
    if matches!(settings.database.server, DatabaseServer::Installed(_)) {
        let pickup = match settings.rotation.pickup {
            ServerPickup::Reload => "reload",
            ServerPickup::Restart => "restart",
        };
        let mut server = json!({
            "name": POSTGRES,
            "loads": "server",
            "pickup": pickup,
            "workload": format!("statefulset/{POSTGRES}"),
        });
        if let (true, Some(map)) = (settings.rotation.nudge, server.as_object_mut()) {
            map.insert("nudge".to_owned(), json!(true));
        }
        consumers.push(server);
    }
    consumers.push(json!({
        "name": BACKSTAGE,
        "loads": "client",
        "pickup": "restart",
        "workload": format!("deployment/{BACKSTAGE}"),
    }));
    consumers
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}
