//! What is wrong with a document.

use thiserror::Error;

/// How a key is described that does not exist.
pub const UNKNOWN_KEY: &str = "not a known key";

/// One value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Error)]
#[error("{path} is {value}: {limits}; {way_out}")]
pub struct Problem {
    /// Where it stands in the document: `backstage.env[0].name`.
    pub path: String,
    /// As it was written; never a secret.
    pub value: String,
    /// What is allowed there.
    pub limits: String,
    /// What to do about it, as an imperative.
    pub way_out: String,
}

impl Problem {
    /// All four parts.
    pub fn new(path: &str, value: &str, limits: &str, way_out: &str) -> Self {
        Self { path: path.to_owned(), value: value.to_owned(), limits: limits.to_owned(), way_out: way_out.to_owned() }
    }

    /// Whether the key itself is wrong, and not its value.
    pub fn is_unknown_key(&self) -> bool {
        self.value == UNKNOWN_KEY
    }
}
