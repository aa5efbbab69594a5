//! JSON merge patch (RFC 7386), with origins: for custom resources, whose fields Kubernetes' own types do not describe.

use super::tree::{Content, Map, Tree};

/// Merges a patch into a document. As the RFC has it: maps by key, `null` deletes, everything else replaces.
pub fn merge<O>(original: Tree<O>, patch: Tree<O>) -> Tree<O> {
    match (original.content, patch.content) {
        (Content::Map(old), Content::Map(new)) => Tree::map(original.origin, merge_fields(old, new)),
        (_, Content::Map(new)) => Tree::map(patch.origin, merge_fields(Map::new(), new)),
        (_, content) => Tree { origin: patch.origin, content },
    }
}

fn merge_fields<O>(mut original: Map<O>, patch: Map<O>) -> Map<O> {
    for (key, value) in patch {
        let old = original.remove(&key);
        let merged = match (old, value) {
            (_, Tree { content: Content::Null, .. }) => continue,
            (Some(old), new) => merge(old, new),
            (None, Tree { origin, content: Content::Map(new) }) => Tree::map(origin, merge_fields(Map::new(), new)),
            (None, new) => new,
        };
        original.insert(key, merged);
    }
    original
}
