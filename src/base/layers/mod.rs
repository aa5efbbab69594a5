//! Any document made of layers: defaults below, then files, variables and flags. Pure, and knows no document.
//!
//! A layer is a [`tree`]: every value carries its [`origin`] and is reached by a [`path`]. It is made from YAML ([`yaml`]), from
//! `path=value` ([`setting`]) or from typed defaults. [`merge`] puts layers above each other, [`explain`] says where a value
//! comes from and what it overrode, and [`typed`] reads the merged tree as a document once, by serde.

pub mod error;
pub mod explain;
pub mod merge;
pub mod nearest;
pub mod origin;
pub mod path;
pub mod schema;
pub mod setting;
pub mod tree;
pub mod typed;
pub mod yaml;

#[cfg(test)]
mod tests;
