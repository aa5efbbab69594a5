//! What belongs to a stack, as KEP-3659 (`ApplySet`) writes it down: one parent object, and a label on each member.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value, json};
use stack::object::Object;

/// The label of the parent with the identity of the set.
pub const ID: &str = "applyset.kubernetes.io/id";
/// The label of each member with the same identity.
pub const PART_OF: &str = "applyset.kubernetes.io/part-of";
/// The annotation of the parent with the program that keeps the set.
pub const TOOLING: &str = "applyset.kubernetes.io/tooling";
/// The annotation of the parent with the kinds of its members.
pub const GROUP_KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
/// The annotation of the parent with further namespaces; a stack has none.
pub const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";
/// The kind that is never a member.
pub const NAMESPACE: &str = "Namespace";
/// This program, without its version.
const TOOL: &str = "newleaf-deploy";

/// The inventory of one stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// The name of the parent, a ConfigMap.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The identity of the set.
    pub id: String,
}

/// The kinds of the members, as `Deployment.apps`, each with its version, `apps/v1`.
pub type MemberKinds = BTreeMap<String, String>;

/// Whose a parent object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentOwner {
    /// This program's.
    Ours,
    /// No inventory, or one of another program.
    Theirs(String),
}

impl Inventory {
    /// The inventory of a stack.
    pub fn of(stack: &str, namespace: &str) -> Self {
        let name = format!("{stack}-inventory");
        let id = identity(&name, namespace);
        Self { name, namespace: namespace.to_owned(), id }
    }

    /// Selects the members.
    pub fn selector(&self) -> String {
        format!("{PART_OF}={}", self.id)
    }

    /// The parent object of members of these kinds. The ConfigMap's data has the version of each kind, which the annotation
    /// of KEP-3659 leaves out.
    pub fn parent(&self, kinds: &MemberKinds) -> Value {
        let names: Vec<&str> = kinds.keys().map(String::as_str).collect();
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "labels": {ID: self.id, "app.kubernetes.io/managed-by": TOOL},
                "annotations": {
                    TOOLING: format!("{TOOL}/v{}", env!("CARGO_PKG_VERSION")),
                    GROUP_KINDS: names.join(","),
                    NAMESPACES: "",
                },
            },
            "data": kinds,
        })
    }

    /// Whose the parent object is.
    pub fn owner(&self, parent: &Value) -> ParentOwner {
        let tooling = text(parent, &["metadata", "annotations", TOOLING]);
        let id = text(parent, &["metadata", "labels", ID]);
        match tooling.split('/').next() {
            Some(TOOL) if id == self.id => ParentOwner::Ours,
            _ if tooling.is_empty() => ParentOwner::Theirs("no program that keeps inventories".to_owned()),
            _ => ParentOwner::Theirs(tooling.to_owned()),
        }
    }

    /// The object as a member. The namespace is none: `kubectl apply --prune` would delete it, and everything in it.
    pub fn adopt(&self, object: &mut Value) {
        if object.get("kind").and_then(Value::as_str) == Some(NAMESPACE) {
            return;
        }
        if let Value::Object(fields) = object
            && let Value::Object(metadata) = fields.entry("metadata").or_insert_with(empty)
            && let Value::Object(labels) = metadata.entry("labels").or_insert_with(empty)
        {
            labels.insert(PART_OF.to_owned(), self.id.clone().into());
        }
    }

    /// The set that a live object belongs to, if it is another one than this.
    pub fn other<'a>(&self, live: &'a Value) -> Option<&'a str> {
        let set = text(live, &["metadata", "labels", PART_OF]);
        if set.is_empty() || set == self.id { None } else { Some(set) }
    }
}

/// The identity of a set (KEP-3659): a hash of its parent's name, namespace, kind and group.
fn identity(name: &str, namespace: &str) -> String {
    let hash = digest(&SHA256, format!("{name}.{namespace}.ConfigMap.").as_bytes());
    format!("applyset-{}-v1", Base64UrlUnpadded::encode_string(hash.as_ref()))
}

/// The kinds that a parent says its members have.
pub fn kinds(parent: &Value) -> MemberKinds {
    let data = parent.get("data").and_then(Value::as_object).into_iter().flatten();
    data.filter_map(|(kind, version)| Some((kind.clone(), version.as_str()?.to_owned()))).collect()
}

/// The kinds of rendered objects.
pub fn kinds_of(objects: &[Object]) -> MemberKinds {
    let pairs: BTreeSet<(&str, &str)> = objects.iter().map(|object| (object.kind(), object.api_version())).collect();
    let members = pairs.into_iter().filter(|(kind, _)| *kind != NAMESPACE);
    members.map(|(kind, version)| (group_kind(kind, version), version.to_owned())).collect()
}

/// `Deployment.apps`; `ConfigMap` for the core group.
fn group_kind(kind: &str, api_version: &str) -> String {
    match api_version.split_once('/') {
        Some((group, _)) => format!("{kind}.{group}"),
        None => kind.to_owned(),
    }
}

fn text<'a>(object: &'a Value, path: &[&str]) -> &'a str {
    path.iter().try_fold(object, |value, key| value.get(key)).and_then(Value::as_str).unwrap_or_default()
}

fn empty() -> Value {
    Value::Object(Map::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_is_the_one_that_kubectl_computes() {
        // kubectl apply --prune --applyset=configmap/portal-inventory -n backstage: pkg/cmd/apply/applyset.go, ID().
        let inventory = Inventory::of("portal", "backstage");
        assert_eq!(inventory.name, "portal-inventory");
        assert_eq!(inventory.id, "applyset-lxedciwdOH9AZXNPxDUw54OPv21A_GAtkEHbJJZOAw8-v1");
        assert!(inventory.id.len() <= 63, "a label holds it");
    }

    #[test]
    fn a_parent_tells_its_kinds_and_its_owner() {
        let inventory = Inventory::of("portal", "backstage");
        let members = MemberKinds::from([
            ("ConfigMap".to_owned(), "v1".to_owned()),
            ("Deployment.apps".to_owned(), "apps/v1".to_owned()),
        ]);
        let parent = inventory.parent(&members);
        assert_eq!(kinds(&parent), members);
        assert_eq!(text(&parent, &["metadata", "annotations", GROUP_KINDS]), "ConfigMap,Deployment.apps");
        assert_eq!(inventory.owner(&parent), ParentOwner::Ours);
        assert_eq!(
            Inventory::of("other", "backstage").owner(&parent),
            ParentOwner::Theirs(format!("newleaf-deploy/v{}", env!("CARGO_PKG_VERSION")))
        );
        assert!(matches!(inventory.owner(&json!({"metadata": {}})), ParentOwner::Theirs(_)));
    }

    #[test]
    fn a_member_of_another_set_is_told() {
        let inventory = Inventory::of("portal", "backstage");
        let mut object = json!({"metadata": {"name": "it"}});
        assert_eq!(inventory.other(&object), None);
        inventory.adopt(&mut object);
        assert_eq!(inventory.other(&object), None);
        let mut namespace = json!({"kind": "Namespace", "metadata": {"name": "it"}});
        inventory.adopt(&mut namespace);
        assert_eq!(namespace, json!({"kind": "Namespace", "metadata": {"name": "it"}}), "kubectl would prune it");
        assert_eq!(Inventory::of("other", "backstage").other(&object), Some(inventory.id.as_str()));
    }
}
