//! Secrets, the Lease and Events against a real API server: the cluster that `KUBECONFIG` names, else etcd and
//! kube-apiserver alone, started from the program that `tests/cluster` builds. Without both, the tier is skipped.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests that measure: with the clock, printing numbers, saying with expect what they rely on"
)]

mod access;
mod answers;
mod api_server;
mod audit;
mod authorities;
mod confined;
mod controllers;
mod crowd;
mod crowded;
mod deaths;
#[path = "../support/ended.rs"]
mod ended;
mod faults;
mod ground;
mod leaks;
mod lease;
#[path = "../support/life.rs"]
mod life;
mod lost;
#[path = "../support/peak.rs"]
mod peak;
mod people;
mod policy;
#[path = "../support/port.rs"]
mod port;
mod proxy;
mod refusals;
mod rotation;
#[path = "../support/runs.rs"]
mod runs;
mod secrets;
#[path = "../support/skip.rs"]
mod skip;
mod stage;
mod stalled;
#[path = "../support/stub/mod.rs"]
mod stub;
#[path = "../support/tools.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod tools;
mod validation;
#[path = "../support/wait.rs"]
mod wait;
mod whose;
mod workshop;
