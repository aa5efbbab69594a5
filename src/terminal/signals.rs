//! SIGINT and SIGTERM: after the first signal newleaf finishes the current step, after the second it stops at once.

use std::cell::Cell;
use std::future::Future;
use std::io;

use base::diagnosis::{Code, Diagnose, Failure};
use base::stop::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::console::Console;
use crate::stop_token::StopToken;

/// The one listener to signals, and the signals so far.
#[derive(Debug)]
pub struct Signals {
    keyboard: Cell<bool>,
    /// Whether newleaf only watches work that continues elsewhere.
    watching: Cell<bool>,
}

/// The process cannot listen to signals.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen to SIGTERM and SIGINT")]
struct SignalsUnavailable(#[source] io::Error);

impl Diagnose for SignalsUnavailable {
    fn code(&self) -> Code {
        Code::RuntimeFailed
    }
}

/// The operator sent a second signal instead of waiting for the end of the step.
#[derive(Debug, thiserror::Error)]
#[error("stopped by a second signal, within a step")]
struct StoppedAtOnce;

impl Diagnose for StoppedAtOnce {
    fn code(&self) -> Code {
        Code::Interrupted
    }

    fn hint(&self) -> Option<String> {
        Some("Run again to finish. Every write is atomic, so nothing is half written.".to_owned())
    }
}

impl Signals {
    /// A listener without signals so far.
    pub const fn listen() -> Self {
        Self { keyboard: Cell::new(false), watching: Cell::new(false) }
    }

    /// Whether the signal was SIGINT (Ctrl-C).
    pub const fn by_keyboard(&self) -> bool {
        self.keyboard.get()
    }

    /// Runs the work. The first signal cancels the process' [`StopToken`], and the run ends between two steps. A second signal
    /// drops the work, which wipes keys and releases locks.
    pub async fn guard<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
        console: &Console,
    ) -> Result<T, Failure> {
        let interrupt = signal(SignalKind::interrupt()).map_err(SignalsUnavailable)?;
        let terminate = signal(SignalKind::terminate()).map_err(SignalsUnavailable)?;
        tokio::select! {
            result = work => result,
            () = self.second(interrupt, terminate, console) => Err(StoppedAtOnce.into()),
        }
    }

    /// Watches work that continues without newleaf. The first signal ends the watching, without a result.
    pub async fn watch<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.watching.set(true);
        let stop = StopToken::of_process();
        tokio::select! {
            result = work => {
                self.watching.set(false);
                Some(result)
            }
            _ = stop.stopped() => None,
        }
    }

    async fn second(&self, mut interrupt: Signal, mut terminate: Signal, console: &Console) {
        self.one(&mut interrupt, &mut terminate).await;
        StopToken::of_process().cancel();
        if !console.is_quiet() && !self.watching.get() {
            console.tell("\nfinishing the current step; press Ctrl-C again to stop immediately\n");
        }
        self.one(&mut interrupt, &mut terminate).await;
    }

    async fn one(&self, interrupt: &mut Signal, terminate: &mut Signal) {
        tokio::select! {
            _ = interrupt.recv() => self.keyboard.set(true),
            _ = terminate.recv() => self.keyboard.set(false),
        }
    }
}
