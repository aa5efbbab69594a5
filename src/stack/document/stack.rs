//! The whole document.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::backstage::BackstageSection;
use crate::document::database::DatabaseSection;
use crate::document::features::FeaturesSection;
use crate::document::network::{IngressSection, NetworkPoliciesSection};
use crate::document::operations::{
    CheckSection, DisruptionSection, ExternalSecretsSection, MonitoringSection, PodSecuritySection, RawLayerSection,
};
use crate::document::rotation::RotationSection;

/// The only version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum StackVersion {
    /// The first.
    #[serde(rename = "newleaf.dev/v1alpha1")]
    V1Alpha1,
}

/// The only kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum StackKind {
    /// Backstage with its database, certificates and everything around them.
    Stack,
}

/// Which Kubernetes it is: it decides classes, user ids, and where DNS and the ingress controller are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KubernetesPlatform {
    /// Any Kubernetes.
    Kubernetes,
    /// Red Hat `OpenShift`: user ids are assigned, Routes are there.
    OpenShift,
    /// kind, Kubernetes in Docker.
    Kind,
    /// k3d, or k3s itself.
    K3d,
    /// minikube.
    Minikube,
    /// `MicroK8s`.
    MicroK8s,
}

/// Backstage with its own PostgreSQL, mutual TLS between them, and no password. Everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Stack")]
pub struct StackDocument {
    /// The version of the format.
    pub api_version: Option<StackVersion>,
    /// The kind of the document.
    pub kind: Option<StackKind>,
    /// The name of this stack: the label `app.kubernetes.io/instance` of each object.
    pub name: Option<String>,
    /// The namespace of all objects. It holds one stack.
    pub namespace: Option<String>,
    /// Which Kubernetes it is.
    pub platform: Option<KubernetesPlatform>,
    /// The name that people type into the browser. Every URL follows from it.
    pub host: Option<String>,
    /// Backstage itself.
    pub backstage: Option<BackstageSection>,
    /// PostgreSQL.
    pub database: Option<DatabaseSection>,
    /// The rotation of the certificates.
    pub rotation: Option<RotationSection>,
    /// How people reach Backstage.
    pub ingress: Option<IngressSection>,
    /// Which connections the network lets through.
    pub network_policies: Option<NetworkPoliciesSection>,
    /// Metrics, alerts and the dashboard.
    pub monitoring: Option<MonitoringSection>,
    /// Parts of Backstage that can be switched on.
    pub features: Option<FeaturesSection>,
    /// The check that runs inside of the cluster, when `helm test` starts it.
    pub check: Option<CheckSection>,
    /// Secrets that the External Secrets Operator brings.
    pub external_secrets: Option<ExternalSecretsSection>,
    /// How Backstage behaves when nodes are drained or lost.
    pub disruption: Option<DisruptionSection>,
    /// The Pod Security Standard of the namespace.
    pub pod_security: Option<PodSecuritySection>,
    /// Partial Kubernetes objects that are merged over the rendered ones, in this order.
    pub raw: Option<Vec<RawLayerSection>>,
}
