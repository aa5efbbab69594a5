//! The next step, chosen from facts. A plan is the sequence of steps that would follow; it holds no secrets.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::diagnosis::Code;
use crate::rotation::facts::{Facts, Fingerprint, Peer, Validity};
use crate::rotation::policy::Policy;
use crate::rotation::request::{Request, RotationId};
use crate::rotation::rules::{Finding, Reason};

/// One external change, or one wait for it to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "step")]
pub enum Step {
    /// Make a generation of the authority and store it with the others.
    AddAuthority {
        /// Its number.
        generation: u32,
        /// Its span of life.
        validity: Validity,
        /// The generations that retire with it.
        retiring: BTreeSet<u32>,
        /// The forced rollover that asked for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        rotation_id: Option<RotationId>,
    },
    /// Remove a generation that nothing chains to any more.
    RemoveAuthority {
        /// Its number.
        generation: u32,
    },
    /// Issue a leaf with a new key, rehearse it, write it with its trust bundle.
    Issue {
        /// Whose.
        peer: Peer,
        /// The generation that signs.
        signer: u32,
        /// Its span of life.
        validity: Validity,
        /// The roots in its trust bundle.
        trust: BTreeSet<Fingerprint>,
        /// The roots that the other peer has loaded.
        peer_trust: BTreeSet<Fingerprint>,
        /// Why.
        reasons: Vec<Reason>,
        /// The forced rotation that asked for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        rotation_id: Option<RotationId>,
    },
    /// Write the stored leaf with another trust bundle.
    Republish {
        /// Whose.
        peer: Peer,
        /// The roots in its trust bundle.
        trust: BTreeSet<Fingerprint>,
    },
    /// Make a consumer load what is stored.
    PickUp {
        /// Whose leaf.
        peer: Peer,
        /// The consumer.
        consumer: String,
    },
    /// Wait until a consumer shows what is stored.
    Prove {
        /// Whose leaf.
        peer: Peer,
        /// The consumer.
        consumer: String,
    },
}

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Take this step, then observe again.
    Act(Step),
    /// Nothing is left to do.
    Done,
    /// Nothing may be done; the code says why, the text on what.
    Refuse(Code, String),
}

/// What would be done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Everything the rules found.
    pub findings: Vec<Finding>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Why it stops short, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<(Code, String)>,
    /// When something is due next if every step succeeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<DateTime<Utc>>,
}

/// The next step.
pub fn decide(facts: &Facts, policy: &Policy, request: &Request) -> Decision {
    let _ = (facts, policy, request);
    Decision::Done
}

/// The whole sequence of steps from here, assuming that each succeeds.
pub fn plan(facts: &Facts, policy: &Policy, request: &Request) -> Plan {
    let _ = (facts, policy, request);
    Plan { findings: Vec::new(), steps: Vec::new(), refusal: None, next: None }
}
