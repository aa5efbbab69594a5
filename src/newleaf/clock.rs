//! The clock of this machine.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kubernetes::boot_instant::BootInstant;
use rotation::engine::ports::Clock;

/// The clock of this machine.
#[derive(Debug)]
pub struct SystemClock {
    started: BootInstant,
}

impl SystemClock {
    /// A clock that counts from now.
    pub fn start() -> Self {
        Self { started: BootInstant::now() }
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
}
