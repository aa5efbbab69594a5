//! Lists in a strategic merge patch: those whose elements have a key, those of scalars, and those that are replaced.

use std::mem::discriminant;

use serde_json::Value;

use super::directives::{self, Patch};
use super::keys::{Field, Fields, Strategy};
use super::order::{Identify, Item, arrange};
use super::path::Path;
use super::problem::{MergeError, MergeProblem};
use super::strategic;
use super::tree::{Content, MergeTree};

/// A list where the original has none, or one that is replaced.
pub(super) fn fresh<O: Clone>(
    elements: Vec<MergeTree<O>>,
    field: Field,
    place: &Path,
) -> Result<Vec<MergeTree<O>>, MergeError> {
    let mut kept = Vec::new();
    for (index, mut element) in elements.into_iter().enumerate() {
        let here = place.index(index);
        let directive = match &mut element.content {
            Content::Map(map) => directives::take_patch(map, &here)?,
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) | Content::List(_) => None,
        };
        match (directive, field.strategy) {
            (None, _) => kept.extend(strategic::fresh(element, field.inside.element(), &here)?),
            // There is nothing to delete or to replace, and the element is no more than its directive.
            (Some(_), Strategy::Keyed(_)) => {}
            (Some(_), _) => return Err(MergeProblem::PatchInWholeList.at(&here)),
        }
    }
    Ok(kept)
}

/// Merges lists of maps that a key tells apart. Of several elements with the same key, the first is meant.
pub(super) fn merge_keyed<O: Clone>(
    original: Vec<MergeTree<O>>,
    patch: Vec<MergeTree<O>>,
    key: &'static str,
    fields: Fields,
    place: &Path,
) -> Result<Vec<MergeTree<O>>, MergeError> {
    let patch = KeyedPatch::read(patch, key, place)?;
    if patch.replaces {
        return replace_keyed(patch.elements, fields, place);
    }
    let mut merged = original_items(original, Identify::By(key), place)?;
    merged.retain(|item| !patch.deleted.contains(&item.identity));
    let original_order: Vec<Value> = merged.iter().map(|item| item.identity.clone()).collect();
    let patch_order: Vec<Value> = patch.elements.iter().map(|(_, item)| item.identity.clone()).collect();
    for (index, item) in patch.elements {
        merge_element(&mut merged, item, fields, &place.index(index))?;
    }
    Ok(arrange(merged, &patch_order, &original_order))
}

/// The elements of the patch alone. Several with the same key stand together, where the first of them stood.
fn replace_keyed<O: Clone>(
    elements: Vec<(usize, Item<O>)>,
    fields: Fields,
    place: &Path,
) -> Result<Vec<MergeTree<O>>, MergeError> {
    let order: Vec<Value> = elements.iter().map(|(_, item)| item.identity.clone()).collect();
    let mut replaced = Vec::new();
    for (index, item) in elements {
        let tree = strategic::fresh(item.tree, fields.element(), &place.index(index))?;
        replaced.extend(tree.map(|tree| Item { identity: item.identity, tree }));
    }
    Ok(arrange(replaced, &[], &order))
}

fn merge_element<O: Clone>(
    merged: &mut Vec<Item<O>>,
    new: Item<O>,
    fields: Fields,
    place: &Path,
) -> Result<(), MergeError> {
    let Some(position) = merged.iter().position(|item| item.identity == new.identity) else {
        let added = strategic::fresh(new.tree, fields.element(), place)?;
        merged.extend(added.map(|tree| Item { identity: new.identity, tree }));
        return Ok(());
    };
    let old = merged.remove(position);
    if let Some(tree) = strategic::merge_values(Some(old.tree), new.tree, fields.element(), place)? {
        merged.insert(position, Item { identity: old.identity, tree });
    }
    Ok(())
}

/// Merges lists of scalars: what the patch names is there once, and is the patch's.
pub(super) fn merge_set<O>(
    original: Vec<MergeTree<O>>,
    patch: Vec<MergeTree<O>>,
    place: &Path,
) -> Result<Vec<MergeTree<O>>, MergeError> {
    check_one_type(original.iter().chain(&patch), place)?;
    let original_order = Identify::Itself.identities(&original, place)?;
    let patch_order = Identify::Itself.identities(&patch, place)?;
    let mut merged: Vec<Item<O>> = Vec::new();
    let patch = Identify::Itself.items(patch, place)?;
    let kept =
        Identify::Itself.items(original, place)?.into_iter().filter(|item| !patch_order.contains(&item.identity));
    for item in kept.collect::<Vec<_>>().into_iter().chain(patch) {
        if !merged.iter().any(|other| other.identity == item.identity) {
            merged.push(item);
        }
    }
    Ok(arrange(merged, &patch_order, &original_order))
}

/// Whether a list has an element that is the same scalar.
pub(super) fn has_scalar<O>(list: &[MergeTree<O>], wanted: &MergeTree<O>) -> bool {
    list.iter().any(|element| element.is_scalar() && element.to_value() == wanted.to_value())
}

/// Refuses lists of more than one type of scalar. Source: `sliceElementType`, for which 1 and 1.0 are two types.
pub(super) fn check_one_type<'a, O: 'a>(
    elements: impl Iterator<Item = &'a MergeTree<O>>,
    place: &Path,
) -> Result<(), MergeError> {
    let mut first = None;
    for element in elements {
        let is_float = matches!(&element.content, Content::Number(number) if number.is_f64());
        let kind = (discriminant(&element.content), is_float);
        if !element.is_scalar() || element.is_null() || *first.get_or_insert(kind) != kind {
            return Err(MergeProblem::MixedList.at(place));
        }
    }
    Ok(())
}

/// The elements of a list with keys, in a patch.
struct KeyedPatch<O> {
    replaces: bool,
    deleted: Vec<Value>,
    elements: Vec<(usize, Item<O>)>,
}

impl<O> KeyedPatch<O> {
    fn read(patch: Vec<MergeTree<O>>, key: &'static str, place: &Path) -> Result<Self, MergeError> {
        let mut read = Self { replaces: false, deleted: Vec::new(), elements: Vec::new() };
        for (index, mut tree) in patch.into_iter().enumerate() {
            let here = place.index(index);
            let Content::Map(map) = &mut tree.content else { return Err(MergeProblem::NotAMap(key).at(&here)) };
            match directives::take_patch(map, &here)? {
                Some(Patch::Replace) => read.replaces = true,
                Some(Patch::Delete) => read.deleted.push(Identify::By(key).identity(&tree, &here)?),
                None => {
                    let identity = Identify::By(key).identity(&tree, &here)?;
                    read.elements.push((index, Item { identity, tree }));
                }
            }
        }
        Ok(read)
    }
}

fn original_items<O>(list: Vec<MergeTree<O>>, by: Identify, place: &Path) -> Result<Vec<Item<O>>, MergeError> {
    by.items(list, place).map_err(broken(place))
}

/// An element of the original is meant, not of the patch.
pub(super) fn broken(place: &Path) -> impl Fn(MergeError) -> MergeError {
    |_| MergeProblem::BrokenOriginal.at(place)
}
