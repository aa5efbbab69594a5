//! A real Kubernetes with PostgreSQL and Backstage as its pods. `tests/cluster/cluster` makes the cluster (docs/cluster.md);
//! `KUBECONFIG` names it. Without one, every test here says that it was skipped.

#![expect(clippy::expect_used, reason = "helpers of tests, like tests, say with expect what they rely on")]

mod bootstrap;
mod installed;
#[expect(dead_code, reason = "each tier uses its part")]
mod kubectl;
mod laptop;
mod logins;
mod nature;
mod plugin;
mod proxy;
#[path = "../support/skip.rs"]
mod skip;
mod smoke;
mod watched;
