//! Where a value of an object or of the app-config comes from, and what it overrode.

use base::layers::origin::Origin;
use base::layers::path::{FieldPath, Segment};
use base::layers::tree::{Tree, TreeValue};
use serde_json::Value;

use crate::layers::convert::merge_path;
use crate::layers::document::LayeredDocument;
use crate::layers::raw::deepest;
use crate::merge::tree::MergeTree;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// The value that holds; `None` where a layer deletes it.
    pub value: Option<Value>,
    /// Where it was given. A value that is rendered has the default's origin.
    pub origin: Origin,
    /// Where the values were given that it replaced, the lowest first.
    pub overridden: Vec<Origin>,
}

/// A value through the stages of a merge, the first without any layer. Each stage comes with the layer that made it.
/// `None` where no stage has the value.
pub fn through<'a>(
    stages: impl Iterator<Item = (Option<&'a MergeTree<Origin>>, Option<&'a MergeTree<Origin>>)>,
    path: &FieldPath,
) -> Option<Provenance> {
    let path = merge_path(path);
    let mut found: Option<Provenance> = None;
    for (stage, layer) in stages {
        let here = stage.and_then(|tree| tree.at(&path));
        found = match (here, found) {
            (Some(tree), None) => Some(given(tree, Vec::new())),
            // Untouched. A layer that says the same holds from then on.
            (Some(tree), Some(before)) if is_same(tree, &before) => Some(before),
            (Some(tree), Some(before)) => Some(given(tree, over(before))),
            (None, Some(before)) if before.value.is_some() => {
                let origin = layer.map(|layer| deepest(layer, Some(&path)).clone()).unwrap_or_default();
                Some(Provenance { value: None, origin, overridden: over(before) })
            }
            (None, before) => before,
        };
    }
    found
}

fn is_same(tree: &MergeTree<Origin>, before: &Provenance) -> bool {
    tree.origin == before.origin && before.value.as_ref() == Some(&tree.to_value())
}

fn given(tree: &MergeTree<Origin>, overridden: Vec<Origin>) -> Provenance {
    Provenance { value: Some(tree.to_value()), origin: tree.origin.clone(), overridden }
}

fn over(before: Provenance) -> Vec<Origin> {
    let mut overridden = before.overridden;
    overridden.push(before.origin);
    overridden
}

/// The keys of the document that a rendered value follows from: without one of them, `render` gives another value.
pub fn sources<V: PartialEq>(
    document: &LayeredDocument,
    render: impl Fn(&LayeredDocument) -> Option<V>,
) -> Vec<(FieldPath, Origin)> {
    let whole = render(document);
    let mut sources = Vec::new();
    for (path, _, given) in document.tree.places() {
        let is_leaf = !matches!(given.value, TreeValue::Map(_) | TreeValue::Null);
        let is_in_list = path.segments().iter().any(|segment| matches!(segment, Segment::Index(_)));
        if !is_leaf || is_in_list {
            continue;
        }
        let mut tree = document.tree.clone();
        remove(&mut tree, path.segments());
        let Ok(without) = LayeredDocument::read(vec![tree]) else { continue };
        if render(&without) != whole {
            sources.push((path, given.origin.clone()));
        }
    }
    sources
}

fn remove(tree: &mut Tree, path: &[Segment]) {
    let (TreeValue::Map(branches), [Segment::Name(name), below @ ..]) = (&mut tree.value, path) else { return };
    if below.is_empty() {
        branches.remove(name);
    } else if let Some(branch) = branches.get_mut(name) {
        remove(&mut branch.tree, below);
    }
}
