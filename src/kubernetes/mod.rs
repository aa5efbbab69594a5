//! A Kubernetes cluster: Secrets, workloads and their rollouts, the Lease, Events.
//!
//! | File | Subject |
//! |---|---|
//! | [`call`] | one request: what it asks for, how long it may take, how its failure is told |
//! | [`error`] | what can go wrong, each with its code |
//! | [`job`] | a Job made from the CronJob, followed from outside |
//! | [`manifests`] | what a cluster needs to run newleaf by itself |

pub mod call;
pub mod error;
pub mod job;
pub mod manifests;
