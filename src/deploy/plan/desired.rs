//! A rendered object as it is applied.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value};
use stack::components::Component;
use stack::object::{Object, Phase};

use crate::inventory::Inventory;
use crate::plan::MemberKey;

/// The annotation with the hash of the content that was applied. With it, and with the fields as they are, it is known
/// without a request that nothing is to be done.
pub const APPLIED: &str = "newleaf.dev/applied-hash";
/// The bytes of a hash that are kept: more than enough to tell contents apart.
const BYTES: usize = 16;

/// A rendered object as it is applied.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredObject {
    /// Which object it is.
    pub key: MemberKey,
    /// `apps/v1`
    pub api_version: String,
    /// The part of the stack.
    pub component: Component,
    /// When it is applied.
    pub phase: Phase,
    /// The hash of its content.
    pub hash: String,
    /// The whole object, with the label of the inventory and its hash.
    pub value: Value,
}

/// The rendered objects as members of an inventory.
pub fn desired(objects: &[Object], inventory: &Inventory) -> Vec<DesiredObject> {
    objects.iter().map(|object| member(object, inventory)).collect()
}

fn member(object: &Object, inventory: &Inventory) -> DesiredObject {
    let hash = hash(object);
    let mut value = object.value().clone();
    inventory.adopt(&mut value);
    if let Some(Value::Object(metadata)) = value.pointer_mut("/metadata")
        && let Value::Object(annotations) = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()))
    {
        annotations.insert(APPLIED.to_owned(), hash.clone().into());
    }
    DesiredObject {
        key: MemberKey::of(&value),
        api_version: object.api_version().to_owned(),
        component: object.component(),
        phase: object.phase(),
        hash,
        value,
    }
}

/// The same object is always the same text, so its hash tells whether it changed.
fn hash(object: &Object) -> String {
    let text = serde_json::to_vec(object).unwrap_or_default();
    hex(digest(&SHA256, &text).as_ref())
}

/// The first bytes of a hash, written out.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(BYTES) {
        // Writing to a String never fails.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}

/// The object with one replica.
pub fn with_one_replica(value: &Value) -> Value {
    let mut one = value.clone();
    if let Some(replicas) = one.pointer_mut("/spec/replicas") {
        *replicas = 1.into();
    }
    one
}
