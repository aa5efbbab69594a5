//! A clock that goes on while the machine is suspended: a Lease that was held before is not held after.

use std::ops::Add;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A moment on the clock that goes on while the machine is suspended (`CLOCK_BOOTTIME`, `clock_gettime(2)`), and never jumps.
/// `std::time::Instant` stands still then: what a suspended machine holds would look fresh when it wakes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BootInstant(Duration);

impl BootInstant {
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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The name of the next test, which this one runs in a time namespace.
    const SHOWS: &str = "boot_instant::tests::shows_the_clock";
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
