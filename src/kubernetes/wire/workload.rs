//! A Deployment, StatefulSet or DaemonSet, and the `ReplicaSets` of a Deployment.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Deserialize;

use crate::diagnosis::RemoteText;
use crate::kubernetes::api::object::{self, ObjectName, OwnerReference, Uid};
use crate::kubernetes::wire::{FieldNames, own_annotations};

/// A workload of any of the three kinds: each has its own part of the fields.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WorkloadObject {
    pub(crate) metadata: WorkloadMetadata,
    pub(crate) spec: Option<WorkloadSpec>,
    pub(crate) status: Option<WorkloadStatus>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkloadMetadata {
    pub(crate) name: ObjectName,
    pub(crate) uid: Uid,
    pub(crate) generation: Option<i64>,
    pub(crate) managed_fields: Option<Vec<WorkloadFieldsEntry>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkloadSpec {
    pub(crate) replicas: Option<i32>,
    pub(crate) paused: Option<bool>,
    pub(crate) selector: LabelSelector,
    pub(crate) template: Option<Template>,
    pub(crate) update_strategy: Option<UpdateStrategy>,
    pub(crate) pod_management_policy: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Template {
    pub(crate) metadata: Option<TemplateMetadata>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TemplateMetadata {
    #[serde(default, deserialize_with = "own_annotations")]
    pub(crate) annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateStrategy {
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) rolling_update: Option<RollingUpdate>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RollingUpdate {
    pub(crate) partition: Option<i32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WorkloadStatus {
    pub(crate) observed_generation: Option<i64>,
    pub(crate) replicas: i32,
    pub(crate) updated_replicas: i32,
    pub(crate) available_replicas: i32,
    pub(crate) ready_replicas: i32,
    pub(crate) current_revision: Option<String>,
    pub(crate) update_revision: Option<String>,
    pub(crate) desired_number_scheduled: i32,
    pub(crate) current_number_scheduled: i32,
    pub(crate) updated_number_scheduled: i32,
    pub(crate) number_available: i32,
    pub(crate) conditions: Option<Vec<WorkloadCondition>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WorkloadCondition {
    #[serde(rename = "type")]
    pub(crate) kind: RemoteText,
    pub(crate) status: String,
    pub(crate) reason: Option<RemoteText>,
    pub(crate) message: Option<RemoteText>,
}

/// The fields of the pod template that a manager has written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkloadFieldsEntry {
    pub(crate) manager: Option<RemoteText>,
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
    pub(crate) fn writes_template(&self) -> bool {
        self.template().is_some()
    }

    /// Whether the manager owns an annotation of the pod template.
    pub(crate) fn owns(&self, annotation: &str) -> bool {
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
pub(crate) struct ReplicaSet {
    pub(crate) metadata: ReplicaSetMetadata,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplicaSetMetadata {
    pub(crate) uid: Uid,
    pub(crate) owner_references: Option<Vec<OwnerReference>>,
}

impl ReplicaSet {
    /// Whether this controller created the ReplicaSet.
    pub(crate) fn is_of(&self, controller: &Uid) -> bool {
        let owners = self.metadata.owner_references.as_deref().unwrap_or_default();
        object::controller(owners) == Some(controller)
    }
}
