//! A Kubernetes cluster: Secrets, workloads and their rollouts, the Lease, Events.
//!
//! | File | Subject |
//! |---|---|
//! | [`call`] | one request: what it asks for, how long it may take, how its failure is told |
//! | [`error`] | what can go wrong, each with its code |

pub mod call;
pub mod error;
