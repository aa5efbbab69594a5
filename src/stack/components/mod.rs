//! The parts of the stack, each a function from settings to objects. A new one is a file and a line of [`COMPONENTS`].
//!
//! | File | Subject |
//! |---|---|
//! | [`namespace`] | the namespace, with its Pod Security Standard |
//! | [`access`] | Backstage's own role inside PostgreSQL |
//! | [`postgres`] | a PostgreSQL with TLS and no password |
//! | [`app_config`] | the configuration of Backstage, in layers |
//! | [`backstage`] | the Backstage backend, which also serves the frontend |
//! | [`cluster_reader`] | what Backstage's Kubernetes plugin may read |
//! | [`check`] | `newleaf-deploy check` in a pod of its own, for `helm test`; no part of it |
//! | [`probe`] | the Jobs by which `check` tries an installed stack from inside; no part of it |
//! | [`rotation`] | the objects of the rotation, and the document that they are made from |
//! | [`ingress`], [`route`], [`http_route`] | how people reach Backstage |
//! | [`network_policies`] | which connections the network lets through |
//! | [`disruption`] | drained nodes wait, and pods are spread |
//! | [`monitoring`] | metrics, alerts, dashboard |
//! | [`external_secrets`] | Secrets from outside |
//! | `common`, `pod` | what several of them need |

pub mod access;
pub mod app_config;
pub mod backstage;
pub mod check;
pub mod cluster_reader;
pub(crate) mod common;
pub mod disruption;
pub mod external_secrets;
pub mod http_route;
pub mod ingress;
pub mod monitoring;
pub mod namespace;
pub mod network_policies;
mod pod;
pub mod postgres;
pub mod probe;
pub mod rotation;
pub mod route;

use crate::object::Object;
use crate::settings::Settings;

/// A part of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// The namespace.
    Namespace,
    /// Roles inside PostgreSQL.
    Access,
    /// PostgreSQL.
    Postgres,
    /// The configuration of Backstage.
    AppConfig,
    /// Backstage.
    Backstage,
    /// What Backstage may read of the cluster.
    ClusterReader,
    /// The rotation.
    Rotation,
    /// An Ingress.
    Ingress,
    /// A Route of `OpenShift`.
    Route,
    /// An `HTTPRoute`.
    HttpRoute,
    /// Network policies.
    NetworkPolicies,
    /// Disruption.
    Disruption,
    /// Monitoring.
    Monitoring,
    /// Secrets from outside.
    ExternalSecrets,
    /// The check that runs inside of the cluster.
    Check,
    /// What a raw layer adds.
    Added,
}

impl Component {
    /// The value of the label `app.kubernetes.io/component`, and the name on a terminal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Access => "access",
            Self::Postgres => "database",
            Self::AppConfig => "app-config",
            Self::Backstage => "backstage",
            Self::ClusterReader => "cluster-reader",
            Self::Rotation => "rotation",
            Self::Ingress => "ingress",
            Self::Route => "route",
            Self::HttpRoute => "http-route",
            Self::NetworkPolicies => "network-policies",
            Self::Disruption => "disruption",
            Self::Monitoring => "monitoring",
            Self::ExternalSecrets => "external-secrets",
            Self::Check => "check",
            Self::Added => "raw-layer",
        }
    }
}

/// From settings to objects.
type Renderer = fn(&Settings) -> Vec<Object>;

/// Every component.
pub const COMPONENTS: [(Component, Renderer); 14] = [
    (Component::Namespace, namespace::objects),
    (Component::ExternalSecrets, external_secrets::objects),
    (Component::NetworkPolicies, network_policies::objects),
    (Component::Access, access::objects),
    (Component::Rotation, rotation::objects),
    (Component::Postgres, postgres::objects),
    (Component::AppConfig, app_config::objects),
    (Component::ClusterReader, cluster_reader::objects),
    (Component::Backstage, backstage::objects),
    (Component::Disruption, disruption::objects),
    (Component::Ingress, ingress::objects),
    (Component::Route, route::objects),
    (Component::HttpRoute, http_route::objects),
    (Component::Monitoring, monitoring::objects),
];
