//! The document while it is made.

use serde_json::{Map, Value, json};

use crate::components::common::BACKSTAGE;
use crate::import::{Imported, LeftOut};
use crate::settings::app_config::literal_secrets;

/// The document, the raw layer and the list so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    document: Map<String, Value>,
    pod: Map<String, Value>,
    template: Map<String, Value>,
    objects: Vec<Value>,
    left: Vec<LeftOut>,
}

impl Draft {
    /// Sets a value at a path of names, as `database.storage.size`.
    pub(super) fn set(&mut self, path: &str, value: Value) {
        set(&mut self.document, path, value);
    }

    /// Appends to a list.
    pub(super) fn push(&mut self, path: &str, value: Value) {
        let pointer = format!("/{}", path.replace('.', "/"));
        let mut document = Value::Object(std::mem::take(&mut self.document));
        let mut items = match document.pointer_mut(&pointer) {
            Some(Value::Array(items)) => std::mem::take(items),
            _ => Vec::new(),
        };
        items.push(value);
        if let Value::Object(map) = document {
            self.document = map;
        }
        self.set(path, Value::Array(items));
    }

    /// A field of Backstage's pod, for the raw layer.
    pub(super) fn pod(&mut self, field: &str, value: Value) {
        self.pod.insert(field.to_owned(), value);
    }

    /// Annotations or labels of Backstage's pod, for the raw layer.
    pub(super) fn pod_metadata(&mut self, field: &str, value: Value) {
        self.template.insert(field.to_owned(), value);
    }

    /// An object of its own, for the raw layer.
    pub(super) fn object(&mut self, value: Value) {
        self.objects.push(value);
    }

    pub(super) fn leave(&mut self, place: &str, reason: impl Into<String>) {
        self.left.push(LeftOut { place: place.to_owned(), reason: reason.into() });
    }

    /// A layer of app-config. What the stack sets by itself and secrets in plain words stay behind.
    pub(super) fn app_config(&mut self, place: &str, mut layer: Value) {
        if !layer.is_object() {
            self.leave(place, "an app-config is a map");
            return;
        }
        if let Some(Value::Object(backend)) = layer.get_mut("backend")
            && backend.remove("database").is_some()
        {
            let reason = "the stack writes the database block: Backstage logs in with its client certificate";
            self.leave(&format!("{place}.backend.database"), reason);
        }
        for path in literal_secrets("", &layer) {
            let path = path.trim_start_matches('.');
            let reason =
                "a secret in plain words: keep it in a Secret, name that in backstage.env, and write ${NAME} here";
            self.leave(&format!("{place}.{path}"), reason);
            forget(&mut layer, path);
        }
        if layer.as_object().is_some_and(|map| !map.is_empty()) {
            self.push("backstage.appConfig", json!({ "inline": layer }));
        }
    }

    pub(super) fn finish(self) -> Imported {
        let mut document = Map::new();
        document.insert("apiVersion".to_owned(), json!("newleaf.dev/v1alpha1"));
        document.insert("kind".to_owned(), json!("Stack"));
        document.extend(self.document);
        let mut raw = Vec::new();
        let mut template = Map::new();
        if !self.template.is_empty() {
            template.insert("metadata".to_owned(), Value::Object(self.template));
        }
        if !self.pod.is_empty() {
            template.insert("spec".to_owned(), Value::Object(self.pod));
        }
        if !template.is_empty() {
            raw.push(json!({
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": { "name": BACKSTAGE },
                "spec": { "template": template },
            }));
        }
        raw.extend(self.objects);
        let mut left = self.left;
        left.sort();
        Imported { document: Value::Object(document), raw, left }
    }
}

fn set(map: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((name, below)) = path.split_once('.') else {
        map.insert(path.to_owned(), value);
        return;
    };
    let entry = map.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = entry {
        set(inner, below, value);
    }
}

/// Removes the value of a path as problems write it: `integrations.github[0].token`.
fn forget(value: &mut Value, path: &str) {
    let pointer = path.replace('[', ".").replace(']', "");
    let Some((parent, name)) = pointer.rsplit_once('.') else {
        if let Value::Object(map) = value {
            map.remove(path);
        }
        return;
    };
    if let Some(Value::Object(map)) = value.pointer_mut(&format!("/{}", parent.replace('.', "/"))) {
        map.remove(name);
    }
}

/// Takes the value of a path of names out of a tree, so that what remains is what was not taken.
pub(super) fn take(value: &mut Value, path: &str) -> Option<Value> {
    let map = value.as_object_mut()?;
    match path.split_once('.') {
        None => map.remove(path),
        Some((name, below)) => {
            let inner = map.get_mut(name)?;
            let taken = take(inner, below);
            if inner.as_object().is_some_and(Map::is_empty) {
                map.remove(name);
            }
            taken
        }
    }
}

/// Whether a value says nothing: what a chart writes for "not set".
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The paths of all values below, but not into lists.
pub(super) fn leaves(path: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let below = |key: &String| if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            map.iter().flat_map(|(key, value)| leaves(&below(key), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => vec![path.to_owned()],
    }
}
