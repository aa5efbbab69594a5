//! When newleaf acts, and in which order.
//!
//! [`run`] observes [`facts`], [`rules`] turn them into findings with reasons, [`plan`] decides the next step,
//! [`invariants`] checks that the step breaks no working connection, [`run`] takes it through the [`ports`] and
//! observes again. Everything but `run` is pure; `run` only calls ports.

pub mod error;
pub mod facts;
pub mod invariants;
pub mod material;
pub mod memory;
pub mod outlook;
pub mod plan;
pub mod policy;
pub mod ports;
pub mod report;
pub mod request;
pub mod retirement;
pub mod rules;
pub mod run;
pub mod setbacks;
pub mod signer;
pub mod step;
pub mod trust;
pub mod verify;
pub mod warnings;

#[cfg(test)]
mod tests;
