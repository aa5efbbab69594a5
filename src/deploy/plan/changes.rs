//! Which fields differ.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::plan::desired::APPLIED;

/// What the API server writes by itself, below `metadata`.
const OF_THE_SERVER: [&str; 7] =
    ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink", "deletionTimestamp"];
/// The longest value that is shown.
const SHOWN: usize = 100;

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// `spec.template.spec.containers[backstage].image`
    pub path: String,
    /// What is there; none where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What will be there; none where nothing will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Whether the live object has every field of the desired one. It may have more: defaults, and what others set. Lists have the
/// same length: an element more may be one that another writer added.
pub fn covers(desired: &Value, live: &Value) -> bool {
    match (desired, live) {
        (Value::Object(desired), Value::Object(live)) => {
            desired.iter().all(|(key, value)| value.is_null() || live.get(key).is_some_and(|it| covers(value, it)))
        }
        (Value::Array(desired), Value::Array(live)) => {
            desired.len() == live.len() && desired.iter().zip(live).all(|(desired, live)| covers(desired, live))
        }
        _ => desired == live,
    }
}

/// The fields in which two states of an object differ. Of a Secret only the names of its keys are shown.
pub fn field_changes(before: Option<&Value>, after: Option<&Value>) -> Vec<FieldChange> {
    let kind = after.or(before).and_then(|object| object.get("kind")).and_then(Value::as_str).unwrap_or_default();
    let mut changes = Vec::new();
    compare(&mut changes, "", before, after);
    changes.retain(|change| change.path != "status" && !change.path.starts_with("status."));
    if kind == "Secret" {
        for change in &mut changes {
            mask(change);
        }
    }
    changes
}

fn mask(change: &mut FieldChange) {
    if !["data.", "stringData."].iter().any(|data| change.path.starts_with(data)) {
        return;
    }
    for value in [&mut change.before, &mut change.after] {
        if value.is_some() {
            *value = Some("(hidden)".to_owned());
        }
    }
}

fn compare(changes: &mut Vec<FieldChange>, path: &str, before: Option<&Value>, after: Option<&Value>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(_)) | None, Some(Value::Object(_))) | (Some(Value::Object(_)), None) => {
            let keys: BTreeSet<&String> =
                [before, after].into_iter().flatten().filter_map(Value::as_object).flat_map(|it| it.keys()).collect();
            for key in keys.into_iter().filter(|key| !is_of_the_server(path, key)) {
                let below = |value: Option<&'_ Value>| value.and_then(|value| value.get(key)).cloned();
                compare(changes, &joined(path, key), below(before).as_ref(), below(after).as_ref());
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => compare_lists(changes, path, old, new),
        _ => changes.push(FieldChange { path: path.to_owned(), before: shown(before), after: shown(after) }),
    }
}

/// Elements with a name are compared by it, others by their position.
fn compare_lists(changes: &mut Vec<FieldChange>, path: &str, old: &[Value], new: &[Value]) {
    let labels =
        |list: &[Value]| -> Vec<String> { list.iter().enumerate().map(|(at, value)| label(at, value)).collect() };
    let (old_labels, new_labels) = (labels(old), labels(new));
    let find = |labels: &[String], list: &[Value], wanted: &str| {
        let position = labels.iter().position(|label| label == wanted)?;
        list.get(position).cloned()
    };
    let all: BTreeSet<&String> = old_labels.iter().chain(&new_labels).collect();
    for wanted in all {
        let (before, after) = (find(&old_labels, old, wanted), find(&new_labels, new, wanted));
        compare(changes, &format!("{path}[{wanted}]"), before.as_ref(), after.as_ref());
    }
}

fn label(position: usize, value: &Value) -> String {
    match value.get("name").and_then(Value::as_str) {
        Some(name) => name.to_owned(),
        None => position.to_string(),
    }
}

fn is_of_the_server(path: &str, key: &str) -> bool {
    (path == "metadata" && OF_THE_SERVER.contains(&key)) || (path == "metadata.annotations" && key == APPLIED)
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn shown(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() <= SHOWN {
        return Some(text);
    }
    let start: String = text.chars().take(SHOWN).collect();
    Some(format!("{start}... ({} characters)", text.chars().count()))
}
