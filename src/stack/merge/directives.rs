//! What a patch says besides values. Source: Kubernetes' `strategicpatch` (k8s.io/apimachinery), and the document that it
//! names (design-proposals-archive/cli/preserve-order-in-strategic-merge-patch.md).

use super::path::Path;
use super::problem::{MergeError, MergeProblem};
use super::tree::{Content, Map, MergeTree};

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
/// `$setElementOrder/FIELD`: the order of a merged list.
pub(super) const SET_ELEMENT_ORDER: &str = "$setElementOrder";
/// `$deleteFromPrimitiveList/FIELD`: scalars that leave a list.
pub(super) const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList";

/// What `$patch` says. Kubernetes knows `merge`, too, and refuses it wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patch {
    Delete,
    Replace,
}

/// Takes `$patch` out of a map.
pub(super) fn take_patch<O>(map: &mut Map<O>, place: &Path) -> Result<Option<Patch>, MergeError> {
    let Some(directive) = map.remove(PATCH) else { return Ok(None) };
    let Content::Text(word) = directive.content else {
        return Err(MergeProblem::MalformedPatch.at(place));
    };
    match word.as_str() {
        "delete" => Ok(Some(Patch::Delete)),
        "replace" => Ok(Some(Patch::Replace)),
        _ => Err(MergeProblem::UnknownPatch(word).at(place)),
    }
}

/// Whether a key is a directive, well formed or not.
pub(super) fn is_directive(key: &str) -> bool {
    [PATCH, RETAIN_KEYS].contains(&key) || key.starts_with(SET_ELEMENT_ORDER) || key.starts_with(DELETE_FROM_LIST)
}

/// Obeys `$retainKeys`: what the list does not name leaves the original. Kubernetes obeys it in any map.
pub(super) fn retain_keys<O>(original: &mut Map<O>, patch: &mut Map<O>, place: &Path) -> Result<(), MergeError> {
    let Some(directive) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    let malformed = || MergeProblem::MalformedDirective(RETAIN_KEYS.to_owned(), "a list of keys").at(place);
    let Content::List(elements) = directive.content else { return Err(malformed()) };
    let mut retained = Vec::new();
    for element in elements {
        let Content::Text(key) = element.content else { return Err(malformed()) };
        retained.push(key);
    }
    for (key, value) in &*patch {
        if !is_directive(key) && !value.is_null() && !retained.contains(key) {
            return Err(MergeProblem::NotRetained(key.clone()).at(place));
        }
    }
    original.retain(|key, _| retained.contains(key));
    Ok(())
}

/// A directive of the form `$NAME/FIELD` that was taken out of a map.
pub(super) struct ForField<O> {
    /// As the patch has it.
    pub(super) directive: String,
    pub(super) field: String,
    pub(super) value: MergeTree<O>,
}

/// Takes all directives of one name out of a map.
pub(super) fn take_for_fields<O>(
    map: &mut Map<O>,
    name: &'static str,
    place: &Path,
) -> Result<Vec<ForField<O>>, MergeError> {
    let directives: Vec<String> = map.keys().filter(|key| key.starts_with(name)).cloned().collect();
    let mut taken = Vec::new();
    for directive in directives {
        let field = match directive.split_once('/') {
            Some((before, field)) if before == name => field.to_owned(),
            _ => return Err(MergeProblem::UnknownDirective(directive, name).at(place)),
        };
        if let Some(value) = map.remove(&directive) {
            taken.push(ForField { directive, field, value });
        }
    }
    Ok(taken)
}
