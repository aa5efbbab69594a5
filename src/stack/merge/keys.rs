//! How Kubernetes merges each field of the kinds that it knows: the tags `patchStrategy` and `patchMergeKey` of its Go
//! types, which `/openapi/v3` repeats as `x-kubernetes-patch-strategy` and `x-kubernetes-patch-merge-key`.

use super::key_table::KINDS;

/// How a field is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Maps key by key; lists are replaced.
    Default,
    /// Maps, too, are replaced.
    Whole,
    /// Lists of scalars: what the patch names is added.
    Set,
    /// Lists of maps: element by element, found by this key.
    Keyed(&'static str),
}

/// A field with a strategy of its own, or with such fields inside. Fields without either are in no table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// How it is merged.
    pub strategy: Strategy,
    /// The type of the map, or of each element of the list.
    pub inside: Fields,
}

/// The fields of a type that have a strategy, or have such fields inside.
#[derive(Clone, Copy, Debug)]
pub struct Fields(pub &'static [Field]);

impl Fields {
    /// A type that has none.
    pub const NONE: Self = Self(&[]);

    /// An element of a list of this type, as a field.
    pub(super) const fn element(self) -> Field {
        Field { name: "", strategy: Strategy::Default, inside: self }
    }

    pub(super) fn field(self, name: &str) -> Field {
        match self.0.iter().find(|field| field.name == name) {
            Some(field) => *field,
            None => Field { name: "", strategy: Strategy::Default, inside: Self::NONE },
        }
    }
}

/// The fields of a kind; `None` for one that Kubernetes' own types do not have, as custom resources are.
pub fn fields_of(api_version: &str, kind: &str) -> Option<Fields> {
    let known = KINDS.iter().find(|known| known.api_version == api_version && known.kind == kind)?;
    Some(known.fields)
}

/// Every kind that has fields of its own.
pub const fn kinds() -> &'static [KnownKind] {
    KINDS
}

/// A kind that Kubernetes knows.
#[derive(Clone, Copy, Debug)]
pub struct KnownKind {
    /// Group and version, as objects name them.
    pub api_version: &'static str,
    /// Its name.
    pub kind: &'static str,
    /// Its fields.
    pub fields: Fields,
}

// What the generated table is written with.

pub(super) const fn kind(api_version: &'static str, kind: &'static str, fields: Fields) -> KnownKind {
    KnownKind { api_version, kind, fields }
}

pub(super) const fn keyed(name: &'static str, key: &'static str, inside: Fields) -> Field {
    Field { name, strategy: Strategy::Keyed(key), inside }
}

pub(super) const fn set(name: &'static str) -> Field {
    Field { name, strategy: Strategy::Set, inside: Fields::NONE }
}

pub(super) const fn whole(name: &'static str) -> Field {
    Field { name, strategy: Strategy::Whole, inside: Fields::NONE }
}

pub(super) const fn within(name: &'static str, inside: Fields) -> Field {
    Field { name, strategy: Strategy::Default, inside }
}
