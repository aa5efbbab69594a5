//! The fields of a Job that show its progress.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::diagnosis::RemoteText;
use crate::kubernetes::api::object::{self, ObjectName, OwnerReference, Uid};

/// A Job.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Job {
    pub(crate) metadata: JobMetadata,
    #[serde(default)]
    pub(crate) spec: JobSpec,
    #[serde(default)]
    pub(crate) status: JobStatus,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobMetadata {
    pub(crate) name: ObjectName,
    pub(crate) uid: Uid,
    pub(crate) creation_timestamp: Option<DateTime<Utc>>,
    pub(crate) deletion_timestamp: Option<DateTime<Utc>>,
    pub(crate) owner_references: Option<Vec<OwnerReference>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobSpec {
    pub(crate) suspend: Option<bool>,
    pub(crate) pod_failure_policy: Option<PodFailurePolicy>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PodFailurePolicy {
    pub(crate) rules: Vec<PodFailurePolicyRule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodFailurePolicyRule {
    pub(crate) action: String,
    pub(crate) on_exit_codes: Option<OnExitCodes>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OnExitCodes {
    pub(crate) operator: String,
    pub(crate) values: Vec<i32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobStatus {
    pub(crate) failed: Option<i32>,
    pub(crate) uncounted_terminated_pods: Option<UncountedPods>,
    pub(crate) conditions: Option<Vec<JobCondition>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct UncountedPods {
    pub(crate) failed: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct JobCondition {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: Option<RemoteText>,
    pub(crate) message: Option<RemoteText>,
}

impl Job {
    /// A condition with status True.
    pub(crate) fn condition(&self, kind: &str) -> Option<&JobCondition> {
        let conditions = self.status.conditions.as_deref().unwrap_or_default();
        conditions.iter().find(|condition| condition.kind == kind && condition.status == "True")
    }

    /// Whether this controller created the Job.
    pub(crate) fn is_of(&self, controller: &Uid) -> bool {
        let owners = self.metadata.owner_references.as_deref().unwrap_or_default();
        object::controller(owners) == Some(controller)
    }
}
