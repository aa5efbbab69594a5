//! The ownership of fields (Kubernetes, "Server-Side Apply"): from one manager to another, without a change of any value. Pure.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{FieldsV1, ManagedFieldsEntry};
use serde_json::{Map, Value, json};
use stack::checksum::REFERENCES;

/// The operation of a manager that owns what it applied.
const APPLY: &str = "Apply";
/// Where only newleaf-deploy can know the value: the tool's files are made without asking a cluster. If the tool owned the field, its
/// next apply would take it away, and the pods would be replaced.
const KEPT: [&str; 4] = ["f:spec", "f:template", "f:metadata", "f:annotations"];

/// The managers of an object after what `from` wrote became what `to` applied; `None` where `from` wrote nothing. With `keeps` each of
/// `from` still owns what only newleaf-deploy can know.
pub(super) fn moved(
    entries: &[ManagedFieldsEntry],
    from: &[&str],
    to: &str,
    keeps: bool,
) -> Option<Vec<ManagedFieldsEntry>> {
    let is_of = |entry: &ManagedFieldsEntry, manager: &str| {
        entry.manager.as_deref() == Some(manager) && entry.subresource.as_deref().unwrap_or_default().is_empty()
    };
    let (taken, mut left): (Vec<ManagedFieldsEntry>, Vec<ManagedFieldsEntry>) =
        entries.iter().cloned().partition(|entry| from.iter().any(|manager| is_of(entry, manager)));
    if taken.is_empty() {
        return None;
    }
    for mut entry in taken {
        if keeps {
            left.extend(split(&mut entry));
        }
        let into = left.iter_mut().find(|other| {
            is_of(other, to) && other.operation.as_deref() == Some(APPLY) && other.api_version == entry.api_version
        });
        if let Some(into) = into {
            if let (Some(into), Some(fields)) = (&mut into.fields_v1, &entry.fields_v1) {
                unite(&mut into.0, &fields.0);
            }
        } else {
            let (manager, operation) = (Some(to.to_owned()), Some(APPLY.to_owned()));
            left.push(ManagedFieldsEntry { manager, operation, ..entry });
        }
    }
    Some(left)
}

/// Takes what is kept out of an entry, as an entry of its own.
fn split(entry: &mut ManagedFieldsEntry) -> Option<ManagedFieldsEntry> {
    let key = format!("f:{REFERENCES}");
    let fields = entry.fields_v1.as_mut()?;
    let annotations = KEPT.iter().try_fold(&mut fields.0, |fields, name| fields.get_mut(*name))?;
    let value = annotations.as_object_mut()?.remove(&key)?;
    let mut fields = json!({ key: value });
    for name in KEPT.iter().rev() {
        fields = json!({ *name: fields });
    }
    Some(ManagedFieldsEntry { fields_v1: Some(FieldsV1(fields)), ..entry.clone() })
}

/// Both sets of fields.
fn unite(into: &mut Value, other: &Value) {
    if let (Value::Object(into), Value::Object(other)) = (into, other) {
        for (name, fields) in other {
            unite(into.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())), fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &str, operation: &str, fields: &Value) -> ManagedFieldsEntry {
        ManagedFieldsEntry {
            manager: Some(manager.to_owned()),
            operation: Some(operation.to_owned()),
            api_version: Some("apps/v1".to_owned()),
            fields_type: Some("FieldsV1".to_owned()),
            fields_v1: Some(FieldsV1(fields.clone())),
            ..ManagedFieldsEntry::default()
        }
    }

    #[test]
    fn what_one_manager_applied_another_one_has_applied() {
        let fields = json!({"f:spec": {"f:replicas": {}}});
        let status = ManagedFieldsEntry { subresource: Some("status".to_owned()), ..entry("a", "Update", &json!({})) };
        let entries = [entry("a", "Apply", &fields), status.clone()];
        assert_eq!(moved(&entries, &["a"], "b", false), Some(vec![status, entry("b", "Apply", &fields)]));
        assert_eq!(moved(&entries, &["c"], "b", false), None);
    }

    #[test]
    fn two_managers_become_one_that_owns_the_fields_of_both() {
        let entries = [
            entry("b", "Apply", &json!({"f:spec": {"f:replicas": {}}})),
            entry("a", "Update", &json!({"f:spec": {"f:paused": {}}, "f:metadata": {"f:labels": {".": {}}}})),
        ];
        let both = json!({"f:spec": {"f:replicas": {}, "f:paused": {}}, "f:metadata": {"f:labels": {".": {}}}});
        assert_eq!(moved(&entries, &["a"], "b", false), Some(vec![entry("b", "Apply", &both)]));
    }

    #[test]
    fn what_only_the_cluster_knows_stays_with_the_one_who_asked_it() {
        let known = format!("f:{REFERENCES}");
        let of =
            |annotations: &Value| json!({"f:spec": {"f:template": {"f:metadata": {"f:annotations": annotations}}}});
        let entries = [entry("a", "Apply", &of(&json!({"f:other": {}, known.clone(): {}})))];
        let expected =
            vec![entry("a", "Apply", &of(&json!({known: {}}))), entry("b", "Apply", &of(&json!({"f:other": {}})))];
        assert_eq!(moved(&entries, &["a"], "b", true), Some(expected));
    }
}
