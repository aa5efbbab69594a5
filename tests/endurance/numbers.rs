//! Random numbers that can be drawn again, and medians.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `SplitMix64` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// From `NEWLEAF_SEED`, or from the clock; says which, so that a failure can be had again.
    pub(crate) fn from_environment() -> Self {
        let given = std::env::var("NEWLEAF_SEED").ok().map(|text| text.parse().expect("NEWLEAF_SEED is a number"));
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").subsec_nanos();
        let seed = given.unwrap_or_else(|| u64::from(clock()));
        println!("NEWLEAF_SEED={seed}");
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// A time below a limit, in microseconds.
    pub(crate) fn moment(&mut self, limit: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(limit.as_micros()).expect("a run is short")))
    }
}

/// The middle of some times.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
