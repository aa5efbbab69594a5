//! The real program against a real PostgreSQL under load, again and again: forced, all at once, killed, told to stop.
//! Each test prints its numbers. Random moments come from a seed that is printed; `NEWLEAF_SEED` gives it again.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, like tests, say with expect what they rely on"
)]

mod concurrent;
mod killed;
mod numbers;
mod repeated;
mod scene;
mod stopped;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod support;
