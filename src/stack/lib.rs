//! The stack: what is installed, from one document to the objects of a cluster. Pure: no cluster, no file, no clock.
//!
//! ```text
//! text -> document (typed, checked by its own schema) -> settings (valid) -> components -> objects -> policies
//! ```
//!
//! | Module | Subject |
//! |---|---|
//! | [`document`] | `kind: Stack` as it is written; everything in it may be left out |
//! | [`defaults`] | what holds on each platform where the document says nothing |
//! | [`layers`] | what the document and the objects are made of, every value with file, line and column |
//! | [`merge`] | layers over rendered objects by Kubernetes' own rules, and over app-config by Backstage's |
//! | [`settings`] | the document as values that cannot be wrong |
//! | [`object`] | any object of a cluster, with the component and the phase that it belongs to |
//! | [`components`] | the parts of the stack, each a function from settings to objects |
//! | [`render`] | all objects, in the order in which they are applied |
//! | [`export`] | the same objects as files for another tool |
//! | [`policies`] | named checks over rendered objects, also over those that a raw layer has changed |
//! | [`problem`] | what is wrong with a document: path, value, limits and the way out |
//! | [`import`] | a document from the configuration of another installer |
//! | [`images`] | the container images, for a registry without the internet |
//! | [`template`] | a document to begin with |
//! | [`checksum`] | a hash over names, keys and lengths, by which a change of configuration rolls its consumers once |

pub mod checksum;
pub mod components;
pub mod defaults;
pub mod document;
pub mod export;
pub mod images;
pub mod import;
pub mod layers;
pub mod merge;
pub mod object;
pub mod policies;
pub mod problem;
pub mod render;
pub mod settings;
pub mod template;

#[cfg(test)]
mod tests;
