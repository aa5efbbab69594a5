//! The resources that newleaf speaks of. All of them are of a group's version v1.

/// A resource of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The configuration.
    ConfigMap,
    /// A CronJob.
    CronJob,
    /// A DaemonSet.
    DaemonSet,
    /// A Deployment.
    Deployment,
    /// An Event as `kubectl describe` lists it: of the core group.
    Event,
    /// An Event as newleaf posts it: of the group `events.k8s.io`.
    PostedEvent,
    /// A Job.
    Job,
    /// A Lease.
    Lease,
    /// A pod.
    Pod,
    /// The log of a pod.
    PodLog,
    /// A ReplicaSet.
    ReplicaSet,
    /// A Secret.
    Secret,
    /// A StatefulSet.
    StatefulSet,
}

impl Resource {
    /// The API group; empty for the core group.
    pub const fn group(self) -> &'static str {
        match self {
            Self::ConfigMap | Self::Event | Self::Pod | Self::PodLog | Self::Secret => "",
            Self::DaemonSet | Self::Deployment | Self::ReplicaSet | Self::StatefulSet => "apps",
            Self::CronJob | Self::Job => "batch",
            Self::Lease => "coordination.k8s.io",
            Self::PostedEvent => "events.k8s.io",
        }
    }

    /// As a Role names it: in plural, with a subresource after a slash.
    pub const fn as_str(self) -> &'static str {
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
        }
    }

    /// In plural, without a subresource: as a path and a failure name it.
    pub(crate) fn plural(self) -> &'static str {
        let whole = self.as_str();
        match whole.split_once('/') {
            Some((plural, _)) => plural,
            None => whole,
        }
    }

    /// As an object names its own kind.
    pub const fn kind(self) -> &'static str {
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
        }
    }

    /// As an object names its group and version.
    pub fn version(self) -> String {
        match self.group() {
            "" => "v1".to_owned(),
            group => format!("{group}/v1"),
        }
    }
}
