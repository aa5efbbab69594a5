//! `$setElementOrder`: a merged list in the order that a patch asks for.

use serde_json::Value;

use super::keys::{Field, Strategy};
use super::lists::{broken, fresh, merge_keyed, merge_set};
use super::order::{Identify, arrange};
use super::path::Path;
use super::problem::{MergeError, MergeProblem};
use super::tree::MergeTree;

/// A list that `$setElementOrder` orders, and what it is called in messages.
pub(super) struct Ordered<'a, O> {
    pub(super) directive: &'a str,
    pub(super) name: &'a str,
    pub(super) field: Field,
    pub(super) order: &'a [MergeTree<O>],
}

/// Merges a list that at least one of both has, and arranges it as asked.
pub(super) fn merge<O: Clone>(
    original: Option<Vec<MergeTree<O>>>,
    patch: Option<Vec<MergeTree<O>>>,
    list: &Ordered<'_, O>,
    place: &Path,
) -> Result<Vec<MergeTree<O>>, MergeError> {
    let by = match list.field.strategy {
        Strategy::Keyed(key) => Identify::By(key),
        Strategy::Set => Identify::Itself,
        Strategy::Default | Strategy::Whole => {
            return Err(MergeProblem::OrderOfWholeList(list.directive.to_owned(), list.name.to_owned()).at(place));
        }
    };
    let malformed =
        |_| MergeProblem::MalformedDirective(list.directive.to_owned(), "the keys of the list's elements").at(place);
    let order = by.identities(list.order, place).map_err(malformed)?;
    let before = by.identities(original.as_deref().unwrap_or_default(), place).map_err(broken(place))?;
    check_order(patch.as_deref().unwrap_or_default(), &order, by, list, place)?;
    if before.is_empty() && patch.as_ref().is_none_or(Vec::is_empty) {
        return Err(MergeProblem::NothingToOrder(list.directive.to_owned()).at(place));
    }
    let original_order = places_after_merge(before, patch.as_deref().unwrap_or_default(), by, place)?;
    let merged = match (original, patch, list.field.strategy) {
        (Some(old), Some(new), Strategy::Keyed(key)) => merge_keyed(old, new, key, list.field.inside, place)?,
        (Some(old), Some(new), _) => merge_set(old, new, place)?,
        (None, Some(new), _) => fresh(new, list.field, place)?,
        (old, None, _) => old.unwrap_or_default(),
    };
    Ok(arrange(by.items(merged, place)?, &order, &original_order))
}

/// Refuses an order that does not name every element which the patch sets, in the patch's order. Source:
/// `validatePatchWithSetOrderList`, which lets an empty order pass, and then reverses the list.
fn check_order<O>(
    patch: &[MergeTree<O>],
    order: &[Value],
    by: Identify,
    list: &Ordered<'_, O>,
    place: &Path,
) -> Result<(), MergeError> {
    let mut order = order.iter();
    for (index, element) in patch.iter().enumerate() {
        match (element.text(&["$patch"]), order.as_slice()) {
            // Other directives than `delete` are passed over while there are keys to come, as Kubernetes does.
            (Some("delete"), _) | (Some(_), [_, ..]) => continue,
            (Some(_), []) => return Err(MergeProblem::OrderDiffers(list.directive.to_owned()).at(place)),
            (None, _) => {}
        }
        let identity = by.identity(element, &place.index(index))?;
        if !order.any(|named| *named == identity) {
            return Err(MergeProblem::OrderDiffers(list.directive.to_owned()).at(place));
        }
    }
    Ok(())
}

/// The order of the original that places the elements which the patch does not name. The first added elements have the
/// places of deleted ones, for Go's slices do: `append` in `mergeSliceWithoutSpecialElements` writes into the array that
/// `mergePatchIntoOriginal` then takes for the original's order.
fn places_after_merge<O>(
    before: Vec<Value>,
    patch: &[MergeTree<O>],
    by: Identify,
    place: &Path,
) -> Result<Vec<Value>, MergeError> {
    let length = before.len();
    let (mut deleted, mut named) = (Vec::new(), Vec::new());
    for (index, element) in patch.iter().enumerate() {
        match element.text(&["$patch"]) {
            Some("delete") => deleted.push(by.identity(element, &place.index(index))?),
            Some(_) => {}
            None => named.push(by.identity(element, &place.index(index))?),
        }
    }
    let mut order: Vec<Value> = before.into_iter().filter(|identity| !deleted.contains(identity)).collect();
    for identity in named {
        if order.len() < length && !order.contains(&identity) {
            order.push(identity);
        }
    }
    Ok(order)
}
