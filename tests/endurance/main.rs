//! The real program against a real PostgreSQL under load, again and again: forced, all at once, killed, told to stop.
//! Each test prints its numbers. Random moments come from a seed that is printed; `NEWLEAF_SEED` gives it again.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests that measure: with the clock, printing numbers, saying with expect what they rely on"
)]

mod concurrent;
mod killed;
mod numbers;
mod repeated;
mod resolved;
mod scene;
mod stopped;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod support;
