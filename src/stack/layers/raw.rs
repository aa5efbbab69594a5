//! Raw layers: partial objects that are merged over the rendered ones, field by field.

use std::path::Path;

use base::layers::origin::Origin;
use base::layers::path::FieldPath;
use base::layers::tree::{Tree, TreeValue};
use base::layers::yaml;
use serde_json::Value;

use crate::components::Component;
use crate::layers::convert::merge_tree;
use crate::layers::placed::PlacedProblem;
use crate::layers::provenance::{Provenance, through};
use crate::merge::object_list::{self, ObjectError};
use crate::merge::path::Path as MergePath;
use crate::merge::tree::MergeTree;
use crate::object::{Object, Phase};

/// The partial objects of one raw layer, in their order.
pub type PartialObjects = Vec<Tree>;
/// Objects, every value with its origin.
pub type TracedObjects = Vec<MergeTree<Origin>>;

/// Kinds that belong to no namespace, as far as a raw layer may add them without naming one.
const CLUSTER_WIDE: [&str; 10] = [
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "PersistentVolume",
    "StorageClass",
    "PriorityClass",
    "IngressClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
];
/// Kinds that others need, so that an added one is applied first.
const NEEDED_FIRST: [&str; 11] = [
    "Namespace",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
];

/// Objects after all raw layers, and what they were after each.
#[derive(Debug, Clone)]
pub struct LayeredObjects {
    /// What is applied.
    pub objects: Vec<Object>,
    /// As they were rendered, then after each layer.
    pub stages: Vec<TracedObjects>,
    /// The layers themselves.
    pub layers: Vec<TracedObjects>,
}

/// Reads a file of a raw layer: one object, several between lines of `---`, or a List.
pub fn parse(path: &Path, text: &str) -> Result<PartialObjects, PlacedProblem> {
    let mut objects = Vec::new();
    for document in documents(text) {
        let tree = yaml::parse(&document, &Origin::file(path))?;
        let is_list = tree.find("kind").and_then(Tree::text) == Some("List");
        match (&tree.value, tree.find("items")) {
            (TreeValue::Null, _) => {}
            (TreeValue::Map(_), Some(items)) if is_list => objects.extend(items.items().iter().cloned()),
            (TreeValue::Map(_), _) => objects.push(tree),
            (TreeValue::Text(_) | TreeValue::Plain { .. } | TreeValue::List(_), _) => {
                let problem = "a raw layer has partial Kubernetes objects: maps with apiVersion and kind".to_owned();
                return Err(PlacedProblem { origin: tree.origin, problem });
            }
        }
    }
    Ok(objects)
}

/// The documents of a text. Each begins with the lines before it, empty, so that its own lines keep their numbers.
fn documents(text: &str) -> Vec<String> {
    let mut documents = Vec::new();
    let mut current = String::new();
    for (number, line) in text.lines().enumerate() {
        if line == "---" || line.starts_with("--- ") {
            documents.push(std::mem::replace(&mut current, "\n".repeat(number.saturating_add(1))));
        } else {
            current.push_str(line);
            current.push('\n');
        }
    }
    documents.push(current);
    documents.retain(|document| document.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#')));
    documents
}

/// Merges the layers over the rendered objects, the lowest first. What a layer adds gets the namespace of the stack.
pub fn apply(rendered: &[Object], layers: &[PartialObjects], namespace: &str) -> Result<LayeredObjects, PlacedProblem> {
    let mut stages: Vec<TracedObjects> =
        vec![rendered.iter().map(|object| MergeTree::from_value(object.value().clone(), &Origin::Default)).collect()];
    let layers: Vec<TracedObjects> = layers.iter().map(|layer| layer.iter().map(merge_tree).collect()).collect();
    for partial in &layers {
        let below = stages.last().cloned().unwrap_or_default();
        let merged = object_list::merge(below, partial.clone()).map_err(|error| refuse(partial, &error))?;
        stages.push(merged);
    }
    let last = stages.last().map(Vec::as_slice).unwrap_or_default();
    let mut objects: Vec<Object> = last.iter().map(|tree| object(rendered, tree, namespace)).collect();
    objects.sort_by_key(Object::phase);
    Ok(LayeredObjects { objects, stages, layers })
}

/// The object of a tree: in the component and the phase of the rendered one that it was, if it was one.
fn object(rendered: &[Object], tree: &MergeTree<Origin>, namespace: &str) -> Object {
    let value = tree.to_value();
    let name = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let identity = |value: &Value| {
        ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"].map(|pointer| name(value, pointer))
    };
    match rendered.iter().find(|object| identity(object.value()) == identity(&value)) {
        Some(known) => known.clone().with_value(value),
        None => added(value, namespace),
    }
}

fn added(mut value: Value, namespace: &str) -> Object {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !CLUSTER_WIDE.contains(&kind.as_str())
        && let Some(Value::Object(metadata)) = value.get_mut("metadata")
    {
        metadata.entry("namespace").or_insert_with(|| namespace.into());
    }
    let phase = if NEEDED_FIRST.contains(&kind.as_str()) { Phase::Configuration } else { Phase::Rest };
    Object::from_value(value, Component::Added, phase)
}

impl LayeredObjects {
    /// Where a value of an object comes from; `None` where there is no such value.
    pub fn explain(&self, kind: &str, name: &str, path: &FieldPath) -> Option<Provenance> {
        let find = |objects: &TracedObjects| objects.iter().position(|object| is_named(object, kind, name));
        let mut stages = self.stages.iter().map(|stage| find(stage).and_then(|index| stage.get(index)));
        let rendered = stages.next()?;
        let over =
            stages.zip(&self.layers).map(|(stage, layer)| (stage, find(layer).and_then(|index| layer.get(index))));
        through(std::iter::once((rendered, None)).chain(over), path)
    }

    /// The name of the object as it is rendered, where kind and name are written in another case; `None` where there is none.
    pub fn find(&self, kind: &str, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.kind().eq_ignore_ascii_case(kind) && object.name() == name)
    }
}

/// Whether it is the object of a kind and a name; a partial one may leave the name out.
pub fn is_named(object: &MergeTree<Origin>, kind: &str, name: &str) -> bool {
    object.text(&["kind"]).is_some_and(|own| own.eq_ignore_ascii_case(kind))
        && object.text(&["metadata", "name"]).is_none_or(|own| own == name)
}

/// Where a layer does not fit: the partial object, or the field of it that cannot be merged.
fn refuse(layer: &[MergeTree<Origin>], error: &ObjectError) -> PlacedProblem {
    let (position, path) = match error {
        ObjectError::Merge { position, source, .. } => (*position, Some(&source.path)),
        ObjectError::Unnamed { position, .. }
        | ObjectError::Ambiguous { position, .. }
        | ObjectError::OtherVersion { position, .. }
        | ObjectError::NothingToDelete { position, .. } => (*position, None),
    };
    let origin = layer.get(position).map(|tree| deepest(tree, path)).cloned().unwrap_or_default();
    PlacedProblem { origin, problem: error.to_string() }
}

/// The origin of the value at a path, or of the nearest one above it.
pub(super) fn deepest<'a>(tree: &'a MergeTree<Origin>, path: Option<&MergePath>) -> &'a Origin {
    let mut steps: Vec<_> = path.map(|path| path.steps().to_vec()).unwrap_or_default();
    loop {
        if let Some(found) = tree.at(&steps.iter().cloned().collect()) {
            return &found.origin;
        }
        if steps.pop().is_none() {
            return &tree.origin;
        }
    }
}
