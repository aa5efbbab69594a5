//! What a run tells while it works, and at its end.

use base::diagnosis::Code;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::engine::facts::{Peer, Serial};
use crate::engine::rules::Finding;
use crate::engine::step::Step;

/// What happens, as it happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "event")]
pub enum RunEvent {
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
    /// What PostgreSQL and its clients accept, and other tools object to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Finding>,
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
