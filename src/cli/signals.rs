//! SIGINT and SIGTERM: the first one lets the step under way end, the second one does not.

use std::cell::Cell;
use std::future::Future;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::console::Console;
use crate::clock::Interruption;
use crate::diagnosis::{Code, Diagnose, Failure};

/// Which signals have come.
#[derive(Debug)]
pub struct Signals {
    keyboard: Cell<bool>,
    /// The work goes on elsewhere, and is only watched.
    watching: Cell<bool>,
}

/// The operator would not wait for the end of the step.
#[derive(Debug, thiserror::Error)]
#[error("stopped by a second signal, within a step")]
struct StoppedAtOnce;

impl Diagnose for StoppedAtOnce {
    fn code(&self) -> Code {
        Code::Interrupted
    }

    fn hint(&self) -> Option<String> {
        Some("Every write is a swap, so nothing is half written. Run it again to finish.".to_owned())
    }
}

impl Signals {
    /// Nothing has come yet.
    pub const fn listen() -> Self {
        Self { keyboard: Cell::new(false), watching: Cell::new(false) }
    }

    /// Whether it was Ctrl-C.
    pub const fn by_keyboard(&self) -> bool {
        self.keyboard.get()
    }

    /// Runs the work. The run itself sees the first signal between two steps (`SystemClock`); here the operator is told
    /// so, and a second signal drops the work: keys are wiped, locks are released.
    pub async fn guard<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
        console: &Console,
    ) -> Result<T, Failure> {
        tokio::select! {
            result = work => result,
            () = self.second(console) => Err(StoppedAtOnce.into()),
        }
    }

    /// Watches work that goes on without us: the first signal ends the watching, and there is no result then.
    pub async fn watch<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return Some(work.await);
        };
        self.watching.set(true);
        tokio::select! {
            result = work => {
                self.watching.set(false);
                Some(result)
            }
            () = self.one(&mut interrupt, &mut terminate) => None,
        }
    }

    async fn second(&self, console: &Console) {
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return std::future::pending().await;
        };
        self.one(&mut interrupt, &mut terminate).await;
        Interruption::of_process().set();
        if !console.is_quiet() && !self.watching.get() {
            console.tell("\nstopping after this step; once more to stop at once\n");
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
