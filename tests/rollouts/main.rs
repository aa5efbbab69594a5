//! Restarts and reloads of real workloads on a real Kubernetes, and every way in which Kubernetes does not get on.
//! Without a cluster (`KUBECONFIG`), every test here says that it was skipped.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, like tests, say with expect what they rely on"
)]

#[path = "../support/certificates.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod certificates;
mod completes;
mod database;
mod drained;
#[path = "../support/ended.rs"]
mod ended;
mod expired;
mod ground;
mod halts;
#[path = "../cluster/kubectl.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod kubectl;
mod meddlers;
mod program;
mod runs;
#[path = "../support/skip.rs"]
mod skip;
mod trouble;
#[path = "../support/wait.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod wait;
