//! A real Kubernetes with PostgreSQL and Backstage as its pods. `tests/cluster/cluster` makes the cluster (docs/cluster.md);
//! `KUBECONFIG` names it. Without one, every test here says that it was skipped.

#![expect(clippy::expect_used, reason = "helpers of tests, like tests, say with expect what they rely on")]

mod accounts;
mod audit;
mod clients;
mod installed;
mod keys;
#[expect(dead_code, reason = "each tier uses its part")]
mod kubectl;
mod missing_rights;
mod rights;
mod secrecy;
mod shipped;
#[path = "../support/skip.rs"]
mod skip;
mod smoke;
