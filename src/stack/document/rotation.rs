//! The rotation of the certificates: the few values that people change. Names and consumers follow from the stack.

use schemars::JsonSchema;
use serde::Deserialize;

/// The rotation of the certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotationSection {
    /// The image of newleaf, with a tag or a digest.
    pub image: Option<String>,
    /// When the CronJob starts, as cron has it, in UTC.
    pub schedule: Option<String>,
    /// The leaves.
    pub leaf: Option<LeafSection>,
    /// An authority of the operator's own.
    pub authority: Option<AuthoritySection>,
    /// How PostgreSQL loads its new leaf.
    pub pickup: Option<ServerPickup>,
    /// Annotate PostgreSQL's pods, so that the kubelet projects new files at once.
    pub nudge: Option<bool>,
    /// Confine the accounts by admission policies, which belong to the whole cluster.
    pub admission_policies: Option<bool>,
    /// How long things may take.
    pub deadlines: Option<RotationDeadlinesSection>,
}

/// The leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeafSection {
    /// How long a leaf is valid: `45d`.
    pub lifetime: Option<String>,
    /// The age at which a leaf is replaced: `30d`.
    pub rotate_after: Option<String>,
}

/// An authority of the operator's own, in a Secret of the namespace.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthoritySection {
    /// The Secret.
    pub secret: String,
    /// Its key with the certificate.
    pub certificate: Option<String>,
    /// Its key with the private key.
    pub key: Option<String>,
}

/// How long things may take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotationDeadlinesSection {
    /// One step: `3m`.
    pub step: Option<String>,
    /// A run: `10m`.
    pub run: Option<String>,
}

/// How PostgreSQL loads its new leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ServerPickup {
    /// It reads the files again and keeps its sessions.
    Reload,
    /// Its pod is replaced.
    Restart,
}
