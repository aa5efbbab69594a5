//! Layers above each other.

use std::collections::BTreeMap;

use crate::layers::path::{FieldPath, Segment};
use crate::layers::tree::{Branch, Tree, TreeValue};

/// What becomes of a list that a higher layer gives, too: path, lower list, upper list. Kubernetes merges some of them.
pub type ListRule<'a> = &'a dyn Fn(&FieldPath, Vec<Tree>, Vec<Tree>) -> Vec<Tree>;

/// The rule of most documents: the upper list replaces the lower one.
pub fn replace(_: &FieldPath, _: Vec<Tree>, upper: Vec<Tree>) -> Vec<Tree> {
    upper
}

/// Puts one layer above another: maps are merged by key, lists by the rule, anything else is replaced. A null deletes, and stays
/// in the tree so that [`crate::layers::explain`] can tell who deleted; reading and conversion take it as absent.
#[must_use]
pub fn merge(lower: Tree, upper: Tree, lists: ListRule<'_>) -> Tree {
    merge_at(&mut Vec::new(), lower, upper, lists)
}

fn merge_at(path: &mut Vec<Segment>, lower: Tree, upper: Tree, lists: ListRule<'_>) -> Tree {
    let Tree { value: lower_value, origin: lower_origin, mut overridden } = lower;
    let Tree { value, origin, overridden: also_overridden } = upper;
    let value = match (lower_value, value) {
        // An empty map overrides nothing, and is overridden without a trace.
        (TreeValue::Map(lower), TreeValue::Map(upper)) if upper.is_empty() => {
            return Tree { value: TreeValue::Map(lower), origin: lower_origin, overridden };
        }
        (TreeValue::Map(lower), value) if lower.is_empty() && matches!(value, TreeValue::Map(_)) => {
            return Tree { value, origin, overridden: also_overridden };
        }
        (TreeValue::Map(lower), TreeValue::Map(upper)) => TreeValue::Map(merge_maps(path, lower, upper, lists)),
        (TreeValue::List(lower), TreeValue::List(upper)) => {
            TreeValue::List(lists(&FieldPath::from(path.clone()), lower, upper))
        }
        (_, value) => value,
    };
    overridden.push(lower_origin);
    overridden.extend(also_overridden);
    Tree { value, origin, overridden }
}

fn merge_maps(
    path: &mut Vec<Segment>,
    mut lower: BTreeMap<String, Branch>,
    upper: BTreeMap<String, Branch>,
    lists: ListRule<'_>,
) -> BTreeMap<String, Branch> {
    for (name, branch) in upper {
        let merged = match lower.remove(&name) {
            None => branch,
            Some(below) => {
                path.push(Segment::Name(name.clone()));
                let tree = merge_at(path, below.tree, branch.tree, lists);
                path.pop();
                Branch { key: branch.key, tree }
            }
        };
        lower.insert(name, merged);
    }
    lower
}
