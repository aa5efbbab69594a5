//! The resources that are asked for: those that newleaf knows, all of a group's version v1, and any other that the API server
//! describes.

use std::sync::Arc;

/// A resource of the API, as the API server describes it (Kubernetes, "API Concepts", "Resource types").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedResource {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version of the group, for example `v1`.
    pub version: String,
    /// As an object names its own kind.
    pub kind: String,
    /// As a path names it.
    pub plural: String,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

/// A resource of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// The ConfigMap with the configuration.
    ConfigMap,
    CronJob,
    DaemonSet,
    Deployment,
    /// An Event of the core group, as `kubectl describe` lists it.
    Event,
    /// An Event of the group `events.k8s.io`, as newleaf posts it.
    PostedEvent,
    Job,
    Lease,
    Pod,
    PodLog,
    ReplicaSet,
    Secret,
    StatefulSet,
    /// Any other.
    Described(Arc<DescribedResource>),
}

impl Resource {
    /// The API group. Empty for the core group.
    pub fn group(&self) -> &str {
        match self {
            Self::ConfigMap | Self::Event | Self::Pod | Self::PodLog | Self::Secret => "",
            Self::DaemonSet | Self::Deployment | Self::ReplicaSet | Self::StatefulSet => "apps",
            Self::CronJob | Self::Job => "batch",
            Self::Lease => "coordination.k8s.io",
            Self::PostedEvent => "events.k8s.io",
            Self::Described(described) => &described.group,
        }
    }

    /// The name in a Role: the plural, with a subresource after a slash.
    pub fn as_str(&self) -> &str {
        match self {
            Self::ConfigMap => "configmaps",
            Self::CronJob => "cronjobs",
            Self::DaemonSet => "daemonsets",
            Self::Deployment => "deployments",
            Self::Event | Self::PostedEvent => "events",
            Self::Job => "jobs",
            Self::Lease => "leases",
            Self::Pod => "pods",
            Self::PodLog => "pods/log",
            Self::ReplicaSet => "replicasets",
            Self::Secret => "secrets",
            Self::StatefulSet => "statefulsets",
            Self::Described(described) => &described.plural,
        }
    }

    /// The plural without a subresource, as paths and failures have it.
    pub(crate) fn plural(&self) -> &str {
        let whole = self.as_str();
        match whole.split_once('/') {
            Some((plural, _)) => plural,
            None => whole,
        }
    }

    /// The kind of an object.
    pub fn kind(&self) -> &str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::CronJob => "CronJob",
            Self::DaemonSet => "DaemonSet",
            Self::Deployment => "Deployment",
            Self::Event | Self::PostedEvent => "Event",
            Self::Job => "Job",
            Self::Lease => "Lease",
            Self::Pod | Self::PodLog => "Pod",
            Self::ReplicaSet => "ReplicaSet",
            Self::Secret => "Secret",
            Self::StatefulSet => "StatefulSet",
            Self::Described(described) => &described.kind,
        }
    }

    /// The group and version of an object.
    pub fn version(&self) -> String {
        let version = if let Self::Described(described) = self { &described.version } else { "v1" };
        match self.group() {
            "" => version.to_owned(),
            group => format!("{group}/{version}"),
        }
    }

    /// Whether its objects are in namespaces.
    pub fn is_namespaced(&self) -> bool {
        if let Self::Described(described) = self { described.namespaced } else { true }
    }
}
