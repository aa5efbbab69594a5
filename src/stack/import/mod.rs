//! From the configuration of another installer to a document and a raw layer. What has an equivalent is taken; what has none is
//! listed with its reason, so that nothing is lost without a word.
//!
//! | File | Subject |
//! |---|---|
//! | [`chart`] | values of the official Backstage chart |
//! | [`operator`] | the folder of raw configuration of the Backstage operator |
//! | `draft` | the document while it is made, and the list of what was left out |
//! | `container` | a container, its variables and mounts, which both have in common |

pub mod chart;
mod container;
mod draft;
pub mod operator;

#[cfg(test)]
mod tests;

use serde_json::Value;

/// What became of another installer's configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The document `kind: Stack`.
    pub document: Value,
    /// Partial objects for a raw layer; often none.
    pub raw: Vec<Value>,
    /// What has no equivalent.
    pub left: Vec<LeftOut>,
}

/// Something that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct LeftOut {
    /// Where it stands: the file or the path of the value.
    pub place: String,
    /// Why it was left out, and what to do instead.
    pub reason: String,
}
