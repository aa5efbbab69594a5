//! The one way for a test to say what it does not show here.

use std::fmt::Display;

/// Says so on the standard output, in a line of its own, which `.ci/test` collects: `SKIPPED: what: why`.
#[expect(clippy::print_stdout, reason = "the line is for a person who reads the output of the tests")]
pub(crate) fn skip(what: &str, why: impl Display) {
    println!("SKIPPED: {what}: {why}");
}
