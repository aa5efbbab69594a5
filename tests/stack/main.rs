//! The pure half of the deployer against Kubernetes' and Backstage's own code.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests may fail")]

mod alerts;
mod app_configs;
#[path = "../../src/stack/tests/combinations.rs"]
mod combinations;
mod exports;
mod flux_exports;
#[path = "../support/flux_marks.rs"]
mod flux_marks;
mod helper;
mod kubectl;
mod merges;
mod pairs;
#[path = "../pki/differential/random.rs"]
mod random;
mod rules;
mod shapes;
#[path = "../support/skip.rs"]
mod skip;
#[path = "../support/tools.rs"]
mod tools;
