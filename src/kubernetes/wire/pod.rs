//! A pod.

use std::collections::BTreeMap;

use base::diagnosis::RemoteText;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::api::object::{self, ObjectName, OwnerReference, Uid};
use crate::wire::own_annotations;

/// The fields of a pod that newleaf reads.
#[derive(Debug, Clone, Deserialize)]
pub struct Pod {
    pub metadata: PodMetadata,
    #[serde(default)]
    pub status: PodStatus,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodMetadata {
    pub name: ObjectName,
    pub uid: Uid,
    pub labels: Option<PodLabels>,
    #[serde(default, deserialize_with = "own_annotations")]
    pub annotations: BTreeMap<String, String>,
    pub creation_timestamp: Option<DateTime<Utc>>,
    pub deletion_timestamp: Option<DateTime<Utc>>,
    pub owner_references: Option<Vec<OwnerReference>>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct PodLabels {
    /// The revision of the template, for pods of a `StatefulSet` or `DaemonSet`.
    #[serde(rename = "controller-revision-hash")]
    pub revision: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodStatus {
    pub phase: Option<String>,
    #[serde(rename = "podIP")]
    pub address: Option<String>,
    pub conditions: Option<Vec<PodCondition>>,
    pub container_statuses: Option<Vec<ContainerStatus>>,
    pub init_container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodCondition {
    #[serde(rename = "type")]
    pub kind: String,
    pub status: String,
    pub reason: Option<RemoteText>,
    pub message: Option<RemoteText>,
    pub last_transition_time: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerStatus {
    pub name: ObjectName,
    #[serde(default)]
    pub ready: bool,
    pub started: Option<bool>,
    pub state: Option<ContainerState>,
    pub last_state: Option<ContainerState>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ContainerState {
    pub waiting: Option<Waiting>,
    pub running: Option<IgnoredAny>,
    pub terminated: Option<Terminated>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Waiting {
    pub reason: Option<RemoteText>,
    pub message: Option<RemoteText>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terminated {
    pub exit_code: i32,
    pub reason: Option<RemoteText>,
}

impl Pod {
    /// A condition, whatever its status.
    pub fn condition(&self, kind: &str) -> Option<&PodCondition> {
        let conditions = self.status.conditions.as_deref().unwrap_or_default();
        conditions.iter().find(|condition| condition.kind == kind)
    }

    /// The identity of the controller that created the pod.
    pub fn controller(&self) -> Option<&Uid> {
        object::controller(self.metadata.owner_references.as_deref().unwrap_or_default())
    }
}
