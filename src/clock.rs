//! The clock of this machine, and the signals that ask a run to stop.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::diagnosis::{Code, Diagnose};
use crate::rotation::ports::Clock;

/// How often a wait looks whether it was asked to stop.
const LOOK: Duration = Duration::from_millis(50);

/// A signal ended a wait. Nothing was being written.
#[derive(Debug, thiserror::Error)]
#[error("stopped by a signal while waiting for {waiting_for}")]
pub struct Interrupted {
    /// What the wait was for.
    pub waiting_for: String,
}

impl Diagnose for Interrupted {
    fn code(&self) -> Code {
        Code::Interrupted
    }

    fn object(&self) -> Option<String> {
        Some(self.waiting_for.clone())
    }
}

/// Signals cannot be listened to.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen to SIGTERM and SIGINT")]
pub struct SignalsUnavailable(#[source] io::Error);

impl Diagnose for SignalsUnavailable {
    fn code(&self) -> Code {
        Code::RuntimeFailed
    }
}

/// Whether a signal has asked the run to stop; every wait looks at it.
#[derive(Debug, Clone, Default)]
pub struct Interruption(Arc<AtomicBool>);

/// What has asked this process to stop, from its start on: a signal that comes before a run begins is not lost to it.
static PROCESS: LazyLock<Interruption> = LazyLock::new(Interruption::default);

impl Interruption {
    /// The one that the signals to this process set.
    pub fn of_process() -> Self {
        PROCESS.clone()
    }

    /// Asks the run to stop.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Waits, and ends with an error as soon as it is asked.
    pub(crate) async fn pause(&self, pause: Duration, waiting_for: &str) -> Result<(), Interrupted> {
        let watch = async {
            while !self.is_set() {
                tokio::time::sleep(LOOK).await;
            }
        };
        // Either the pause is over or the flag is set; only the flag counts.
        drop(tokio::time::timeout(pause, watch).await);
        self.check(waiting_for)
    }

    /// An error once it was asked; `waiting_for` names what the wait was for.
    pub(crate) fn check(&self, waiting_for: &str) -> Result<(), Interrupted> {
        if self.is_set() { Err(Interrupted { waiting_for: waiting_for.to_owned() }) } else { Ok(()) }
    }
}

/// The clock of this machine. From its start on, SIGTERM and SIGINT do not end the process: they set a flag that the
/// run reads between two steps.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    interruption: Interruption,
    listener: JoinHandle<()>,
}

impl SystemClock {
    /// Starts the clock, within a tokio runtime.
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that asks the clock")]
    pub fn start() -> Result<Self, SignalsUnavailable> {
        let interruption = Interruption::of_process();
        let flag = interruption.clone();
        let mut terminate = signal(SignalKind::terminate()).map_err(SignalsUnavailable)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(SignalsUnavailable)?;
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

impl Drop for SystemClock {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Clock for SystemClock {
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
