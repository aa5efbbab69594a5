//! What clients under load have seen.

use std::time::Duration;

/// Counted since they began.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// Logins or queries that were answered.
    pub(crate) succeeded: u64,
    /// Those that were not.
    pub(crate) failed: u64,
    /// The first errors.
    pub(crate) errors: Vec<String>,
    /// The longest time in which no client had an answer.
    pub(crate) longest_gap: Duration,
}
