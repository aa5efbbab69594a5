//! The one request to stop: a signal to this process, or the deadline of a run.

use std::sync::LazyLock;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::diagnosis::{Code, Diagnose};
use crate::rotation::ports::{Stop, StopCause};

/// The token that signals to this process cancel, from its start on, so that a run also sees an earlier signal.
static PROCESS: LazyLock<StopToken> = LazyLock::new(StopToken::default);

/// A signal ended a wait, in which newleaf wrote nothing.
#[derive(Debug, thiserror::Error)]
#[error("stopped by a signal while waiting for {waiting_for}")]
pub struct Stopped {
    /// The object of the wait.
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

/// Asks every wait to stop. Clones are the same token.
#[derive(Debug, Clone, Default)]
pub struct StopToken {
    signal: CancellationToken,
    deadline: Option<Instant>,
}

impl StopToken {
    /// The token that signals to this process cancel.
    pub fn of_process() -> Self {
        PROCESS.clone()
    }

    /// The same token with a deadline.
    #[must_use]
    pub fn until(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Cancels the token, after a signal.
    pub fn cancel(&self) {
        self.signal.cancel();
    }

    /// Waits. Fails as soon as a signal arrives.
    pub(crate) async fn pause(&self, pause: Duration, waiting_for: &str) -> Result<(), Stopped> {
        match tokio::time::timeout(pause, self.signal.cancelled()).await {
            Ok(()) => Err(Stopped { waiting_for: waiting_for.to_owned() }),
            Err(_) => Ok(()),
        }
    }

    /// Fails after a signal. `waiting_for` names the object of the wait.
    pub(crate) fn check(&self, waiting_for: &str) -> Result<(), Stopped> {
        if self.signal.is_cancelled() { Err(Stopped { waiting_for: waiting_for.to_owned() }) } else { Ok(()) }
    }
}

#[async_trait(?Send)]
impl Stop for StopToken {
    fn cause(&self) -> Option<StopCause> {
        if self.signal.is_cancelled() {
            return Some(StopCause::Signal);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Some(StopCause::Deadline),
            Some(_) | None => None,
        }
    }

    async fn stopped(&self) -> StopCause {
        let Some(deadline) = self.deadline else {
            self.signal.cancelled().await;
            return StopCause::Signal;
        };
        tokio::select! {
            biased;
            () = self.signal.cancelled() => StopCause::Signal,
            () = tokio::time::sleep_until(deadline) => StopCause::Deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signal_or_the_deadline_stops_whichever_is_first() {
        let token = StopToken::default();
        let ended = token.clone().until(Instant::now());
        assert_eq!(ended.stopped().await, StopCause::Deadline);
        assert_eq!((ended.cause(), token.cause()), (Some(StopCause::Deadline), None));
        assert!(ended.pause(Duration::ZERO, "it").await.is_ok(), "a pause ends early by a signal only");
        token.cancel();
        assert_eq!((ended.stopped().await, ended.cause()), (StopCause::Signal, Some(StopCause::Signal)));
        let stopped = token.pause(Duration::from_secs(600), "the Lease").await.expect_err("a signal has come");
        assert_eq!(stopped.to_string(), "stopped by a signal while waiting for the Lease");
        assert!(token.check("it").is_err());
    }
}
