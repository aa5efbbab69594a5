//! Any object of a cluster, of a kind that k8s-openapi knows or not, and the YAML of several.

use std::collections::BTreeMap;

use k8s_openapi::Resource;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::components::Component;

/// When an object is applied. The objects of a phase are ready before those of the next one are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The namespace, accounts, rights, configuration, network policies.
    Configuration,
    /// The authority and the leaves.
    Certificates,
    /// PostgreSQL.
    Database,
    /// Backstage.
    Backstage,
    /// What needs a running stack: the rotation's schedule, the way in, monitoring.
    Rest,
}

impl Phase {
    /// In their order.
    pub const ALL: [Self; 5] = [Self::Configuration, Self::Certificates, Self::Database, Self::Backstage, Self::Rest];
}

/// An object of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    value: Value,
    component: Component,
    phase: Phase,
}

impl Object {
    /// From a type of Kubernetes itself.
    pub fn of<T: Resource + Serialize>(object: &T, component: Component, phase: Phase) -> Self {
        // These types are maps with texts as keys, which JSON can always hold.
        Self::from_value(serde_json::to_value(object).unwrap_or_default(), component, phase)
    }

    /// From JSON, for kinds that Kubernetes itself does not have.
    pub const fn from_value(value: Value, component: Component, phase: Phase) -> Self {
        Self { value, component, phase }
    }

    /// `apps/v1`.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// `Deployment`.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Its namespace; `None` for what belongs to the whole cluster.
    pub fn namespace(&self) -> Option<&str> {
        self.value.pointer("/metadata/namespace").and_then(Value::as_str)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// The part of the stack that it belongs to.
    pub const fn component(&self) -> Component {
        self.component
    }

    /// When it is applied.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether it holds what cannot be made again: [`is_kept`].
    pub fn is_kept(&self) -> bool {
        self.api_version() == "v1" && is_kept("", self.kind())
    }

    /// The object itself.
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// The same part of the stack in the same phase, with another content: after a raw layer was merged.
    #[must_use]
    pub fn with_value(self, value: Value) -> Self {
        Self { value, ..self }
    }

    /// The same object, applied at another time.
    #[must_use]
    pub fn in_phase(self, phase: Phase) -> Self {
        Self { phase, ..self }
    }

    /// `Deployment backstage/backstage`.
    pub fn title(&self) -> String {
        match self.namespace() {
            Some(namespace) => format!("{} {namespace}/{}", self.kind(), self.name()),
            None => format!("{} {}", self.kind(), self.name()),
        }
    }

    fn text(&self, pointer: &str) -> &str {
        self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// `apiVersion`, `kind` and `metadata` first, everything else by its name: the same object is always the same text.
impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const FIRST: [&str; 3] = ["apiVersion", "kind", "metadata"];
        let Value::Object(map) = &self.value else { return Sorted(&self.value).serialize(serializer) };
        let mut written = serializer.serialize_map(Some(map.len()))?;
        for key in FIRST {
            if let Some(value) = map.get(key) {
                written.serialize_entry(key, &Sorted(value))?;
            }
        }
        let others: BTreeMap<&String, &Value> = map.iter().filter(|(key, _)| !FIRST.contains(&key.as_str())).collect();
        for (key, value) in others {
            written.serialize_entry(key, &Sorted(value))?;
        }
        written.end()
    }
}

/// JSON whose maps are written by the names of their keys, whatever order `serde_json` keeps.
struct Sorted<'a>(&'a Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => {
                let sorted: BTreeMap<&String, Sorted<'_>> =
                    map.iter().map(|(key, value)| (key, Sorted(value))).collect();
                sorted.serialize(serializer)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Sorted)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.0.serialize(serializer),
        }
    }
}

/// Objects, or other documents, as one YAML stream.
pub fn yaml<T: Serialize>(objects: &[T]) -> Result<String, serde_saphyr::ser::Error> {
    let documents: Result<Vec<String>, _> = objects.iter().map(serde_saphyr::to_string).collect();
    let documents: Vec<String> = documents?.iter().map(|document| format!("{}\n", document.trim_end())).collect();
    Ok(documents.join("---\n"))
}

/// Whether an object of this group and kind holds what cannot be made again. No tool deletes it, unless a person names it: the
/// namespace takes the volumes and the authority with it.
pub fn is_kept(group: &str, kind: &str) -> bool {
    group.is_empty() && ["PersistentVolumeClaim", "Secret", "Namespace"].contains(&kind)
}

/// A text inside of an object; empty where there is none.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
