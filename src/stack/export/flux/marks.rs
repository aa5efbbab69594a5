//! What Flux must know of single objects, as annotations. Those of a raw layer win.

use serde_json::{Map, Value, json};

use crate::components::Component;
use crate::object::Object;

/// Flux replaces `${NAME}` in texts if a Kustomization substitutes anything; Backstage's configuration has the same form.
const SUBSTITUTE: (&str, &str) = ("kustomize.toolkit.fluxcd.io/substitute", "disabled");
/// Flux never deletes the object: with it would go volumes, or keys that cannot be made again.
const PRUNE: (&str, &str) = ("kustomize.toolkit.fluxcd.io/prune", "disabled");
/// Flux deletes the object and makes it anew where a change is not allowed.
const FORCE: (&str, &str) = ("kustomize.toolkit.fluxcd.io/force", "enabled");

/// The object as Flux is to apply it.
pub(super) fn marked(object: Object) -> Object {
    let mut marks = Vec::new();
    if has_variables(object.value()) {
        marks.push(SUBSTITUTE);
    }
    if object.is_kept() {
        marks.push(PRUNE);
    }
    let is_bootstrap = object.kind() == "Job" && object.component() == Component::Rotation;
    if is_bootstrap {
        marks.push(FORCE);
    }
    if marks.is_empty() {
        return object;
    }
    let mut value = object.value().clone();
    if is_bootstrap && let Some(Value::Object(spec)) = value.pointer_mut("/spec") {
        // Flux would make a Job that Kubernetes has deleted anew, and so run it again and again.
        spec.remove("ttlSecondsAfterFinished");
    }
    if let Some(Value::Object(metadata)) = value.pointer_mut("/metadata")
        && let Value::Object(annotations) = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()))
    {
        for (name, mark) in marks {
            annotations.entry(name).or_insert_with(|| json!(mark));
        }
    }
    object.with_value(value)
}

fn has_variables(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(has_variables),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains("${") || has_variables(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
