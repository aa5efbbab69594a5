//! The resources that newleaf uses. All of them have version v1 of their group.

/// A resource of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The ConfigMap with the configuration.
    ConfigMap,
    /// A CronJob.
    CronJob,
    /// A DaemonSet.
    DaemonSet,
    /// A Deployment.
    Deployment,
    /// An Event of the core group, as `kubectl describe` lists it.
    Event,
    /// An Event of the group `events.k8s.io`, as newleaf posts it.
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
    /// The API group. Empty for the core group.
    pub const fn group(self) -> &'static str {
        match self {
            Self::ConfigMap | Self::Event | Self::Pod | Self::PodLog | Self::Secret => "",
            Self::DaemonSet | Self::Deployment | Self::ReplicaSet | Self::StatefulSet => "apps",
            Self::CronJob | Self::Job => "batch",
            Self::Lease => "coordination.k8s.io",
            Self::PostedEvent => "events.k8s.io",
        }
    }

    /// The name in a Role: the plural, with a subresource after a slash.
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

    /// The plural without a subresource, as paths and failures have it.
    pub(crate) fn plural(self) -> &'static str {
        let whole = self.as_str();
        match whole.split_once('/') {
            Some((plural, _)) => plural,
            None => whole,
        }
    }

    /// The kind of an object.
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

    /// The group and version of an object.
    pub(crate) fn version(self) -> String {
        match self.group() {
            "" => "v1".to_owned(),
            group => format!("{group}/v1"),
        }
    }
}
