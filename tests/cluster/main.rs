//! A real Kubernetes with PostgreSQL and Backstage as its pods. `tests/cluster/cluster` makes the cluster (docs/cluster.md);
//! `KUBECONFIG` names it. Without one, every test here says that it was skipped.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests that measure: with the clock, printing numbers, saying with expect what they rely on"
)]

mod accounts;
mod audit;
mod autoscaler;
mod bootstrap;
mod checked;
mod clients;
mod deaths;
mod deployed;
mod edges;
#[path = "../support/ended.rs"]
mod ended;
mod endurance;
mod first_boots;
mod flux;
mod flux_controller;
#[path = "../support/flux_marks.rs"]
mod flux_marks;
#[path = "../support/guide.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod guide;
mod ingress;
mod installed;
mod keys;
#[expect(dead_code, reason = "each tier uses its part")]
mod kubectl;
mod kustomized;
mod laptop;
#[path = "../support/life.rs"]
mod life;
mod load;
mod logins;
mod missing_rights;
mod nature;
mod plugin;
mod proxy;
mod rights;
#[path = "../support/runs.rs"]
mod runs;
mod secrecy;
mod shipped;
#[path = "../support/skip.rs"]
mod skip;
#[path = "../support/tally.rs"]
mod tally;
#[path = "../support/tools.rs"]
mod tools;
#[expect(dead_code, reason = "others wait in other ways")]
#[path = "../support/wait.rs"]
mod wait;
mod watched;
