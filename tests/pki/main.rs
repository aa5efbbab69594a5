//! Certificates against other people's tools and against broken input.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::format_collect,
    clippy::too_many_lines,
    reason = "helpers of tests may fail; tables are long"
)]

mod corpus;
mod differential;
mod linters;
mod mutations;
mod peers;
mod rehearsal;
mod shapes;
#[path = "../support/skip.rs"]
mod skip;
mod support;
#[path = "../support/tools.rs"]
mod tools;
