//! The objects that `newleaf manifests` prints, and their YAML.

use k8s_openapi::api::admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{ConfigMap, ServiceAccount};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use serde::Serialize;

/// One object of the cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Object {
    /// A service account.
    ServiceAccount(ServiceAccount),
    /// The rights of an account in a namespace.
    Role(Role),
    /// The binding of a Role to an account.
    RoleBinding(RoleBinding),
    /// The ConfigMap with the configuration.
    ConfigMap(ConfigMap),
    /// An admission policy of the API server.
    Policy(Box<ValidatingAdmissionPolicy>),
    /// The binding that puts an admission policy in force.
    PolicyBinding(Box<ValidatingAdmissionPolicyBinding>),
    /// The bootstrap Job.
    Job(Box<Job>),
    /// The daily rotation.
    CronJob(Box<CronJob>),
}

/// A `List`, for JSON output.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct List {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Object>,
}

impl List {
    /// Collects the objects in one `List`.
    pub const fn new(items: Vec<Object>) -> Self {
        Self { api_version: "v1", kind: "List", items }
    }
}

/// The objects as one YAML stream. Text that YAML 1.1 would not read as text (`yes`, `0640`) is quoted.
pub fn yaml(objects: &[Object]) -> Result<String, serde_saphyr::ser::Error> {
    let documents: Result<Vec<String>, _> = objects.iter().map(serde_saphyr::to_string).collect();
    let documents: Vec<String> = documents?.iter().map(|document| format!("{}\n", document.trim_end())).collect();
    Ok(documents.join("---\n"))
}
