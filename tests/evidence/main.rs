//! What looks like nothing at all, and is no proof: each case once let the real program lock every client out of a real
//! PostgreSQL, or report what was not so, with exit code 0.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests say with expect what they rely on, index into documents, and measure time"
)]

mod endpoints;
mod logins;
mod place;
mod pooler;
mod rendered;
mod rollovers;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod support;
mod waits;
