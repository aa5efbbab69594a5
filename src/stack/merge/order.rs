//! The order of merged lists. Source: `normalizeElementOrder` and `mergeSortedSlice` of Kubernetes' `strategicpatch`.

use serde_json::Value;

use super::path::Path;
use super::problem::{MergeError, MergeProblem};
use super::tree::{Content, MergeTree};

/// How the elements of a list are told apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Identify {
    /// Maps, by the value of a key.
    By(&'static str),
    /// Scalars, each by itself.
    Itself,
}

impl Identify {
    /// What tells the element from others: a scalar, never null.
    pub(super) fn identity<O>(self, element: &MergeTree<O>, place: &Path) -> Result<Value, MergeError> {
        match self {
            Self::Itself if is_set(element) => Ok(element.to_value()),
            Self::Itself => Err(MergeProblem::MixedList.at(place)),
            Self::By(key) => {
                let Content::Map(map) = &element.content else { return Err(MergeProblem::NotAMap(key).at(place)) };
                match map.get(key) {
                    Some(value) if is_set(value) => Ok(value.to_value()),
                    _ => Err(MergeProblem::NoMergeKey(key).at(place)),
                }
            }
        }
    }

    /// All elements of a list with what tells them apart.
    pub(super) fn items<O>(self, list: Vec<MergeTree<O>>, place: &Path) -> Result<Vec<Item<O>>, MergeError> {
        let mut items = Vec::new();
        for (index, tree) in list.into_iter().enumerate() {
            items.push(Item { identity: self.identity(&tree, &place.index(index))?, tree });
        }
        Ok(items)
    }

    /// What tells the elements of a list apart.
    pub(super) fn identities<O>(self, list: &[MergeTree<O>], place: &Path) -> Result<Vec<Value>, MergeError> {
        let mut identities = Vec::new();
        for (index, tree) in list.iter().enumerate() {
            identities.push(self.identity(tree, &place.index(index))?);
        }
        Ok(identities)
    }
}

/// An element and what tells it from others.
#[derive(Debug)]
pub(super) struct Item<O> {
    pub(super) identity: Value,
    pub(super) tree: MergeTree<O>,
}

/// Arranges a merged list. Elements that the patch names have its order among each other, the others that of the original;
/// the two are put together in the original's order as far as it tells.
pub(super) fn arrange<O>(merged: Vec<Item<O>>, patch: &[Value], original: &[Value]) -> Vec<MergeTree<O>> {
    let (mut named, mut kept): (Vec<_>, Vec<_>) = merged.into_iter().partition(|item| patch.contains(&item.identity));
    named.sort_by_key(|item| position(patch, item));
    kept.sort_by_key(|item| position(original, item));
    let (mut named, mut kept) = (named.into_iter().peekable(), kept.into_iter().peekable());
    let mut arranged = Vec::new();
    loop {
        let next = match (kept.peek(), named.peek()) {
            (Some(one), Some(other)) if comes_before(one, other, original) => kept.next(),
            (_, Some(_)) => named.next(),
            (Some(_), None) => kept.next(),
            (None, None) => return arranged,
        };
        arranged.extend(next.map(|item| item.tree));
    }
}

fn position<O>(order: &[Value], item: &Item<O>) -> usize {
    order.iter().position(|identity| *identity == item.identity).unwrap_or(usize::MAX)
}

/// Whether both are in the order, and the one before the other.
fn comes_before<O>(one: &Item<O>, other: &Item<O>, order: &[Value]) -> bool {
    let (one, other) = (position(order, one), position(order, other));
    one < other && other != usize::MAX
}

fn is_set<O>(tree: &MergeTree<O>) -> bool {
    tree.is_scalar() && !tree.is_null()
}
