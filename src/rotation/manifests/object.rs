//! Any object that is printed, and the YAML of several.

use k8s_openapi::api::admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{ConfigMap, ServiceAccount};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use serde::Serialize;

/// An object of the cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Object {
    /// An account.
    ServiceAccount(ServiceAccount),
    /// What an account may do in a namespace.
    Role(Role),
    /// Which account has a Role.
    RoleBinding(RoleBinding),
    /// The configuration.
    ConfigMap(ConfigMap),
    /// A rule that the API server holds requests to.
    Policy(Box<ValidatingAdmissionPolicy>),
    /// That such a rule is in force.
    PolicyBinding(Box<ValidatingAdmissionPolicyBinding>),
    /// The bootstrap Job.
    Job(Box<Job>),
    /// The daily rotation.
    CronJob(Box<CronJob>),
}

/// A `List`, for who reads JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct List {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Object>,
}

impl List {
    /// All of them in one object.
    pub const fn new(items: Vec<Object>) -> Self {
        Self { api_version: "v1", kind: "List", items }
    }
}

/// The objects as one YAML stream. Whatever YAML 1.1 would read as something else than text (`yes`, `0640`) is quoted.
pub fn yaml(objects: &[Object]) -> Result<String, serde_saphyr::ser::Error> {
    let documents: Result<Vec<String>, _> = objects.iter().map(serde_saphyr::to_string).collect();
    let documents: Vec<String> = documents?.iter().map(|document| format!("{}\n", document.trim_end())).collect();
    Ok(documents.join("---\n"))
}
