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
mod api_server;
mod audit;
mod authorities;
mod controllers;
mod crowd;
mod deaths;
#[path = "../support/ended.rs"]
mod ended;
mod faults;
mod ground;
mod lease;
#[path = "../support/life.rs"]
mod life;
mod lost;
mod people;
mod policy;
mod proxy;
mod refusals;
mod rotation;
#[path = "../support/runs.rs"]
mod runs;
mod secrets;
#[path = "../support/skip.rs"]
mod skip;
mod stage;
mod validation;
mod workshop;
