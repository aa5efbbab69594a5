//! A place in a Kubernetes cluster: Secrets instead of directories, workloads instead of processes.

use std::time::Duration;

use crate::engine::facts::Peer;
use base::workload_kind::WorkloadKind;

/// Secrets of one namespace, and the workloads that mount them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterPlace {
    /// The namespace of the Secrets, of the Lease and of newleaf's own Jobs.
    pub namespace: String,
    pub authority: AuthoritySecret,
    /// The Secret of the server's leaf.
    pub server: LeafSecret,
    /// The Secret of the client's leaf.
    pub client: LeafSecret,
    /// The workloads that load the leaves, in pick-up order.
    pub consumers: Vec<ClusterConsumer>,
    /// How long a pod may still see the former files of a Secret.
    pub projection: Duration,
}

impl ClusterPlace {
    /// The Secret of a peer's leaf.
    pub const fn leaf(&self, peer: Peer) -> &LeafSecret {
        match peer {
            Peer::Server => &self.server,
            Peer::Client => &self.client,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthoritySecret {
    pub name: String,
    /// The keys of an external authority in the Secret; newleaf then creates none. `None`: newleaf's own generations, or
    /// `tls.crt` and `tls.key`, whichever exists.
    pub external: Option<ExternalKeys>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalKeys {
    /// The key of the signing certificate. Intermediates up to the root may follow in the same value.
    pub certificate: String,
    /// The key of its private key.
    pub key: String,
    /// The key of further certificates up to the root.
    pub chain: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafSecret {
    pub name: String,
    /// The key of the certificate chain, `tls.crt` by convention.
    pub certificate: String,
    /// The key of the private key, `tls.key` by convention.
    pub key: String,
    /// The key of the trust bundle, `ca.crt` by convention.
    pub bundle: String,
}

/// Workloads that load a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterConsumer {
    /// A name for messages.
    pub name: String,
    /// The peer whose leaf it loads.
    pub peer: Peer,
    /// How newleaf makes it load the leaf.
    pub pickup: ClusterPickup,
    /// The workloads. `None` for a consumer that newleaf does not observe, which must load its leaf at each login.
    pub target: Option<Target>,
}

/// How newleaf makes workloads load the stored leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterPickup {
    /// The database reads its files again and keeps its sessions, once the kubelet has projected them.
    Reload {
        /// Ask the kubelet to project at once, by an annotation of each pod.
        nudge: bool,
        /// Restart if the files do not arrive. newleaf never restarts after a refused reload.
        fallback: bool,
    },
    /// Kubernetes replaces the pods.
    Restart,
    /// It reads the files at each login, so it needs no pick-up.
    Login,
}

/// The workloads of a consumer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The namespace of the workloads.
    pub namespace: String,
    /// The kind of the workloads.
    pub kind: WorkloadKind,
    /// The selection among the workloads of that kind.
    pub choice: Choice,
}

/// A selection among the workloads of a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// The one of that name.
    Named(String),
    /// All that have these labels: a label selector as kubectl takes it.
    Labelled(String),
}
