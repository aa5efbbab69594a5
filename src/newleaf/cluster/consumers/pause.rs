//! The pause between two observations of something slow.

use std::time::Duration;

const MIN: Duration = Duration::from_millis(100);
const MAX: Duration = Duration::from_secs(1);

/// A sixteenth of the time waited so far: newleaf notices the end soon, and long waits send few requests.
pub(super) fn after(waited: Duration) -> Duration {
    (waited / 16).clamp(MIN, MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_noticed_within_a_sixteenth_and_a_minute_asks_less_than_a_hundred_times() {
        let mut waited = Duration::ZERO;
        let mut looks = 0;
        while waited < Duration::from_secs(60) {
            let pause = after(waited);
            assert!(pause <= MIN.max(waited / 16) && pause <= MAX, "{pause:?} after {waited:?}");
            waited += pause;
            looks += 1;
        }
        assert!(looks < 100, "{looks}");
    }
}
