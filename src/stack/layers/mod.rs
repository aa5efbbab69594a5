//! What the stack is made of, layer by layer: every value of the document and of a rendered object knows where it was given.
//!
//! ```text
//! defaults <- files (-f) <- --set        one tree, read once as a document
//! rendered objects <- raw layers         partial objects, merged by Kubernetes' own rules
//! generated app-config <- its layers     merged by Backstage's own rules, to explain them
//! ```
//!
//! | File | Subject |
//! |---|---|
//! | [`document`] | the layers of `kind: Stack`, read once after they are merged |
//! | [`placed`] | a problem with file, line and column |
//! | [`raw`] | texts with partial objects, and what is rendered under them |
//! | [`app_config`] | the layers of app-config, as Backstage merges them |
//! | [`provenance`] | where a value of an object comes from, and what it overrode |
//! | [`convert`] | between the trees of [`base::layers`] and those that are merged by Kubernetes' rules |

pub mod app_config;
pub mod convert;
pub mod document;
pub mod placed;
pub mod provenance;
pub mod raw;

#[cfg(test)]
mod tests;
