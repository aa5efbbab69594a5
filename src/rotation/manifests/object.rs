//! Any object of a cluster, when it is applied, and the YAML of several.

use k8s_openapi::Resource;
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// When an object is applied, beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ManifestPhase {
    /// Before the bootstrap Job, which needs it.
    Preparation,
    /// The bootstrap Job.
    Bootstrap,
    /// What works from then on.
    Operation,
}

/// An object of the cluster, of any kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// When it is applied.
    pub phase: ManifestPhase,
    fields: Map<String, Value>,
}

impl Manifest {
    /// An object of a type of Kubernetes.
    pub fn new<T: Resource + Serialize>(phase: ManifestPhase, object: &T) -> Self {
        let fields = match serde_json::to_value(object) {
            Ok(Value::Object(fields)) => fields,
            // A type of Kubernetes is a map with keys of text, so there is nothing that JSON has no form for.
            Ok(_) | Err(_) => Map::new(),
        };
        Self { phase, fields }
    }

    /// Its kind.
    pub fn kind(&self) -> &str {
        self.fields.get("kind").and_then(Value::as_str).unwrap_or_default()
    }

    /// The object as JSON.
    pub fn to_value(&self) -> Value {
        Value::Object(self.fields.clone())
    }

    /// The object as its type; `None` for one of another type.
    pub fn read<T: Resource + DeserializeOwned>(&self) -> Option<T> {
        let version = self.fields.get("apiVersion").and_then(Value::as_str);
        if (version, self.kind()) != (Some(T::API_VERSION), T::KIND) {
            return None;
        }
        serde_json::from_value(Value::Object(self.fields.clone())).ok()
    }

    /// The same with these annotations besides its own.
    #[must_use]
    pub fn annotated<'a>(mut self, annotations: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let added = annotations.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
        if let Some(Value::Object(metadata)) = self.fields.get_mut("metadata")
            && let Value::Object(own) = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()))
        {
            own.extend(added);
        }
        self
    }
}

/// As people write it: version, kind and metadata first.
impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const FIRST: [&str; 3] = ["apiVersion", "kind", "metadata"];
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for name in FIRST {
            if let Some(value) = self.fields.get(name) {
                map.serialize_entry(name, value)?;
            }
        }
        for (name, value) in self.fields.iter().filter(|(name, _)| !FIRST.contains(&name.as_str())) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A `List`, for JSON output.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct List {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Manifest>,
}

impl List {
    /// Collects the objects in one `List`.
    pub const fn new(items: Vec<Manifest>) -> Self {
        Self { api_version: "v1", kind: "List", items }
    }
}

/// The objects as one YAML stream. Text that YAML 1.1 would not read as text (`yes`, `0640`) is quoted.
pub fn yaml(objects: &[Manifest]) -> Result<String, serde_saphyr::ser::Error> {
    let documents: Result<Vec<String>, _> = objects.iter().map(serde_saphyr::to_string).collect();
    let documents: Vec<String> = documents?.iter().map(|document| format!("{}\n", document.trim_end())).collect();
    Ok(documents.join("---\n"))
}
