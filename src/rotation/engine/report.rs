//! What a run reports while it works and at its end.

use base::diagnosis::Code;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::engine::facts::{Peer, Serial};
use crate::engine::rules::Finding;
use crate::engine::step::Step;

/// One event of a run, reported as it happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "event")]
pub enum RunEvent {
    /// The run asks for the lease.
    LeaseAwaited,
    StepStarted {
        /// Counted from 1.
        number: u32,
        /// The step that the run takes.
        step: Step,
    },
    /// A step succeeded.
    StepFinished {
        /// Counted from 1.
        number: u32,
        /// The step that the run takes.
        step: Step,
        /// The duration of the step in seconds.
        seconds: f64,
    },
    StepFailed {
        /// Counted from 1.
        number: u32,
        /// The step that the run takes.
        step: Step,
        /// The error's code.
        code: Code,
        /// The error's message.
        message: String,
    },
    /// Another writer changed the object first. The run observes again.
    Conflict {
        /// The step that lost the race.
        step: Step,
    },
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The steps, with the duration of each.
    pub steps: Vec<TakenStep>,
    /// The serials of the leaves before and after the run.
    pub leaves: Vec<LeafChange>,
    /// When the next step is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<DateTime<Utc>>,
    /// Properties that PostgreSQL and its clients accept, and other tools object to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Finding>,
}

/// A step that the run took.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TakenStep {
    /// The step that the run takes.
    pub step: Step,
    /// The duration in seconds.
    pub seconds: f64,
}

/// The serial of a peer's leaf before and after the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeafChange {
    /// The peer that owns the leaf.
    pub peer: Peer,
    /// The serial before the run. `None` if there was no leaf.
    pub before: Option<Serial>,
    /// The serial after the run. `None` if there is no leaf.
    pub after: Option<Serial>,
    /// The expiry of the leaf that is stored now.
    pub not_after: Option<DateTime<Utc>>,
}
