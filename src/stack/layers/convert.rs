//! Between the trees of [`base::layers`] and JSON, and the trees that are merged by Kubernetes' rules.
//!
//! There are two trees because the first keeps a value as it was written (`0600` stays text for a field that takes text) and the
//! second has the values of JSON only, which is what Kubernetes and Backstage compare.

use base::layers::origin::Origin;
use base::layers::path::{FieldPath, Segment};
use base::layers::tree::{Meaning, Tree, TreeValue};
use serde_json::Value;

use crate::merge::path::Path;
use crate::merge::tree::{Content, MergeTree};

/// The merged document as JSON. A null of a map deletes what lower layers give; below a list nothing is merged, so a null there is
/// a value: in an app-config it hides what Backstage's lower layers say.
pub fn document_value(tree: &Tree) -> Value {
    value(tree, true)
}

fn value(tree: &Tree, nulls_delete: bool) -> Value {
    match &tree.value {
        TreeValue::Null => Value::Null,
        TreeValue::Text(text) => Value::String(text.clone()),
        TreeValue::Plain { meaning: Meaning::Bool(is), .. } => Value::Bool(*is),
        TreeValue::Plain { meaning: Meaning::Number(number), .. } => Value::Number(number.clone()),
        TreeValue::List(items) => Value::Array(items.iter().map(|item| value(item, false)).collect()),
        TreeValue::Map(branches) => {
            let kept = branches.iter().filter(|(_, branch)| !nulls_delete || branch.tree.value != TreeValue::Null);
            Value::Object(kept.map(|(key, branch)| (key.clone(), value(&branch.tree, nulls_delete))).collect())
        }
    }
}

/// A layer as it is merged by Kubernetes' or Backstage's rules. Nulls stay: they delete there.
pub fn merge_tree(tree: &Tree) -> MergeTree<Origin> {
    let content = match &tree.value {
        TreeValue::Null => Content::Null,
        TreeValue::Text(text) => Content::Text(text.clone()),
        TreeValue::Plain { meaning: Meaning::Bool(is), .. } => Content::Bool(*is),
        TreeValue::Plain { meaning: Meaning::Number(number), .. } => Content::Number(number.clone()),
        TreeValue::List(items) => Content::List(items.iter().map(merge_tree).collect()),
        TreeValue::Map(branches) => {
            Content::Map(branches.iter().map(|(key, branch)| (key.clone(), merge_tree(&branch.tree))).collect())
        }
    };
    MergeTree { origin: tree.origin.clone(), content }
}

/// A path of the document as a path of what is merged.
pub fn merge_path(path: &FieldPath) -> Path {
    let mut converted = Path::root();
    for segment in path.segments() {
        converted = match segment {
            Segment::Name(name) => converted.key(name),
            Segment::Index(index) => converted.index(*index),
        };
    }
    converted
}
