//! Which objects are hooks: what the bootstrap Job needs, and the Job itself, before everything else of an install and of an
//! upgrade. Helm deletes a hook only before it makes it again, so the Job of an upgrade leaves its log.
//!
//! The check is a hook of `helm test`, with its account and its rights: they are there only while a test runs.

use rotation::figures::CONFIG_MAP;
use serde_json::{Map, Value};

use crate::components::Component;
use crate::object::{Object, Phase};

/// The hook of `helm test`.
pub(super) const TEST: &str = "test";

/// Helm's own annotations, and none of another tool.
pub(super) fn annotate(value: &mut Value, object: &Object) {
    let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
        annotations.retain(|name, _| !name.starts_with("argocd.argoproj.io/") && !name.starts_with("helm.sh/"));
    }
    // Runs of the rotation write their figures into one of the ConfigMaps: as a hook it would be emptied at each upgrade.
    let of_hook = match (object.component(), object.phase()) {
        (Component::Rotation, Phase::Configuration) if object.name() != CONFIG_MAP => before("-5"),
        (Component::Rotation, Phase::Certificates) => before("0"),
        (Component::Check, _) => of_test(if object.kind() == "Pod" { "0" } else { "-5" }),
        (_, _) => return,
    };
    let annotations = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(annotations) = annotations {
        annotations.extend(of_hook.map(|(name, text)| (name.to_owned(), Value::from(text))));
    }
}

const fn before(weight: &str) -> [(&str, &str); 3] {
    [
        ("helm.sh/hook", "pre-install,pre-upgrade"),
        ("helm.sh/hook-delete-policy", "before-hook-creation"),
        ("helm.sh/hook-weight", weight),
    ]
}

/// What belongs to a test that succeeds goes with it. Of one that fails the pod stays, with its log.
pub(super) const fn of_test(weight: &str) -> [(&str, &str); 3] {
    [
        ("helm.sh/hook", TEST),
        ("helm.sh/hook-delete-policy", "before-hook-creation,hook-succeeded"),
        ("helm.sh/hook-weight", weight),
    ]
}
