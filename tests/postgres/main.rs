//! A real PostgreSQL: what it shows, what it tells, how it is told, and how a refused reload is found.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests, like tests, say with expect what they rely on, and measure time"
)]

mod consumers;
mod fake;
mod handshakes;
mod hostile;
mod load;
mod odd;
mod probes;
mod sessions;
mod shadowing;
mod stage;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod support;
