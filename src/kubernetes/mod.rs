//! A Kubernetes cluster: Secrets, workloads and their rollouts, the Lease, Events.
//!
//! | Room | Subject |
//! |---|---|
//! | [`api`] | the connection to the API server, one request, its errors |
//! | [`secrets`] | the port: authority and leaves in Secrets, and the refusals |
//! | [`consumers`] | the port: observe, pick up by restart or reload, prove |
//! | [`lease`] | the port: one run at a time |
//! | [`events`] | what people see in `kubectl describe` |
//! | [`ports`] | the ports of a run, made of the above |
//! | [`configmap`] | the configuration in the cluster |
//! | [`job`] | a Job made from the CronJob, followed from outside |
//! | [`manifests`] | the objects that let a cluster run newleaf |
//! | `wire` | the fields of objects that newleaf reads |
//! | [`warning`] | the last warning of Kubernetes about an object |

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
