//! The ports of a run on a Kubernetes cluster, and the Jobs that run there.
//!
//! | Room | Subject |
//! |---|---|
//! | [`secrets`] | the port: authority and leaves in Secrets, and what is refused |
//! | [`consumers`] | the port: observe, pick up by restart or reload, prove |
//! | [`ports`] | the ports of a run, made of the above |
//! | [`configmap`] | the configuration in the cluster |
//! | `figures` | what a run tells Prometheus, written into a ConfigMap |
//! | [`job`] | a Job made from the CronJob, followed from outside |
//! | `event_reasons` | what its Events are about |

pub mod configmap;
pub mod consumers;
mod event_reasons;
mod figures;
pub mod job;
pub mod ports;
pub mod secrets;

pub use ports::{Cluster, Identity};
