//! What is done: rendered objects and live ones in, steps as data out. Pure.
//!
//! | File | Subject |
//! |---|---|
//! | [`desired`] | a rendered object as it is applied: a member of the inventory, with the hash of its content |
//! | [`changes`] | which fields differ, for the plan and for people |

pub mod changes;
pub mod desired;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;
use stack::components::Component;
use stack::object::{Phase, is_kept, text};

use crate::plan::changes::covers;
use crate::plan::desired::{APPLIED, DesiredObject};

/// Which object it is, whatever its version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberKey {
    /// The kind.
    pub kind: String,
    /// The API group; empty for the core group.
    pub group: String,
    /// The namespace; none for what belongs to the whole cluster.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

/// The members that are there.
pub type LiveMembers = BTreeMap<MemberKey, Value>;

/// What is done about an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectAction {
    /// It is not there, or is no member of the stack yet: it is applied.
    Create,
    /// It was applied with another content: it is applied.
    Change,
    /// It was applied with this content, and looks different: the API server is asked, and it is applied if it has drifted.
    Repair,
    /// A Job cannot be changed, and a failed one is not tried again: it is deleted and made anew.
    Replace,
    /// Nothing.
    Keep,
}

/// One object and what is done about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectStep {
    /// The object.
    pub desired: DesiredObject,
    /// What is done.
    pub action: ObjectAction,
    /// Whether Backstage starts with one replica first: two on an empty database lock each other out.
    pub one_first: bool,
}

/// What is no longer rendered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leftovers {
    /// What is deleted.
    pub prune: Vec<MemberKey>,
    /// What is kept all the same.
    pub keep: Vec<MemberKey>,
}

impl MemberKey {
    /// The key of an object.
    pub fn of(object: &Value) -> Self {
        let group = text(object, "/apiVersion").split_once('/').map(|(group, _)| group);
        Self {
            kind: text(object, "/kind").to_owned(),
            group: group.unwrap_or_default().to_owned(),
            namespace: Some(text(object, "/metadata/namespace").to_owned()).filter(|namespace| !namespace.is_empty()),
            name: text(object, "/metadata/name").to_owned(),
        }
    }

    /// Whether it holds what cannot be made again: it is deleted only when it is named.
    pub fn is_kept(&self) -> bool {
        is_kept(&self.group, &self.kind)
    }
}

impl fmt::Display for MemberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// The steps of a phase, in the order of the objects.
pub fn steps(desired: &[DesiredObject], live: &LiveMembers, phase: Phase) -> Vec<ObjectStep> {
    let of_phase = desired.iter().filter(|object| object.phase == phase);
    of_phase
        .map(|object| {
            let present = live.get(&object.key);
            let one_first = starts_with_one(object, present);
            ObjectStep { action: action(object, present), one_first, desired: object.clone() }
        })
        .collect()
}

fn action(object: &DesiredObject, live: Option<&Value>) -> ObjectAction {
    let Some(live) = live else { return ObjectAction::Create };
    let applied = live.pointer("/metadata/annotations").and_then(|annotations| annotations.get(APPLIED));
    let is_same = applied.and_then(Value::as_str) == Some(object.hash.as_str());
    let is_job = object.key.kind == "Job";
    if is_job && (!is_same || has_failed(live)) {
        ObjectAction::Replace
    } else if !is_same {
        ObjectAction::Change
    } else if covers(&object.value, live) {
        ObjectAction::Keep
    } else {
        ObjectAction::Repair
    }
}

fn has_failed(job: &Value) -> bool {
    let conditions = job.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    conditions.into_iter().any(|it| text(it, "/type") == "Failed" && text(it, "/status") == "True")
}

/// Backstage migrates an empty database once; as long as no replica was ever ready there, one does it alone.
fn starts_with_one(object: &DesiredObject, live: Option<&Value>) -> bool {
    let number = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    let is_backstage = object.component == Component::Backstage && object.key.kind == "Deployment";
    if !is_backstage || number(&object.value, "/spec/replicas") < 2 {
        return false;
    }
    match live {
        None => true,
        Some(live) => number(live, "/status/readyReplicas") == 0 && number(live, "/spec/replicas") <= 1,
    }
}

/// The members that are there and are no longer rendered.
pub fn leftovers(desired: &[DesiredObject], live: &LiveMembers) -> Leftovers {
    let rendered: BTreeSet<&MemberKey> = desired.iter().map(|object| &object.key).collect();
    let gone = live.keys().filter(|key| !rendered.contains(key)).cloned();
    let (keep, prune) = gone.partition(MemberKey::is_kept);
    Leftovers { prune, keep }
}

#[cfg(test)]
mod tests;
