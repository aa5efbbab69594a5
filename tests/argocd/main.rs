//! The exported stack on a real Kubernetes, with the real Argo CD: its controllers, its server of repositories and Redis as
//! processes, and a Git repository. `make test-argocd` makes the cluster. Without one, or without Argo CD, which takes minutes to
//! compile, every test here says that it was skipped.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests that measure: with the clock, printing numbers, saying with expect what they rely on"
)]

mod application;
mod argo;
#[path = "../cluster/audit.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod audit;
#[path = "../support/ended.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod ended;
#[path = "../support/guide.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod guide;
mod handed_over;
mod hub;
#[path = "../cluster/kubectl.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod kubectl;
#[path = "../cluster/logins.rs"]
#[expect(dead_code, reason = "these clients pass the network policies of the stack")]
mod logins;
mod outside;
#[path = "../support/port.rs"]
mod port;
mod repository;
#[path = "../support/skip.rs"]
mod skip;
mod synced;
#[path = "../support/tools.rs"]
mod tools;
