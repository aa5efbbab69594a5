//! The wish that a run stops: a signal, or its deadline.

use async_trait::async_trait;

use crate::diagnosis::{Code, Diagnose};

/// What has asked a run to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopCause {
    /// SIGTERM or SIGINT.
    Signal,
    /// The deadline of the run.
    Deadline,
}

/// The wish that a run stops.
#[async_trait(?Send)]
pub trait Stop {
    /// What has asked the run to stop, if anything has.
    fn cause(&self) -> Option<StopCause>;

    /// Waits until something asks the run to stop.
    async fn stopped(&self) -> StopCause;
}

/// A signal ended a wait. Nothing was being written.
#[derive(Debug, thiserror::Error)]
#[error("stopped by a signal while waiting for {waiting_for}")]
pub struct Stopped {
    pub waiting_for: String,
}

impl Diagnose for Stopped {
    fn code(&self) -> Code {
        Code::Interrupted
    }

    fn object(&self) -> Option<String> {
        Some(self.waiting_for.clone())
    }
}
