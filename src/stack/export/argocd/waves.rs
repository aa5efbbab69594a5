//! What Argo CD reads from the annotations of an object: when it is applied, whether it is a hook, whether it stays.

use rotation::manifests::BOOTSTRAP;
use serde_json::{Map, Value};

use crate::object::{Object, Phase};

/// The prefixes of the annotations that make hooks for Helm and for Argo CD. Argo CD ignores those of Helm as soon as one
/// object has one of its own, so an export has those of one dialect only.
const DIALECTS: [&str; 2] = ["helm.sh/", "argocd.argoproj.io/"];

/// The object with the annotations of Argo CD.
pub(super) fn with_annotations(object: &Object) -> Object {
    let mut value = object.value().clone();
    if let Some(metadata) = value.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        let mut annotations = match metadata.remove("annotations") {
            Some(Value::Object(own)) => own,
            _ => Map::new(),
        };
        annotations.retain(|name, _| !DIALECTS.iter().any(|prefix| name.starts_with(prefix)));
        for (name, text) in annotations_of(object) {
            annotations.insert(format!("argocd.argoproj.io/{name}"), text.into());
        }
        metadata.insert("annotations".to_owned(), Value::Object(annotations));
    }
    object.clone().with_value(value)
}

fn annotations_of(object: &Object) -> Vec<(&'static str, String)> {
    let mut annotations = vec![("sync-wave", wave(object.phase()).to_string())];
    if is_bootstrap(object) {
        // A hook in a wave, and no plain object: the API server refuses any change of a Job's pod, and Argo CD, which compares
        // by a dry run, would then compare nothing of the application any more. A hook is compared with nothing. It is made
        // anew at each sync of a new revision, and finds nothing to do. PreSync would be before the wave that it needs.
        annotations.push(("hook", "Sync".to_owned()));
        annotations.push(("hook-delete-policy", "BeforeHookCreation".to_owned()));
    }
    if object.is_kept() {
        // Without the second one, what is kept although Git has it no more would be out of sync for ever.
        annotations.push(("sync-options", "Prune=false,Delete=false".to_owned()));
        annotations.push(("compare-options", "IgnoreExtraneous".to_owned()));
    }
    annotations
}

/// Argo CD begins a wave when the objects of the one before it are healthy.
const fn wave(phase: Phase) -> u8 {
    match phase {
        Phase::Configuration => 0,
        Phase::Certificates => 1,
        Phase::Database => 2,
        Phase::Backstage => 3,
        Phase::Rest => 4,
    }
}

fn is_bootstrap(object: &Object) -> bool {
    object.kind() == "Job" && object.name() == BOOTSTRAP
}
