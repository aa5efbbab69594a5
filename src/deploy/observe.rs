//! What is there: the inventory and its members.

use base::diagnosis::Failure;
use futures_util::future::try_join_all;
use serde_json::Value;
use stack::object::Object;

use crate::cluster::StackCluster;
use crate::error::DeployError;
use crate::inventory::{Inventory, MemberKinds, NAMESPACE, ParentOwner, kinds, kinds_of};
use crate::keeper::{keeper, marked};
use crate::plan::{LiveMembers, MemberKey};

/// The stack as it is in the cluster.
#[derive(Debug, Default)]
pub struct Observation {
    /// The parent object, if there is one.
    pub parent: Option<Value>,
    /// The kinds that it names.
    pub kinds: MemberKinds,
    /// The members.
    pub live: LiveMembers,
}

/// Which object the parent is.
pub fn parent_key(inventory: &Inventory) -> MemberKey {
    MemberKey {
        kind: "ConfigMap".to_owned(),
        group: String::new(),
        namespace: Some(inventory.namespace.clone()),
        name: inventory.name.clone(),
    }
}

/// The kinds by which another tool's stack is known: what it would restart, and what would rotate twice.
pub const TELLING: [&str; 3] = ["Deployment", "StatefulSet", "CronJob"];

/// The workloads of names of ours that are no members yet, because another tool made them and gave them away. A stack that another
/// tool manages is refused: a member has its mark, or it keeps such a workload.
pub async fn given_away(
    cluster: &StackCluster,
    observed: &Observation,
    rendered: &[Object],
) -> Result<LiveMembers, Failure> {
    let refuse = |key: &MemberKey, keeper| Err(DeployError::Managed { object: key.to_string(), keeper }.into());
    for (key, live) in observed.live.iter().filter(|(key, _)| key.kind != NAMESPACE) {
        if let Some(keeper) = marked(live) {
            return refuse(key, keeper);
        }
    }
    let mut found = LiveMembers::new();
    for object in rendered.iter().filter(|object| TELLING.contains(&object.kind())) {
        let key = MemberKey::of(object.value());
        if observed.live.contains_key(&key) {
            continue;
        }
        if let Some(present) = cluster.read(object.api_version(), &key).await? {
            if let Some(keeper) = keeper(&present) {
                return refuse(&key, keeper);
            }
            found.insert(key, present);
        }
    }
    Ok(found)
}

/// Looks at the inventory and, where there is one, at its members: one request for each kind.
pub async fn observe(
    cluster: &StackCluster,
    inventory: &Inventory,
    rendered: &[Object],
) -> Result<Observation, Failure> {
    let key = parent_key(inventory);
    let Some(parent) = cluster.read("v1", &key).await? else { return Ok(Observation::default()) };
    if let ParentOwner::Theirs(owner) = inventory.owner(&parent) {
        return Err(DeployError::ForeignInventory { object: key.to_string(), owner }.into());
    }
    let kinds = kinds(&parent);
    let mut looked = kinds.clone();
    looked.extend(kinds_of(rendered));
    let selector = inventory.selector();
    let lists = looked.iter().map(|(kind, version)| {
        let kind = kind.split('.').next().unwrap_or_default();
        cluster.labelled((version, kind), &inventory.namespace, &selector)
    });
    let mut live = LiveMembers::new();
    for object in try_join_all(lists).await?.into_iter().flatten() {
        live.insert(MemberKey::of(&object), object);
    }
    for object in rendered.iter().filter(|object| object.kind() == NAMESPACE) {
        let key = MemberKey::of(object.value());
        if let Some(present) = cluster.read(object.api_version(), &key).await? {
            live.insert(key, present);
        }
    }
    Ok(Observation { parent: Some(parent), kinds, live })
}
