//! Why layers cannot be merged.

use super::path::Path;

/// What cannot be merged, and where. It holds no value but names of fields and directives: a layer may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct MergeError {
    /// The place in the patch; in the document under it, if the problem says so.
    pub path: Path,
    /// What is wrong there.
    pub problem: MergeProblem,
}

/// What is wrong with a layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeProblem {
    /// A whole object is no map.
    #[error("an object is a map")]
    NotAnObject,
    /// `$patch` with another word.
    #[error("`$patch` is `delete` or `replace`, not `{0}`")]
    UnknownPatch(String),
    /// `$patch` with something that is no word.
    #[error("`$patch` is `delete` or `replace`")]
    MalformedPatch,
    /// `$patch` in an element of a list that has no keys to find the element by.
    #[error("Kubernetes replaces this list as a whole: `$patch` in an element means nothing; write the whole list")]
    PatchInWholeList,
    /// Any directive for a kind that Kubernetes' own types do not have.
    #[error(
        "Kubernetes has no merge keys for custom resources, where `{0}` means nothing: write the whole list or map"
    )]
    DirectiveInCustomResource(String),
    /// `$setElementOrder` or `$deleteFromPrimitiveList` without `/FIELD`.
    #[error("`{0}` is no directive; `{1}/FIELD` is one")]
    UnknownDirective(String, &'static str),
    /// A directive with a value of another form.
    #[error("`{0}` takes {1}")]
    MalformedDirective(String, &'static str),
    /// A directive about the elements of something else than a list.
    #[error("`{0}` is about a list, and `{1}` is none")]
    NotAList(String, String),
    /// `$deleteFromPrimitiveList` about a list of maps, or something that is no list.
    #[error("`{0}` is about a list of scalars, and `{1}` is none")]
    NotScalars(String, String),
    /// A field that `$retainKeys` would remove at once.
    #[error("`$retainKeys` does not name `{0}`, which the same map sets")]
    NotRetained(String),
    /// `$setElementOrder` for a list whose elements are not merged.
    #[error("Kubernetes replaces `{1}` as a whole: write it in its order, without `{0}`")]
    OrderOfWholeList(String, String),
    /// `$setElementOrder` lacks an element that the patch sets, or has them in another order.
    #[error("`{0}` does not name the elements that the same map sets, in their order")]
    OrderDiffers(String),
    /// `$setElementOrder` for a list that has no elements.
    #[error("`{0}` orders a list without elements")]
    NothingToOrder(String),
    /// The same scalar in a list and in the list of what is to be deleted from it.
    #[error("`{0}` deletes what the same map adds")]
    AddedAndDeleted(String),
    /// Objects in a list of scalars, or the other way round.
    #[error("the elements of this list are not all of one type")]
    MixedList,
    /// An element that is no map.
    #[error("each element of this list is a map with the key `{0}`")]
    NotAMap(&'static str),
    /// An element that cannot be told from others.
    #[error("the element lacks `{0}`, by which Kubernetes tells the elements of this list apart")]
    NoMergeKey(&'static str),
    /// The list under the patch has an element that cannot be told from others.
    #[error("under the patch, this list has an element that Kubernetes cannot tell from the others")]
    BrokenOriginal,
}

impl MergeProblem {
    pub(super) fn at(self, path: &Path) -> MergeError {
        MergeError { path: path.clone(), problem: self }
    }
}
