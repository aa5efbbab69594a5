//! Why a run stopped, each reason with its code.

use std::time::Duration;

use base::diagnosis::{Code, Diagnose};

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The decision is that nothing may be done.
    #[error("{message}")]
    Refused {
        /// Why, for machines.
        code: Code,
        /// Why, for people.
        message: String,
    },
    /// The checker of plans objects.
    #[error("refused to {step}: {rules}")]
    Unsafe {
        /// What was to be done.
        step: String,
        /// The rules it breaks.
        rules: String,
    },
    /// PostgreSQL does not let a client leaf in, or could not be asked.
    #[error("PostgreSQL was not seen to let the client's leaf in: {why}")]
    NotLetIn {
        /// Why, for machines.
        code: Code,
        /// Why, for people.
        why: String,
    },
    /// A step succeeded and nothing changed.
    #[error("{step} succeeded, and the same is still to be done")]
    WithoutEffect {
        /// What was done.
        step: String,
        /// Whether it wrote something.
        is_write: bool,
    },
    /// A signal asked the run to stop.
    #[error("stopped by a signal, between two steps")]
    Interrupted,
    /// The deadline of the run is over.
    #[error("the run's {limit:?} are over before it could {step}")]
    OutOfTime {
        /// The deadline.
        limit: Duration,
        /// What was to be done.
        step: String,
    },
    /// No end in sight.
    #[error("{steps} steps were taken and more are to be done")]
    TooManySteps {
        /// How many.
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
                "Another program writes it too, and puts the former content back: find it (on Kubernetes `kubectl get secret \
                 NAME --output yaml --show-managed-fields` names the writers), stop it, and run again."
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
