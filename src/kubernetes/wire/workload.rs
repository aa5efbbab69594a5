//! A Deployment, StatefulSet or DaemonSet, and the `ReplicaSets` of a Deployment.

use std::collections::BTreeMap;

use base::diagnosis::RemoteText;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Deserialize;

use crate::api::object::{self, ObjectName, OwnerReference, Uid};
use crate::wire::{FieldNames, own_annotations};

/// A workload of any of the three kinds: each has its own part of the fields.
#[derive(Debug, Clone, Deserialize)]
pub struct WorkloadObject {
    pub metadata: WorkloadMetadata,
    pub spec: Option<WorkloadSpec>,
    pub status: Option<WorkloadStatus>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadMetadata {
    pub name: ObjectName,
    pub uid: Uid,
    pub generation: Option<i64>,
    pub managed_fields: Option<Vec<WorkloadFieldsEntry>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadSpec {
    pub replicas: Option<i32>,
    pub paused: Option<bool>,
    pub selector: LabelSelector,
    pub template: Option<Template>,
    pub update_strategy: Option<UpdateStrategy>,
    pub pod_management_policy: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Template {
    pub metadata: Option<TemplateMetadata>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct TemplateMetadata {
    #[serde(default, deserialize_with = "own_annotations")]
    pub annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateStrategy {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub rolling_update: Option<RollingUpdate>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct RollingUpdate {
    pub partition: Option<i32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadStatus {
    pub observed_generation: Option<i64>,
    pub replicas: i32,
    pub updated_replicas: i32,
    pub available_replicas: i32,
    pub ready_replicas: i32,
    pub current_revision: Option<String>,
    pub update_revision: Option<String>,
    pub desired_number_scheduled: i32,
    pub current_number_scheduled: i32,
    pub updated_number_scheduled: i32,
    pub number_available: i32,
    pub conditions: Option<Vec<WorkloadCondition>>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct WorkloadCondition {
    #[serde(rename = "type")]
    pub kind: RemoteText,
    pub status: String,
    pub reason: Option<RemoteText>,
    pub message: Option<RemoteText>,
}

/// The fields of the pod template that a manager has written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadFieldsEntry {
    pub manager: Option<RemoteText>,
    fields_v1: Option<WorkloadFields>,
}

#[derive(Debug, Clone, Deserialize)]
struct WorkloadFields {
    #[serde(rename = "f:spec")]
    spec: Option<SpecFields>,
}

#[derive(Debug, Clone, Deserialize)]
struct SpecFields {
    #[serde(rename = "f:template")]
    template: Option<TemplateFields>,
}

#[derive(Debug, Clone, Deserialize)]
struct TemplateFields {
    #[serde(rename = "f:metadata")]
    metadata: Option<MetadataFields>,
}

#[derive(Debug, Clone, Deserialize)]
struct MetadataFields {
    #[serde(rename = "f:annotations")]
    annotations: Option<FieldNames>,
}

impl WorkloadFieldsEntry {
    /// Whether the manager writes the pod template.
    pub fn writes_template(&self) -> bool {
        self.template().is_some()
    }

    /// Whether the manager owns an annotation of the pod template.
    pub fn owns(&self, annotation: &str) -> bool {
        let Some(annotations) = self.annotations() else { return false };
        annotations.has(annotation)
    }

    fn annotations(&self) -> Option<&FieldNames> {
        self.template()?.metadata.as_ref()?.annotations.as_ref()
    }

    fn template(&self) -> Option<&TemplateFields> {
        self.fields_v1.as_ref()?.spec.as_ref()?.template.as_ref()
    }
}

/// The part of a ReplicaSet that names its Deployment.
#[derive(Debug, Clone, Deserialize)]
pub struct ReplicaSet {
    pub metadata: ReplicaSetMetadata,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaSetMetadata {
    pub uid: Uid,
    pub owner_references: Option<Vec<OwnerReference>>,
}

impl ReplicaSet {
    /// Whether this controller created the ReplicaSet.
    pub fn is_of(&self, controller: &Uid) -> bool {
        let owners = self.metadata.owner_references.as_deref().unwrap_or_default();
        object::controller(owners) == Some(controller)
    }
}
