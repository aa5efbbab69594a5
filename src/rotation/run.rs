//! The loop: observe, decide, take one step, observe again. Only calls ports.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::diagnosis::{Code, Failure};
use crate::rotation::facts::{Facts, Peer, Serial};
use crate::rotation::plan::Step;
use crate::rotation::policy::Policy;
use crate::rotation::ports::Ports;
use crate::rotation::request::Request;

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// One step.
    pub step: Duration,
    /// The whole run, the wait for the lease included.
    pub run: Duration,
}

/// What happens, as it happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "event")]
pub enum Event {
    /// The lease is asked for.
    LeaseAwaited,
    /// A step begins.
    StepStarted {
        /// Counted from 1.
        number: u32,
        /// The step.
        step: Step,
    },
    /// A step ended well.
    StepFinished {
        /// Counted from 1.
        number: u32,
        /// The step.
        step: Step,
        /// How long it took.
        seconds: f64,
    },
    /// A step failed; the run stops here.
    StepFailed {
        /// Counted from 1.
        number: u32,
        /// The step.
        step: Step,
        /// The error's code.
        code: Code,
        /// The error's message.
        message: String,
    },
    /// Someone else wrote first; the run looks again.
    Conflict {
        /// What was to be written.
        step: Step,
    },
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The steps taken, with the seconds each took.
    pub steps: Vec<TakenStep>,
    /// The leaves before and after.
    pub leaves: Vec<LeafChange>,
    /// When something is due next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<DateTime<Utc>>,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TakenStep {
    /// The step.
    pub step: Step,
    /// How long it took.
    pub seconds: f64,
}

/// The serial of a peer's leaf before and after the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeafChange {
    /// Whose.
    pub peer: Peer,
    /// Before; `None` if there was none.
    pub before: Option<Serial>,
    /// After; `None` if there is none.
    pub after: Option<Serial>,
    /// The end of the leaf that is stored now.
    pub not_after: Option<DateTime<Utc>>,
}

/// Looks at everything once.
pub async fn observe<P: Ports>(ports: &P) -> Result<Facts, Failure> {
    let _ = ports;
    std::future::pending().await
}

/// Does what is to be done, one step at a time, under the lease and the deadlines.
pub async fn run<P: Ports>(
    ports: &P,
    policy: &Policy,
    request: &Request,
    deadlines: &Deadlines,
) -> Result<Outcome, Failure> {
    let _ = (ports, policy, request, deadlines);
    std::future::pending().await
}
