//! JSON merge patch, with origins: for custom resources, whose fields Kubernetes' own types do not describe.
//!
//! The rules are those of RFC 7386, and of the library that kubectl and the API server use (`evanphx/json-patch`): a `null` in
//! an element of a list deletes, too, though the list is replaced.

use super::directives;
use super::path::Path;
use super::problem::{MergeError, MergeProblem};
use super::tree::{Content, Map, MergeTree};

/// Merges a patch into a document: maps by key, `null` deletes, everything else replaces. Directives of the strategic merge
/// patch are refused, for Kubernetes would leave them in the object.
pub fn merge<O>(original: MergeTree<O>, patch: MergeTree<O>) -> Result<MergeTree<O>, MergeError> {
    merge_values(Some(original), patch, &Path::root())
}

fn merge_values<O>(
    original: Option<MergeTree<O>>,
    patch: MergeTree<O>,
    place: &Path,
) -> Result<MergeTree<O>, MergeError> {
    let MergeTree { origin, content } = patch;
    match content {
        Content::Map(new) => {
            let (origin, old) = match original {
                Some(MergeTree { origin, content: Content::Map(old) }) => (origin, old),
                Some(_) | None => (origin, Map::new()),
            };
            Ok(MergeTree::map(origin, merge_fields(old, new, place)?))
        }
        Content::List(elements) => {
            let mut kept = Vec::new();
            for (index, element) in elements.into_iter().enumerate() {
                kept.push(merge_values(None, element, &place.index(index))?);
            }
            Ok(MergeTree::list(origin, kept))
        }
        scalar @ (Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_)) => {
            Ok(MergeTree { origin, content: scalar })
        }
    }
}

fn merge_fields<O>(mut original: Map<O>, patch: Map<O>, place: &Path) -> Result<Map<O>, MergeError> {
    for (key, value) in patch {
        if directives::is_directive(&key) {
            return Err(MergeProblem::DirectiveInCustomResource(key).at(place));
        }
        let old = original.remove(&key);
        if !value.is_null() {
            let merged = merge_values(old, value, &place.key(&key))?;
            original.insert(key, merged);
        }
    }
    Ok(original)
}
