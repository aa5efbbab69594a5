//! The fields of a Job that show its progress.

use base::diagnosis::RemoteText;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::api::object::{self, ObjectName, OwnerReference, Uid};

#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    pub metadata: JobMetadata,
    #[serde(default)]
    pub spec: JobSpec,
    #[serde(default)]
    pub status: JobStatus,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobMetadata {
    pub name: ObjectName,
    pub uid: Uid,
    pub creation_timestamp: Option<DateTime<Utc>>,
    pub deletion_timestamp: Option<DateTime<Utc>>,
    pub owner_references: Option<Vec<OwnerReference>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobSpec {
    pub suspend: Option<bool>,
    pub pod_failure_policy: Option<PodFailurePolicy>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct PodFailurePolicy {
    pub rules: Vec<PodFailurePolicyRule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodFailurePolicyRule {
    pub action: String,
    pub on_exit_codes: Option<OnExitCodes>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct OnExitCodes {
    pub operator: String,
    pub values: Vec<i32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobStatus {
    pub failed: Option<i32>,
    pub uncounted_terminated_pods: Option<UncountedPods>,
    pub conditions: Option<Vec<JobCondition>>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct UncountedPods {
    pub failed: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct JobCondition {
    #[serde(rename = "type")]
    pub kind: String,
    pub status: String,
    pub reason: Option<RemoteText>,
    pub message: Option<RemoteText>,
}

impl Job {
    /// A condition with status True.
    pub fn condition(&self, kind: &str) -> Option<&JobCondition> {
        let conditions = self.status.conditions.as_deref().unwrap_or_default();
        conditions.iter().find(|condition| condition.kind == kind && condition.status == "True")
    }

    /// Whether this controller created the Job.
    pub fn is_of(&self, controller: &Uid) -> bool {
        let owners = self.metadata.owner_references.as_deref().unwrap_or_default();
        object::controller(owners) == Some(controller)
    }
}
