//! Finds pods and containers in objects.

use serde_json::Value;

use crate::object::Object;

/// A pod, or the template of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PodPart<'a> {
    /// The object that it stands in.
    pub(crate) object: &'a Object,
    /// Its labels.
    pub(crate) labels: Option<&'a Value>,
    /// Its `spec`.
    pub(crate) spec: &'a Value,
}

/// Every pod of the objects.
pub(crate) fn pods(objects: &[Object]) -> Vec<PodPart<'_>> {
    objects.iter().filter_map(pod).collect()
}

fn pod(object: &Object) -> Option<PodPart<'_>> {
    let path = match object.kind() {
        "Pod" => "",
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => "/spec/template",
        "CronJob" => "/spec/jobTemplate/spec/template",
        _ => return None,
    };
    let part = object.value().pointer(path)?;
    Some(PodPart { object, labels: part.pointer("/metadata/labels"), spec: part.get("spec")? })
}

/// The containers of a pod, those that run before it first.
pub(crate) fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    ["initContainers", "containers"].into_iter().flat_map(move |key| items(spec, key))
}

/// The items of a list; none where there is no list.
pub(crate) fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Whether each label of a selector is among the labels.
pub(crate) fn selects(selector: &Value, labels: Option<&Value>) -> bool {
    let Some(wanted) = selector.as_object() else { return false };
    !wanted.is_empty() && wanted.iter().all(|(name, value)| labels.and_then(|labels| labels.get(name)) == Some(value))
}
