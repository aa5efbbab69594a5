//! The exported chart, judged by the real Helm: alone, and on a real cluster.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests may fail"
)]

#[path = "../cluster/audit.rs"]
mod audit;
mod chart;
mod checkers;
#[expect(dead_code, reason = "its options are those of whole documents, and only its pairs are of use here")]
#[path = "../../src/stack/tests/combinations.rs"]
mod combinations;
#[path = "../support/ended.rs"]
mod ended;
#[expect(dead_code, reason = "each tier uses its part")]
#[path = "../support/guide.rs"]
mod guide;
#[expect(dead_code, reason = "each tier uses its part")]
#[path = "../cluster/kubectl.rs"]
mod kubectl;
#[expect(dead_code, reason = "the labels of its pods are others here")]
#[path = "../cluster/logins.rs"]
mod logins;
mod parity;
#[path = "../support/port.rs"]
mod port;
mod program;
mod registry;
mod release;
mod schemas;
#[path = "../support/skip.rs"]
mod skip;
mod suites;
#[path = "../support/tools.rs"]
mod tools;
mod values;
#[expect(dead_code, reason = "each tier uses its part")]
#[path = "../support/wait.rs"]
mod wait;
