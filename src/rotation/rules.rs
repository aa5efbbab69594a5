//! A chain of small rules. Each looks at the facts and returns a finding with its reason, or nothing.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::rotation::facts::{Facts, Peer};
use crate::rotation::policy::Policy;
use crate::rotation::request::Request;

/// Why something must be done, or cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// There is no authority.
    AuthorityMissing,
    /// The authority is stored but cannot be used.
    AuthorityUnreadable,
    /// An authority's chain has ended.
    AuthorityExpired,
    /// An authority's chain has not begun.
    AuthorityNotYetValid,
    /// The newest authority comes to its end.
    AuthorityEnding,
    /// A generation retires: something still chains to it.
    AuthorityRetiring,
    /// The leaf is not there.
    LeafAbsent,
    /// The leaf is there and cannot be used.
    LeafUnreadable,
    /// The leaf has ended.
    LeafExpired,
    /// The leaf has not begun.
    LeafNotYetValid,
    /// The leaf does not verify against what its peer trusts.
    LeafUntrusted,
    /// Names, usages or key algorithm differ from the policy.
    ProfileDrift,
    /// The leaf's signer is not among the stored authorities.
    SignerGone,
    /// The leaf's signer retires.
    SignerRetiring,
    /// The leaf has reached the age at which it is replaced.
    RotationDue,
    /// The leaf comes to its end.
    LeafEnding,
    /// A forced rotation asks for it.
    Forced,
    /// The trust bundle beside the leaf is not what it should be.
    TrustDiffers,
    /// A consumer has not loaded what is stored.
    ConsumerStale,
    /// A consumer cannot be observed.
    ConsumerUnknown,
    /// Our clock differs from the reference.
    ClockDiffers,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "name")]
pub enum Subject {
    /// The authority, or one generation of it.
    Authority(Option<u32>),
    /// The leaf of a peer.
    Leaf(Peer),
    /// A consumer.
    Consumer(String),
    /// The clock.
    Clock,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// About what.
    pub subject: Subject,
    /// Why it matters, for machines.
    pub reason: Reason,
    /// Why it matters, for people: a clause without a full stop.
    pub message: String,
}

/// Every finding of every rule, in a stable order: authority, server, client, consumers, clock.
pub fn explain(facts: &Facts, policy: &Policy, request: &Request) -> Vec<Finding> {
    let _ = (facts, policy, request);
    Vec::new()
}

/// When the stored leaf of a peer is due by age or by its end, whichever is first.
pub fn due_at(facts: &Facts, policy: &Policy, peer: Peer) -> Option<DateTime<Utc>> {
    let _ = (facts, policy, peer);
    None
}
