//! One file per command. Each opens its ports, calls the engine, and shows the result.

pub mod bootstrap;
pub mod config;
pub mod explain;
pub mod manifests;
pub mod metrics;
pub mod plan;
pub mod print;
pub mod probe;
pub mod rotate;
pub mod status;
pub mod verify;
