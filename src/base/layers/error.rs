//! What can be wrong with a layer, or with the document that the layers make.

use thiserror::Error;

use crate::layers::origin::Origin;
use crate::layers::path::FieldPath;

/// A text is no tree, or the tree is not the document that it should be. It names the place and shows no value of the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {}", origin.place(), self.clause())]
pub struct LayerError {
    /// Where the offending value was given.
    pub origin: Origin,
    /// Where it stands in the document; the empty path for the text as a whole.
    pub path: FieldPath,
    /// What was found and what is allowed there, without place and path.
    pub problem: String,
}

impl LayerError {
    /// Path and problem, without the place.
    pub fn clause(&self) -> String {
        if self.path.is_empty() { self.problem.clone() } else { format!("{}: {}", self.path, self.problem) }
    }
}
