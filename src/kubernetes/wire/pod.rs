//! A pod.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::diagnosis::RemoteText;
use crate::kubernetes::api::object::{self, ObjectName, OwnerReference, Uid};
use crate::kubernetes::wire::own_annotations;

/// The fields of a pod that newleaf reads.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Pod {
    pub(crate) metadata: PodMetadata,
    #[serde(default)]
    pub(crate) status: PodStatus,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodMetadata {
    pub(crate) name: ObjectName,
    pub(crate) uid: Uid,
    pub(crate) labels: Option<PodLabels>,
    #[serde(default, deserialize_with = "own_annotations")]
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) creation_timestamp: Option<DateTime<Utc>>,
    pub(crate) deletion_timestamp: Option<DateTime<Utc>>,
    pub(crate) owner_references: Option<Vec<OwnerReference>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PodLabels {
    /// The revision of the template, for pods of a `StatefulSet` or `DaemonSet`.
    #[serde(rename = "controller-revision-hash")]
    pub(crate) revision: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodStatus {
    pub(crate) phase: Option<String>,
    #[serde(rename = "podIP")]
    pub(crate) address: Option<String>,
    pub(crate) conditions: Option<Vec<PodCondition>>,
    pub(crate) container_statuses: Option<Vec<ContainerStatus>>,
    pub(crate) init_container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodCondition {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: Option<RemoteText>,
    pub(crate) message: Option<RemoteText>,
    pub(crate) last_transition_time: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContainerStatus {
    pub(crate) name: ObjectName,
    #[serde(default)]
    pub(crate) ready: bool,
    pub(crate) started: Option<bool>,
    pub(crate) state: Option<ContainerState>,
    pub(crate) last_state: Option<ContainerState>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ContainerState {
    pub(crate) waiting: Option<Waiting>,
    pub(crate) running: Option<IgnoredAny>,
    pub(crate) terminated: Option<Terminated>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) reason: Option<RemoteText>,
    pub(crate) message: Option<RemoteText>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terminated {
    pub(crate) exit_code: i32,
    pub(crate) reason: Option<RemoteText>,
}

impl Pod {
    /// A condition, whatever its status.
    pub(crate) fn condition(&self, kind: &str) -> Option<&PodCondition> {
        let conditions = self.status.conditions.as_deref().unwrap_or_default();
        conditions.iter().find(|condition| condition.kind == kind)
    }

    /// The identity of the controller that created the pod.
    pub(crate) fn controller(&self) -> Option<&Uid> {
        object::controller(self.metadata.owner_references.as_deref().unwrap_or_default())
    }
}
