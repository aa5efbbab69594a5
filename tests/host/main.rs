//! The directory: whole generations, one writer, the right owners; and the processes that are told.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, like tests, say with expect what they rely on"
)]

mod directory;
mod generations;
mod lock;
mod memory;
mod processes;
mod setting;
#[path = "../support/skip.rs"]
mod skip;
#[path = "../support/wait.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod wait;
