//! What keeps the stack running: monitoring, disruption, security, secrets from outside, raw layers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::network::PeerSection;

/// Metrics, alerts and the dashboard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MonitoringSection {
    /// Let the Prometheus Operator scrape newleaf's figures, and Backstage's where it has some.
    pub service_monitor: Option<bool>,
    /// Alert rules for the Prometheus Operator.
    pub alerts: Option<bool>,
    /// A dashboard for Grafana.
    pub dashboard: Option<bool>,
    /// Labels by which Prometheus and Grafana find these objects.
    pub labels: Option<BTreeMap<String, String>>,
    /// Where Backstage serves metrics, if its image does.
    pub backstage_metrics: Option<MetricsSection>,
    /// The pods of Prometheus, for the network policies [default: those of the Prometheus Operator, in any namespace].
    pub prometheus: Option<PeerSection>,
}

/// Where metrics are served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MetricsSection {
    /// The port.
    pub port: Option<u32>,
    /// The path.
    pub path: Option<String>,
}

/// How Backstage behaves when nodes are drained or lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisruptionSection {
    /// Whether drained nodes wait for other pods to be ready; only with more than one replica.
    pub budget: Option<bool>,
    /// Over what the pods are spread.
    pub spread: Option<PodSpread>,
}

/// Over what pods are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PodSpread {
    /// Over nothing.
    None,
    /// Over nodes.
    Node,
    /// Over zones, and over nodes in them.
    Zone,
}

/// The Pod Security Standard of the namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodSecuritySection {
    /// The level that is enforced. All pods of the stack keep `restricted` at any level.
    pub level: Option<PodSecurityLevel>,
}

/// The levels of the Pod Security Standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PodSecurityLevel {
    /// The current best practice.
    Restricted,
    /// Nothing that is known to escalate.
    Baseline,
    /// Everything.
    Privileged,
}

/// The check that runs inside of the cluster, when `helm test` starts it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckSection {
    /// The image of newleaf-deploy, with a tag or a digest.
    pub image: Option<String>,
}

/// Secrets that the External Secrets Operator brings before Backstage starts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalSecretsSection {
    /// The store.
    pub store: SecretStoreSection,
    /// How often they are read: `1h`.
    pub refresh_interval: Option<String>,
    /// The Secrets.
    pub secrets: Vec<ExternalSecretSection>,
}

/// The store of the operator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretStoreSection {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Option<SecretStoreKind>,
}

/// The kind of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum SecretStoreKind {
    /// Of the namespace.
    SecretStore,
    /// Of the whole cluster.
    ClusterSecretStore,
}

/// A Secret that is brought.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalSecretSection {
    /// The name of the Secret.
    pub name: String,
    /// Its keys.
    pub data: Vec<ExternalKeySection>,
}

/// A key of a Secret that is brought.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalKeySection {
    /// The key in the Secret.
    pub key: String,
    /// The key in the store.
    pub remote_key: String,
    /// The property of that key.
    pub property: Option<String>,
}

/// Partial Kubernetes objects: exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawLayerSection {
    /// A file or a folder beside the document.
    pub path: Option<String>,
    /// A ConfigMap of the namespace.
    pub config_map: Option<String>,
}
