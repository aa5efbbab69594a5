//! What an export for Flux writes onto objects, beside what newleaf-deploy renders.

use serde_json::Value;

/// Begins each annotation and each label that Flux reads or writes.
const MARK: &str = "kustomize.toolkit.fluxcd.io/";

/// An object without what Flux alone must know: its annotations, and that a Job of Git stays.
pub(crate) fn plain(mut object: Value) -> Value {
    if object["kind"] == "Job" {
        object["spec"].as_object_mut().expect("a map").remove("ttlSecondsAfterFinished");
    }
    without(&mut object, "annotations");
    object
}

/// Takes what is Flux's out of the annotations or the labels.
pub(crate) fn without(object: &mut Value, field: &str) {
    let metadata = object["metadata"].as_object_mut().expect("a map");
    let Some(Value::Object(all)) = metadata.get_mut(field) else { return };
    all.retain(|name, _| !name.starts_with(MARK));
    if all.is_empty() {
        metadata.remove(field);
    }
}
