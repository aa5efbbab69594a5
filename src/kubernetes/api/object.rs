//! The metadata of every object: identity, version, owner.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::api::call::Call;

/// The longest name of an object (Kubernetes, "Object Names and IDs").
const NAME_MAX: usize = 253;

/// The identity (uid) of an object. No other object ever has the same, whatever its name. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Uid(String);

/// The identity and version of an object. A change names both, so it fails if another writer has changed or recreated the
/// object since the read. Only an answer of the API server with both makes a guard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Guard {
    uid: Uid,
    resource_version: String,
}

/// An object as read or written, with the guard for a change.
#[derive(Debug, Clone)]
pub struct ReadObject<T> {
    pub guard: Guard,
    pub object: T,
    /// The time of the answer by the clock of the API server, to compare with the times in the object.
    pub answered: Option<DateTime<Utc>>,
}

impl Uid {
    /// The value as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Guard {
    /// The identity of the object.
    pub const fn uid(&self) -> &Uid {
        &self.uid
    }

    /// The version of the object.
    pub fn version(&self) -> &str {
        &self.resource_version
    }
}

impl<'de> Deserialize<'de> for Uid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() { Err(serde::de::Error::custom("an empty identity")) } else { Ok(Self(text)) }
    }
}

/// A name of an object from the API server, safe in a path and in a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ObjectName(String);

impl ObjectName {
    /// Accepts the names that Kubernetes accepts for the kinds of objects that newleaf reads.
    pub fn parse(text: &str) -> Option<Self> {
        let is_known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        let fits = (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(is_known);
        if fits { Some(Self(text.to_owned())) } else { None }
    }

    /// The value as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ObjectName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a name of an object"))
    }
}

/// An owner of an object (`metadata.ownerReferences`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerReference {
    uid: Uid,
    #[serde(default)]
    controller: Option<bool>,
}

/// The identity of the controller that owns an object.
pub fn controller(owners: &[OwnerReference]) -> Option<&Uid> {
    owners.iter().find(|owner| owner.controller == Some(true)).map(|owner| &owner.uid)
}

/// The kind and metadata of an answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: String,
    kind: String,
    metadata: HeadMetadata,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadMetadata {
    name: ObjectName,
    #[serde(default)]
    namespace: String,
    uid: Uid,
    resource_version: String,
}

/// The guard of an answer that is the requested object. `None` for every other answer.
pub(super) fn guard(call: &Call, answer: &[u8]) -> Option<Guard> {
    let Head { api_version, kind, metadata } = serde_json::from_slice(answer).ok()?;
    let HeadMetadata { name, namespace, uid, resource_version } = metadata;
    let has_name = match &call.name {
        Some(asked) => *asked == name.0,
        None => true,
    };
    let is_asked_for = kind == call.resource.kind()
        && api_version == call.resource.version()
        && namespace == call.namespace
        && has_name
        && !resource_version.is_empty();
    if is_asked_for { Some(Guard { uid, resource_version }) } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::resource::Resource;

    fn answer(pointer: &str, value: Value) -> Vec<u8> {
        let mut answer = json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "leaf", "namespace": "backstage", "uid": "u", "resourceVersion": "7"}});
        if let Some(place) = answer.pointer_mut(pointer) {
            *place = value;
        }
        answer.to_string().into_bytes()
    }

    #[test]
    fn only_the_object_that_was_asked_for_has_a_guard() {
        let call = Call::get(Resource::Secret, "backstage", "leaf");
        let found = guard(&call, &answer("", json!(null))).is_some();
        assert!(!found, "nothing at all");
        let whole = guard(&call, &answer("/none", json!(null))).expect("it is the Secret");
        assert_eq!((whole.uid().as_str(), whole.version()), ("u", "7"));
        assert_eq!(serde_json::to_value(&whole).expect("JSON"), json!({"uid": "u", "resourceVersion": "7"}));
        for (pointer, value) in [
            ("/kind", json!("ConfigMap")),
            ("/apiVersion", json!("v2")),
            ("/metadata/name", json!("other")),
            ("/metadata/namespace", json!("other")),
            ("/metadata/uid", json!("")),
            ("/metadata/uid", json!(null)),
            ("/metadata/resourceVersion", json!("")),
            ("/metadata/resourceVersion", json!(null)),
            ("/metadata", json!({})),
        ] {
            assert_eq!(guard(&call, &answer(pointer, value.clone())), None, "{pointer} {value}");
        }
    }

    #[test]
    fn what_is_created_may_get_any_name() {
        let call = Call::create(Resource::Secret, "backstage");
        assert!(guard(&call, &answer("/metadata/name", json!("newleaf-run-x7"))).is_some());
    }

    #[test]
    fn a_name_is_fit_for_a_path() {
        for name in ["web-5d9c7b6f4-x2", "a.b", &"x".repeat(NAME_MAX)] {
            assert!(ObjectName::parse(name).is_some(), "{name}");
        }
        for name in ["", "../secrets", "a/b", "A", "a b", "a\u{1b}", "ä", &"x".repeat(NAME_MAX + 1)] {
            assert!(ObjectName::parse(name).is_none(), "{name}");
        }
    }

    #[test]
    fn the_owner_is_the_controller() {
        let owners: Vec<OwnerReference> = serde_json::from_value(json!([
            {"apiVersion": "v1", "kind": "A", "name": "a", "uid": "1"},
            {"apiVersion": "v1", "kind": "B", "name": "b", "uid": "2", "controller": true},
        ]))
        .expect("two owners");
        assert_eq!(controller(&owners).map(Uid::as_str), Some("2"));
        assert_eq!(controller(&owners[..1]), None);
    }
}
