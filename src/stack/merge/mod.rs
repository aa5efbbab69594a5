//! Layers merged into one, by the rules of the program that reads the result: Kubernetes' for objects, Backstage's for app-config.
//!
//! Every layer is a [`MergeTree`](tree::MergeTree), in which each value knows its origin. After merging, a value still knows it, so
//! that the origin of each value of the result is the layer that gave it.

pub mod app_config;
mod directives;
pub mod json;
mod key_table;
pub mod keys;
mod lists;
pub mod object_list;
mod order;
pub mod path;
pub mod problem;
mod set_element_order;
pub mod strategic;
#[cfg(test)]
mod tests;
pub mod tree;
