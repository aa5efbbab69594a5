//! The stack: what is installed, from one document to the objects of a cluster. Pure: no cluster, no file, no clock.
//!
//! ```text
//! text -> document (typed, checked by its own schema) -> settings (valid) -> components -> objects -> policies
//! ```
//!
//! | Module | Subject |
//! |---|---|
//! | [`document`] | `kind: Stack` as it is written; everything in it may be left out |
//! | [`problem`] | what is wrong with a document: path, value, limits and the way out |

pub mod document;
pub mod problem;
