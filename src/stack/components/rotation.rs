//! The rotation: its own renderer makes its objects, from the document that follows from the stack.

use base::layers::origin::Origin;
use base::layers::tree::Tree;
use rotation::document::resolve::resolve_in_cluster;
use rotation::document::{Place, shape, written};
use rotation::manifests::object::{Manifest, ManifestPhase};
use rotation::manifests::{Options, parts};
use serde_json::{Map, Value, json};

use crate::components::Component;
use crate::components::common::{BACKSTAGE, POSTGRES, stack_labels};
use crate::document::rotation::ServerPickup;
use crate::object::{Object, Phase};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::settings::database::{DatabaseServer, POSTGRES_PORT, POSTGRES_SERVICE};

/// The objects of the rotation, each in its phase: the Job that makes the certificates comes before what needs them, and the
/// schedule last.
pub fn objects(settings: &Settings) -> Vec<Object> {
    settings.manifests.iter().map(|manifest| object(settings, manifest)).collect()
}

fn object(settings: &Settings, manifest: &Manifest) -> Object {
    let phase = match manifest.phase {
        ManifestPhase::Preparation => Phase::Configuration,
        ManifestPhase::Bootstrap => Phase::Certificates,
        ManifestPhase::Operation => Phase::Rest,
    };
    let mut value = manifest.to_value();
    if let Some(Value::Object(labels)) = value.pointer_mut("/metadata/labels") {
        for (name, label) in stack_labels(settings) {
            labels.insert(name, label.into());
        }
    }
    if settings.assigns_user_ids {
        for pod in ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"] {
            if let Some(Value::Object(context)) = value.pointer_mut(&format!("{pod}/securityContext")) {
                context.retain(|key, _| !["runAsUser", "runAsGroup"].contains(&key.as_str()));
            }
        }
    }
    Object::from_value(value, Component::Rotation, phase)
}

/// What the rotation's own renderer makes of a stack. It reads the document as newleaf does, so a value that newleaf would
/// refuse is a problem of the stack.
pub fn manifests(settings: &Settings) -> Result<Vec<Manifest>, Problem> {
    let namespace = settings.namespace.as_str();
    let refused = |error: &dyn std::fmt::Display| {
        Problem::new("rotation", "not what newleaf accepts", &error.to_string(), "write what newleaf accepts")
    };
    let layer = Tree::of(&document(settings), &Origin::Default).map_err(|error| refused(&error))?;
    let configuration = resolve_in_cluster(&layer, namespace).map_err(|error| refused(&error))?;
    let Place::Cluster(place) = &configuration.place else { return Err(refused(&"the rotation is in a cluster")) };
    let file = shape::read(&layer).map_err(|error| refused(&error))?;
    let written = written::write(&file).map_err(|error| refused(&error))?;
    let options = Options {
        image: settings.rotation.image.as_str(),
        schedule: settings.rotation.schedule.as_str(),
        configuration: &written,
        deadlines: configuration.deadlines,
        policies: settings.rotation.admission_policies,
        metrics: settings.monitoring.service_monitor,
    };
    Ok(parts(place, &options).into_iter().flat_map(|(_, manifests)| manifests).collect())
}

/// The document `kind: Rotation` of this stack.
pub fn document(settings: &Settings) -> Value {
    let rotation = &settings.rotation;
    let database = &settings.database;
    let mut document = Map::new();
    let mut add = |key: &str, value: Value| document.insert(key.to_owned(), value);
    add("apiVersion", json!("newleaf.dev/v1alpha1"));
    add("kind", json!("Rotation"));
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
    add("database", json!({ "endpoints": [endpoint(settings)], "name": database.name.as_str() }));
    add("deadlines", json!({ "step": rotation.step.as_str(), "run": rotation.run.as_str() }));
    Value::Object(document)
}

/// Where the rotation finds PostgreSQL. That of the stack by the name of its Service alone: newleaf adds the namespace of its pod.
fn endpoint(settings: &Settings) -> String {
    let database = &settings.database;
    match database.server {
        DatabaseServer::Installed(_) => format!("{POSTGRES_SERVICE}:{POSTGRES_PORT}"),
        DatabaseServer::Existing(_) => database.endpoint().to_string(),
    }
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
