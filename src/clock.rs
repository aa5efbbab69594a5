//! The clock of this machine, and the signals that ask a run to stop.

use std::io;
use std::ops::Add;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustix::time::{ClockId, clock_gettime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::diagnosis::{Code, Diagnose};
use crate::rotation::ports::Clock;

/// How often a wait looks whether it was asked to stop.
const LOOK: Duration = Duration::from_millis(50);

/// A moment on the clock that goes on while the machine is suspended (`CLOCK_BOOTTIME`, `clock_gettime(2)`), and never jumps.
/// `std::time::Instant` stands still then: what a suspended machine holds would look fresh when it wakes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BootInstant(Duration);

impl BootInstant {
    /// Now.
    pub fn now() -> Self {
        let time = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Self(Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default()))
    }

    /// How much later this is than another moment; nothing if it is not later.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// How long it is ago.
    pub fn elapsed(self) -> Duration {
        Self::now().since(self)
    }
}

impl Add<Duration> for BootInstant {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }
}

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
        self.wait(pause).await;
        self.check(waiting_for)
    }

    /// Waits until it is asked, at most for `limit`.
    async fn wait(&self, limit: Duration) {
        let watch = async {
            while !self.is_set() {
                tokio::time::sleep(LOOK).await;
            }
        };
        // Either the time is over or the flag is set; only the flag counts.
        drop(tokio::time::timeout(limit, watch).await);
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
    started: BootInstant,
    interruption: Interruption,
    listener: JoinHandle<()>,
}

impl SystemClock {
    /// Starts the clock, within a tokio runtime.
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
        Ok(Self { started: BootInstant::now(), interruption, listener })
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

    async fn stop(&self, limit: Duration) {
        self.interruption.wait(limit).await;
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The name of the next test, which this one runs in a time namespace.
    const SHOWS: &str = "clock::tests::shows_the_clock";
    const AHEAD: u64 = 1_000_000;

    /// Prints the moment when it is asked to; what it is worth is judged by the other test.
    #[test]
    fn shows_the_clock() {
        let now = BootInstant::now();
        println!("now={}", now.0.as_secs());
        assert!(now <= BootInstant::now(), "it never goes back");
    }

    /// As for a machine that was suspended for so long: in a time namespace, this clock is ahead and the other is not
    /// (`time_namespaces(7)`).
    #[test]
    fn the_time_of_a_suspension_counts() {
        let own = std::env::current_exe().expect("this program has a path");
        let ahead = AHEAD.to_string();
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--time", "--boottime", &ahead, "--fork", "--"]);
        command.arg(own).args(["--exact", SHOWS, "--nocapture"]);
        let output = command.output().expect("unshare is part of util-linux");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let now = shown.split_once("now=").and_then(|(_, rest)| rest.split_whitespace().next()?.parse::<u64>().ok());
        let Some(now) = now else {
            println!("SKIPPED: clock: no time namespace can be made here: {}", String::from_utf8_lossy(&output.stderr));
            return;
        };
        let here = BootInstant::now().0.as_secs();
        assert!((here + AHEAD - 5..here + AHEAD + 5).contains(&now), "{now} there, {here} here");
    }
}
