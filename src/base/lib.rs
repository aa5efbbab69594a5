//! What every program of newleaf shares: no effects, no domain.
//!
//! [`diagnosis`] gives each error its code, its class and its exit code; [`layers`] are documents made of layers, every value with its
//! origin; [`stop`] and [`lease`] are the two ports that every
//! run needs; [`duration`] is a span of time as people write it, [`workload_kind`] a kind of workload as Kubernetes names it.

pub mod diagnosis;
pub mod duration;
pub mod layers;
pub mod lease;
pub mod stop;
pub mod workload_kind;
