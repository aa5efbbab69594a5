//! Lists in a strategic merge patch: those whose elements have a key, those of scalars, and those that are replaced.

use std::mem::discriminant;

use serde_json::Value;

use super::directives::{self, Patch};
use super::keys::{Field, Fields, Strategy};
use super::order::{Identify, Item, arrange};
use super::path::Path;
use super::problem::{MergeError, Problem};
use super::strategic;
use super::tree::{Content, Tree};

/// A list where the original has none, or one that is replaced.
pub(super) fn fresh<O: Clone>(elements: Vec<Tree<O>>, field: Field, path: &Path) -> Result<Vec<Tree<O>>, MergeError> {
    let mut kept = Vec::new();
    for (index, mut element) in elements.into_iter().enumerate() {
        let here = path.index(index);
        let directive = match &mut element.content {
            Content::Map(map) => directives::take_patch(map, &here)?,
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) | Content::List(_) => None,
        };
        match (directive, field.strategy) {
            (None, _) => kept.extend(strategic::fresh(element, field.inside.element(), &here)?),
            // There is nothing to delete or to replace, and the element is no more than its directive.
            (Some(_), Strategy::Keyed(_)) => {}
            (Some(_), _) => return Err(Problem::PatchInWholeList.at(&here)),
        }
    }
    Ok(kept)
}

/// Merges lists of maps that a key tells apart. Of several elements with the same key, the first is meant.
pub(super) fn merge_keyed<O: Clone>(
    original: Vec<Tree<O>>,
    patch: Vec<Tree<O>>,
    key: &'static str,
    fields: Fields,
    path: &Path,
) -> Result<Vec<Tree<O>>, MergeError> {
    let patch = KeyedPatch::read(patch, key, path)?;
    if patch.replaces {
        let mut elements = Vec::new();
        for (index, item) in patch.elements {
            elements.extend(strategic::fresh(item.tree, fields.element(), &path.index(index))?);
        }
        return Ok(elements);
    }
    let mut merged = original_items(original, Identify::By(key), path)?;
    merged.retain(|item| !patch.deleted.contains(&item.identity));
    let original_order: Vec<Value> = merged.iter().map(|item| item.identity.clone()).collect();
    let patch_order: Vec<Value> = patch.elements.iter().map(|(_, item)| item.identity.clone()).collect();
    for (index, item) in patch.elements {
        merge_element(&mut merged, item, fields, &path.index(index))?;
    }
    Ok(arrange(merged, &patch_order, &original_order))
}

fn merge_element<O: Clone>(
    merged: &mut Vec<Item<O>>,
    new: Item<O>,
    fields: Fields,
    path: &Path,
) -> Result<(), MergeError> {
    let Some(position) = merged.iter().position(|item| item.identity == new.identity) else {
        let added = strategic::fresh(new.tree, fields.element(), path)?;
        merged.extend(added.map(|tree| Item { identity: new.identity, tree }));
        return Ok(());
    };
    let old = merged.remove(position);
    if let Some(tree) = strategic::merge_values(Some(old.tree), new.tree, fields.element(), path)? {
        merged.insert(position, Item { identity: old.identity, tree });
    }
    Ok(())
}

/// Merges lists of scalars: what the patch names is there once, and is the patch's.
pub(super) fn merge_set<O>(
    original: Vec<Tree<O>>,
    patch: Vec<Tree<O>>,
    path: &Path,
) -> Result<Vec<Tree<O>>, MergeError> {
    check_one_type(original.iter().chain(&patch), path)?;
    let original_order = Identify::Itself.identities(&original, path)?;
    let patch_order = Identify::Itself.identities(&patch, path)?;
    let mut merged: Vec<Item<O>> = Vec::new();
    let patch = Identify::Itself.items(patch, path)?;
    let kept = Identify::Itself.items(original, path)?.into_iter().filter(|item| !patch_order.contains(&item.identity));
    for item in kept.collect::<Vec<_>>().into_iter().chain(patch) {
        if !merged.iter().any(|other| other.identity == item.identity) {
            merged.push(item);
        }
    }
    Ok(arrange(merged, &patch_order, &original_order))
}

/// A list that `$setElementOrder` orders, and what it is called in messages.
pub(super) struct Ordered<'a, O> {
    pub(super) directive: &'a str,
    pub(super) name: &'a str,
    pub(super) field: Field,
    pub(super) order: &'a [Tree<O>],
}

/// Merges a list that at least one of both has, and arranges it as asked.
pub(super) fn merge_in_order<O: Clone>(
    original: Option<Vec<Tree<O>>>,
    patch: Option<Vec<Tree<O>>>,
    list: &Ordered<'_, O>,
    path: &Path,
) -> Result<Vec<Tree<O>>, MergeError> {
    let identify = match list.field.strategy {
        Strategy::Keyed(key) => Identify::By(key),
        Strategy::Set => Identify::Itself,
        Strategy::Default | Strategy::Whole => {
            return Err(Problem::OrderOfWholeList(list.directive.to_owned(), list.name.to_owned()).at(path));
        }
    };
    let malformed = |_| Problem::MalformedDirective(list.directive.to_owned(), "the keys of the list's elements").at(path);
    let order = identify.identities(list.order, path).map_err(malformed)?;
    let original_order = identify.identities(original.as_deref().unwrap_or_default(), path).map_err(broken(path))?;
    check_order(patch.as_deref().unwrap_or_default(), &order, identify, list, path)?;
    if original_order.is_empty() && patch.as_ref().is_none_or(Vec::is_empty) {
        return Err(Problem::NothingToOrder(list.directive.to_owned()).at(path));
    }
    let merged = match (original, patch, list.field.strategy) {
        (Some(old), Some(new), Strategy::Keyed(key)) => merge_keyed(old, new, key, list.field.inside, path)?,
        (Some(old), Some(new), _) => merge_set(old, new, path)?,
        (None, Some(new), _) => fresh(new, list.field, path)?,
        (old, None, _) => old.unwrap_or_default(),
    };
    Ok(arrange(identify.items(merged, path)?, &order, &original_order))
}

/// Refuses an order that does not name every element which the patch sets, in the patch's order. Source:
/// `validatePatchWithSetOrderList`, which lets an empty order pass, and then reverses the list.
fn check_order<O>(
    patch: &[Tree<O>],
    order: &[Value],
    identify: Identify,
    list: &Ordered<'_, O>,
    path: &Path,
) -> Result<(), MergeError> {
    let mut order = order.iter();
    for (index, element) in patch.iter().enumerate() {
        if let Content::Map(map) = &element.content
            && directives::has_patch(map)
        {
            continue;
        }
        let identity = identify.identity(element, &path.index(index))?;
        if !order.any(|named| *named == identity) {
            return Err(Problem::OrderDiffers(list.directive.to_owned()).at(path));
        }
    }
    Ok(())
}

/// Whether a list has an element that is the same scalar.
pub(super) fn has_scalar<O>(list: &[Tree<O>], wanted: &Tree<O>) -> bool {
    list.iter().any(|element| element.is_scalar() && element.to_value() == wanted.to_value())
}

/// Refuses lists of more than one type of scalar. Source: `sliceElementType`, for which 1 and 1.0 are two types.
pub(super) fn check_one_type<'a, O: 'a>(
    elements: impl Iterator<Item = &'a Tree<O>>,
    path: &Path,
) -> Result<(), MergeError> {
    let mut first = None;
    for element in elements {
        let is_float = matches!(&element.content, Content::Number(number) if number.is_f64());
        let kind = (discriminant(&element.content), is_float);
        if !element.is_scalar() || matches!(element.content, Content::Null) || *first.get_or_insert(kind) != kind {
            return Err(Problem::MixedList.at(path));
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
    fn read(patch: Vec<Tree<O>>, key: &'static str, path: &Path) -> Result<Self, MergeError> {
        let mut read = Self { replaces: false, deleted: Vec::new(), elements: Vec::new() };
        for (index, mut tree) in patch.into_iter().enumerate() {
            let here = path.index(index);
            let Content::Map(map) = &mut tree.content else { return Err(Problem::NotAMap(key).at(&here)) };
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

fn original_items<O>(list: Vec<Tree<O>>, identify: Identify, path: &Path) -> Result<Vec<Item<O>>, MergeError> {
    identify.items(list, path).map_err(broken(path))
}

/// An element of the original is meant, not of the patch.
fn broken(path: &Path) -> impl Fn(MergeError) -> MergeError {
    |_| Problem::BrokenOriginal.at(path)
}
