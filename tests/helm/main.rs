//! The exported chart, judged by the real Helm: alone, and on a real cluster.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout, reason = "helpers of tests may fail")]

mod chart;
#[expect(dead_code, reason = "its options are those of whole documents, and only its pairs are of use here")]
#[path = "../../src/stack/tests/combinations.rs"]
mod combinations;
mod parity;
#[path = "../support/skip.rs"]
mod skip;
#[path = "../support/tools.rs"]
mod tools;
mod values;
