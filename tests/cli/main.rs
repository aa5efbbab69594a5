//! The binary itself: help, exit codes, output for machines, signals, and that no key leaves its file.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests; clippy knows only the tests themselves"
)]

mod authorities;
mod commands;
mod configuration;
mod exporter;
mod lesser_users;
mod machine;
mod manifests;
mod metrics;
mod owners;
#[path = "../reference/pages/mod.rs"]
mod pages;
mod pid_files;
#[path = "../support/port.rs"]
mod port;
mod reference;
mod scraped;
mod secrets;
mod signals;
#[path = "../support/skip.rs"]
mod skip;
mod support;
#[path = "../support/tools.rs"]
mod tools;
mod usage;
#[path = "../support/wait.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod wait;
mod waits;
