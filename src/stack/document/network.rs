//! How people reach Backstage, and which connections the network lets through.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// How people reach Backstage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IngressSection {
    /// By which kind of object; follows from the platform where a host is given.
    pub kind: Option<IngressKind>,
    /// The ingress class; `bunkerweb` brings the settings that Backstage needs behind it.
    pub class_name: Option<String>,
    /// Further annotations of the object.
    pub annotations: Option<BTreeMap<String, String>>,
    /// TLS between browser and cluster.
    pub tls: Option<TlsSection>,
    /// The Gateway that an `HTTPRoute` belongs to.
    pub gateway: Option<GatewaySection>,
}

/// By which kind of object people reach Backstage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum IngressKind {
    /// By none: `kubectl port-forward`.
    None,
    /// By an Ingress.
    Ingress,
    /// By a Route of `OpenShift`.
    Route,
    /// By an `HTTPRoute` of the Gateway API.
    HttpRoute,
}

/// TLS between browser and cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TlsSection {
    /// Whether browsers use `https`.
    pub enabled: Option<bool>,
    /// The Secret with the certificate.
    pub secret: Option<String>,
    /// The `ClusterIssuer` of cert-manager that fills that Secret.
    pub cluster_issuer: Option<String>,
}

/// The Gateway that an `HTTPRoute` belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GatewaySection {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// The listener.
    pub section_name: Option<String>,
}

/// Which connections the network lets through; the others are denied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkPoliciesSection {
    /// Whether they are made.
    pub enabled: Option<bool>,
    /// The pods of the ingress controller or of the Gateway; follows from the platform.
    pub ingress_from: Option<PeerSection>,
    /// Where the API server is, as pods reach it.
    pub api_server: Option<DestinationSection>,
    /// The addresses of the nodes, where the network plugin does not let the kubelet through by itself.
    pub nodes: Option<Vec<String>>,
    /// Where Backstage may connect to: source code, identity provider, other clusters.
    pub egress: Option<Vec<DestinationSection>>,
}

/// Pods, by namespace and by labels; both must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PeerSection {
    /// The namespace.
    pub namespace: Option<String>,
    /// Labels of the pods; all pods of the namespace where it is left out.
    pub pod_labels: Option<BTreeMap<String, String>>,
}

/// Addresses and ports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DestinationSection {
    /// Ranges of addresses: `10.0.0.0/8`; everywhere where it is left out.
    pub cidrs: Option<Vec<String>>,
    /// TCP ports.
    pub ports: Option<Vec<u32>>,
}
