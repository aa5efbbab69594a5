//! The clock of this machine, and the signals that ask a run to stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::rotation::ports::Clock;

/// The clock of this machine. From its start on, SIGTERM and SIGINT do not end the process: they set a flag that the
/// run reads between two steps.
#[derive(Debug)]
pub struct HostClock {
    started: Instant,
    interrupted: Arc<AtomicBool>,
    listener: JoinHandle<()>,
}

impl HostClock {
    /// Starts the clock, within a tokio runtime.
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that asks the clock")]
    pub fn start() -> io::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let listener = tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            flag.store(true, Ordering::SeqCst);
        });
        Ok(Self { started: Instant::now(), interrupted, listener })
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
        self.interrupted.load(Ordering::SeqCst)
    }
}
