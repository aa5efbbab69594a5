//! The one request to stop: a signal to this process, or the deadline of a run.

use std::sync::LazyLock;
use std::time::Duration;

use async_trait::async_trait;
use base::stop::{Stop, StopCause, Stopped};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The token that signals to this process cancel, from its start on, so that a run also sees an earlier signal.
static PROCESS: LazyLock<StopToken> = LazyLock::new(StopToken::default);

/// Asks everything that waits to stop. Copies are the same token.
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
    pub async fn pause(&self, pause: Duration, waiting_for: &str) -> Result<(), Stopped> {
        match tokio::time::timeout(pause, self.signal.cancelled()).await {
            Ok(()) => Err(Stopped { waiting_for: waiting_for.to_owned() }),
            Err(_) => Ok(()),
        }
    }

    /// Fails after a signal. `waiting_for` names the object of the wait.
    pub fn check(&self, waiting_for: &str) -> Result<(), Stopped> {
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
