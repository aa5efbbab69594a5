//! A Kubernetes cluster: Secrets, workloads and their rollouts, the Lease, Events.
//!
//! | Room | Subject |
//! |---|---|
//! | [`api`] | the way to the API server, one request, how its failure is told |
//! | [`secrets`] | the port: authority and leaves in Secrets, and what is refused |
//! | [`consumers`] | the port: observe, pick up by restart or reload, prove |
//! | [`lease`] | the port: one run at a time |
//! | [`events`] | what people see in `kubectl describe` |
//! | [`ports`] | all of it behind the ports of a run |
//! | [`configmap`] | the configuration as it is kept in the cluster |
//! | [`job`] | a Job made from the CronJob, followed from outside |
//! | [`manifests`] | what a cluster needs to run newleaf by itself |
//! | `wire` | what is read of objects, and no more |
//! | [`warning`] | what Kubernetes last complained of about an object |

pub mod api;
pub mod configmap;
pub mod consumers;
pub mod events;
pub mod job;
pub mod lease;
pub mod manifests;
pub mod ports;
pub mod secrets;
pub mod warning;
mod wire;

pub use ports::{Cluster, Identity};
