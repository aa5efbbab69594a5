//! Real client libraries log in with what newleaf issues: with every algorithm, after a reload and after a rollover; and
//! whatever they must not be admitted with is refused.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests, like tests, say with expect what they rely on, and print tables for people"
)]

mod algorithms;
mod client;
mod guide;
#[path = "../support/installation.rs"]
mod installation;
#[path = "../support/port.rs"]
mod port;
mod programs;
mod refusals;
#[path = "../support/server.rs"]
#[expect(dead_code, reason = "each tier uses a part of the shared server")]
mod server;
#[path = "../support/skip.rs"]
mod skip;
mod stage;
mod table;
#[path = "../support/tools.rs"]
mod tools;
#[path = "../support/wait.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod wait;

/// The name that the server's leaf carries and that every client verifies.
pub(crate) const SERVER_NAME: &str = "db.example.org";
