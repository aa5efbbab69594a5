//! Objects that the stack refers to and does not render.

use crate::document::KeyReference;
use crate::settings::checker::Checker;
use crate::settings::values::{DnsSubdomain, ObjectKey};

/// The kind of a referenced object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret.
    Secret,
}

impl ReferenceKind {
    /// As Kubernetes calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }
}

/// An object that is referenced as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectReference {
    /// Its kind.
    pub kind: ReferenceKind,
    /// Its name, in the namespace of the stack.
    pub name: DnsSubdomain,
}

/// A key of a referenced object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryReference {
    /// The object.
    pub object: ObjectReference,
    /// The key.
    pub key: ObjectKey,
}

/// A key of an object, checked.
pub(super) fn entry(
    checker: &mut Checker,
    path: &str,
    kind: ReferenceKind,
    given: &KeyReference,
) -> Option<EntryReference> {
    let name = checker.required(&format!("{path}.name"), &given.name);
    let key = checker.required(&format!("{path}.key"), &given.key);
    Some(EntryReference { object: ObjectReference { kind, name: name? }, key: key? })
}

/// A whole object: exactly one of the two kinds is given.
pub(super) fn object(
    checker: &mut Checker,
    path: &str,
    config_map: Option<&str>,
    secret: Option<&str>,
) -> Option<ObjectReference> {
    let keys = [("configMap", config_map.is_some()), ("secret", secret.is_some())];
    if !checker.exactly_one(path, &keys) {
        return None;
    }
    let (kind, key, name) = match (config_map, secret) {
        (Some(name), _) => (ReferenceKind::ConfigMap, "configMap", name),
        (None, Some(name)) => (ReferenceKind::Secret, "secret", name),
        (None, None) => return None,
    };
    let name = checker.required(&format!("{path}.{key}"), name)?;
    Some(ObjectReference { kind, name })
}
