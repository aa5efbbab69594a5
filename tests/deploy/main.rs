//! The deployer against a real API server, etcd and kube-apiserver alone: no controller acts there, so nothing but the deployer
//! changes anything. Without the program that `tests/cluster` builds, the tier is skipped.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests that say with expect what they rely on, and a bounded wait for the API server"
)]

#[path = "../kubernetes/api_server.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod api_server;
mod applications;
#[path = "../../src/stack/tests/combinations.rs"]
mod combinations;
mod conflicts;
mod deaths;
mod differences;
mod faults;
mod handovers;
mod installs;
mod kinds;
mod meter;
#[path = "../support/port.rs"]
mod port;
mod removals;
#[path = "../support/skip.rs"]
mod skip;
mod stage;
#[path = "../support/tools.rs"]
mod tools;
mod turns;
mod validation;
#[path = "../support/wait.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod wait;
