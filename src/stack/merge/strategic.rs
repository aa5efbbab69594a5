//! Kubernetes' strategic merge patch, with origins.
//!
//! The rules are those of `strategicpatch.StrategicMergePatch` in k8s.io/apimachinery, which `kubectl patch` and the API
//! server call. `tests/stack/merges.rs` compares the two and lists where this one is stricter: it refuses directives that
//! Kubernetes would ignore or leave in the object, and no `null` stays behind.

use super::directives::{self, DELETE_FROM_LIST, ForField, Patch, SET_ELEMENT_ORDER};
use super::keys::{Field, Fields, Strategy};
use super::lists;
use super::path::Path;
use super::problem::{MergeError, MergeProblem};
use super::set_element_order::{self, Ordered};
use super::tree::{Content, Map, MergeTree};

/// Merges a patch into an object whose kind has these fields ([`fields_of`](super::keys::fields_of)).
///
/// A value that the patch states has the origin of the patch, also if the object had the same; every other keeps its own.
/// As in kubectl, `$patch: delete` at the root leaves an empty map.
pub fn merge<O: Clone>(
    original: MergeTree<O>,
    patch: MergeTree<O>,
    fields: Fields,
) -> Result<MergeTree<O>, MergeError> {
    let root = Path::root();
    match (original.content, patch.content) {
        (Content::Map(old), Content::Map(new)) => {
            merge_maps((original.origin, old), (patch.origin, new), fields, &root)
        }
        _ => Err(MergeProblem::NotAnObject.at(&root)),
    }
}

/// Merges two maps that both layers have.
pub(super) fn merge_maps<O: Clone>(
    (origin, old): (O, Map<O>),
    (new_origin, mut new): (O, Map<O>),
    fields: Fields,
    place: &Path,
) -> Result<MergeTree<O>, MergeError> {
    match directives::take_patch(&mut new, place)? {
        None => Ok(MergeTree::map(origin, merge_fields(old, new, fields, place)?)),
        Some(Patch::Delete) => Ok(MergeTree::map(new_origin, Map::new())),
        Some(Patch::Replace) => Ok(MergeTree::map(new_origin, merge_fields(Map::new(), new, fields, place)?)),
    }
}

/// What the patch sets where the original has nothing, or something of another type: its own value, without directives and
/// nulls. `None` if a directive takes it away.
pub(super) fn fresh<O: Clone>(
    tree: MergeTree<O>,
    field: Field,
    place: &Path,
) -> Result<Option<MergeTree<O>>, MergeError> {
    let MergeTree { origin, content } = tree;
    match content {
        Content::Map(mut map) => match directives::take_patch(&mut map, place)? {
            Some(Patch::Delete) => Ok(None),
            Some(Patch::Replace) | None => {
                Ok(Some(MergeTree::map(origin, merge_fields(Map::new(), map, field.inside, place)?)))
            }
        },
        Content::List(elements) => Ok(Some(MergeTree::list(origin, lists::fresh(elements, field, place)?))),
        scalar @ (Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_)) => {
            Ok(Some(MergeTree { origin, content: scalar }))
        }
    }
}

fn merge_fields<O: Clone>(
    mut original: Map<O>,
    mut patch: Map<O>,
    fields: Fields,
    place: &Path,
) -> Result<Map<O>, MergeError> {
    directives::retain_keys(&mut original, &mut patch, place)?;
    for directive in directives::take_for_fields(&mut patch, SET_ELEMENT_ORDER, place)? {
        let field = fields.field(&directive.field);
        merge_in_order(&mut original, &mut patch, &directive, field, place)?;
    }
    for directive in directives::take_for_fields(&mut patch, DELETE_FROM_LIST, place)? {
        delete_from_list(&mut original, &patch, &directive, place)?;
    }
    for (key, value) in patch {
        let old = original.remove(&key);
        if value.is_null() {
            continue;
        }
        if let Some(merged) = merge_values(old, value, fields.field(&key), &place.key(&key))? {
            original.insert(key, merged);
        }
    }
    Ok(original)
}

pub(super) fn merge_values<O: Clone>(
    old: Option<MergeTree<O>>,
    new: MergeTree<O>,
    field: Field,
    place: &Path,
) -> Result<Option<MergeTree<O>>, MergeError> {
    let Some(old) = old else { return fresh(new, field, place) };
    match (old.content, new.content) {
        (Content::Map(before), Content::Map(after)) if field.strategy != Strategy::Whole => {
            merge_maps((old.origin, before), (new.origin, after), field.inside, place).map(Some)
        }
        (Content::List(before), Content::List(after)) => match field.strategy {
            Strategy::Keyed(key) => {
                let merged = lists::merge_keyed(before, after, key, field.inside, place)?;
                Ok(Some(MergeTree::list(old.origin, merged)))
            }
            Strategy::Set => Ok(Some(MergeTree::list(old.origin, lists::merge_set(before, after, place)?))),
            Strategy::Default | Strategy::Whole => {
                Ok(Some(MergeTree::list(new.origin, lists::fresh(after, field, place)?)))
            }
        },
        (_, content) => fresh(MergeTree { origin: new.origin, content }, field, place),
    }
}

/// Obeys `$setElementOrder/FIELD`: merges that list, if the patch has it, and brings it into the order that is asked for.
fn merge_in_order<O: Clone>(
    original: &mut Map<O>,
    patch: &mut Map<O>,
    directive: &ForField<O>,
    field: Field,
    place: &Path,
) -> Result<(), MergeError> {
    let here = place.key(&directive.field);
    let old = original.remove(&directive.field);
    let new = patch.remove(&directive.field);
    let Some(origin) = old.as_ref().or(new.as_ref()).map(|list| list.origin.clone()) else { return Ok(()) };
    let Content::List(order) = &directive.value.content else {
        return Err(MergeProblem::MalformedDirective(directive.directive.clone(), "a list").at(place));
    };
    let before = take_list(old, directive, place)?;
    let after = take_list(new, directive, place)?;
    let list = Ordered { directive: &directive.directive, name: &directive.field, field, order };
    let merged = set_element_order::merge(before, after, &list, &here)?;
    original.insert(directive.field.clone(), MergeTree::list(origin, merged));
    Ok(())
}

fn take_list<O>(
    tree: Option<MergeTree<O>>,
    directive: &ForField<O>,
    place: &Path,
) -> Result<Option<Vec<MergeTree<O>>>, MergeError> {
    match tree.map(|tree| tree.content) {
        None => Ok(None),
        Some(Content::List(elements)) => Ok(Some(elements)),
        Some(_) => Err(MergeProblem::NotAList(directive.directive.clone(), directive.field.clone()).at(place)),
    }
}

/// Obeys `$deleteFromPrimitiveList/FIELD`, which Kubernetes knows for every list of scalars, also those that are otherwise
/// replaced. What the same patch adds and deletes is refused: which of the two Kubernetes does first is random.
fn delete_from_list<O>(
    original: &mut Map<O>,
    patch: &Map<O>,
    directive: &ForField<O>,
    place: &Path,
) -> Result<(), MergeError> {
    let name = || directive.directive.clone();
    let Some(deleted) = scalars(&directive.value) else {
        return Err(MergeProblem::MalformedDirective(name(), "a list of scalars").at(place));
    };
    let no_scalars = || MergeProblem::NotScalars(name(), directive.field.clone()).at(place);
    if let Some(list) = patch.get(&directive.field)
        && !list.is_null()
    {
        let added = scalars(list).ok_or_else(no_scalars)?;
        if added.iter().any(|element| lists::has_scalar(deleted, element)) {
            return Err(MergeProblem::AddedAndDeleted(name()).at(place));
        }
    }
    let Some(list) = original.get_mut(&directive.field) else { return Ok(()) };
    let Content::List(elements) = &mut list.content else { return Err(no_scalars()) };
    lists::check_one_type(elements.iter().chain(deleted), &place.key(&directive.field))?;
    elements.retain(|element| !lists::has_scalar(deleted, element));
    Ok(())
}

/// The elements of a list that holds only scalars.
fn scalars<O>(tree: &MergeTree<O>) -> Option<&[MergeTree<O>]> {
    match &tree.content {
        Content::List(elements) if elements.iter().all(|element| element.is_scalar() && !element.is_null()) => {
            Some(elements)
        }
        Content::List(_)
        | Content::Map(_)
        | Content::Null
        | Content::Bool(_)
        | Content::Number(_)
        | Content::Text(_) => None,
    }
}
