//! Certificates against other people's tools and against broken input.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::format_collect,
    clippy::too_many_lines,
    reason = "helpers of tests may fail, and say SKIPPED; tables are long"
)]

mod corpus;
mod linters;
mod mutations;
mod rehearsal;
mod shapes;
mod support;
