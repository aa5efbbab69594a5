//! The clock of this machine, and the signals that ask a run to stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::host::error::HostError;
use crate::rotation::ports::Clock;

/// Whether a signal has asked the run to stop; every wait looks at it.
#[derive(Debug, Clone, Default)]
pub struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// Asks the run to stop.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// An error once it was asked; `waiting_for` names what the wait was for.
    pub(crate) fn check(&self, waiting_for: &str) -> Result<(), HostError> {
        if self.is_set() { Err(HostError::Interrupted { waiting_for: waiting_for.to_owned() }) } else { Ok(()) }
    }
}

/// The clock of this machine. From its start on, SIGTERM and SIGINT do not end the process: they set a flag that the
/// run reads between two steps.
#[derive(Debug)]
pub struct HostClock {
    started: Instant,
    interruption: Interruption,
    listener: JoinHandle<()>,
}

impl HostClock {
    /// Starts the clock, within a tokio runtime.
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that asks the clock")]
    pub fn start() -> io::Result<Self> {
        let interruption = Interruption::default();
        let flag = interruption.clone();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let listener = tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            flag.set();
        });
        Ok(Self { started: Instant::now(), interruption, listener })
    }

    /// What the signals set.
    pub fn interruption(&self) -> Interruption {
        self.interruption.clone()
    }
}

impl Drop for HostClock {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Clock for HostClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that asks the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn interrupted(&self) -> bool {
        self.interruption.is_set()
    }
}
