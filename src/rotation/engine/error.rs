//! Why a run stopped, each reason with its code.

use std::time::Duration;

use base::diagnosis::{Code, Diagnose};
use base::duration::spelled;

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The plan refuses to do anything.
    #[error("{message}")]
    Refused {
        /// The code of the reason.
        code: Code,
        /// The reason, as a clause.
        message: String,
    },
    /// The independent checker of steps objects.
    #[error("unsafe step refused: {step}: {rules}")]
    Unsafe {
        /// The refused step.
        step: String,
        /// The rules that the step breaks.
        rules: String,
    },
    /// PostgreSQL refused a login with a client leaf, or did not answer.
    #[error("login with the client's leaf is not proved: {why}")]
    NotLetIn {
        /// The code of the reason.
        code: Code,
        /// The reason, as a clause.
        why: String,
    },
    /// A step reported success, and the next look asks for the same step again.
    #[error("{step}: the step reported success but changed nothing")]
    WithoutEffect {
        /// The step that had no effect.
        step: String,
        /// Whether the step writes to the store.
        is_write: bool,
    },
    /// A signal asked the run to stop.
    #[error("stopped by a signal, between two steps")]
    Interrupted,
    /// The run reached its deadline.
    #[error("run deadline of {} exceeded before: {step}", spelled(*limit))]
    OutOfTime {
        /// The deadline of the run.
        limit: Duration,
        /// The step that was next.
        step: String,
    },
    /// The run took the largest number of steps and would still continue.
    #[error("limit of {steps} steps reached, and more steps are due")]
    TooManySteps {
        /// The number of steps taken.
        steps: usize,
    },
}

impl Diagnose for RunError {
    fn code(&self) -> Code {
        match self {
            Self::Refused { code, .. } | Self::NotLetIn { code, .. } => *code,
            Self::Unsafe { .. } => Code::StepNotAllowed,
            Self::WithoutEffect { .. } => Code::ProofMissing,
            Self::Interrupted => Code::Interrupted,
            Self::OutOfTime { .. } => Code::DeadlineExceeded,
            Self::TooManySteps { .. } => Code::TooManySteps,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::WithoutEffect { is_write: true, .. } => Some(
                "Find the other program that restores the former content (on Kubernetes `kubectl get secret NAME --output \
                 yaml --show-managed-fields` names the writers), stop it, and run again."
                    .to_owned(),
            ),
            Self::Refused { .. }
            | Self::NotLetIn { .. }
            | Self::Unsafe { .. }
            | Self::WithoutEffect { .. }
            | Self::Interrupted
            | Self::OutOfTime { .. }
            | Self::TooManySteps { .. } => None,
        }
    }
}
