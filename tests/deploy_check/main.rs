//! What the deployer says before it does anything: refused documents, explained values, imported configurations, and `check`
//! against a real API server (etcd and kube-apiserver alone; without the program that `tests/cluster` builds, that is skipped).

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests say with expect what they rely on, and measure with the clock"
)]

mod after;
#[path = "../kubernetes/api_server.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod api_server;

mod before;
mod clusters;
mod documents;
mod exports;
mod guide;
mod kept;

#[path = "../support/port.rs"]
mod port;
mod raw_layers;
#[path = "../support/skip.rs"]
mod skip;
mod stage;
#[path = "../support/tools.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod tools;
mod verbs;
