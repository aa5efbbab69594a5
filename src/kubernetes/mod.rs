//! A Kubernetes cluster: Secrets, workloads and their rollouts, the Lease, Events.
//!
//! | File | Subject |
//! |---|---|
//! | [`connection`] | the way to the API server, as kubectl and pods find it |
//! | [`call`] | one request: what it asks for, how long it may take, how its failure is told |
//! | [`secrets`] | authority and leaves in Secrets (`layout`, `wire`), and what is refused ([`refusal`]) |
//! | [`lease`] | one run at a time (`takeover`) |
//! | [`events`] | what people see in `kubectl describe` |
//! | [`error`] | what can go wrong, each with its code |
//! | [`rollout`] | how far a rollout is, as Kubernetes defines it |
//! | [`pods`] | whose a pod is, which leaf it has loaded, what is wrong with it |
//! | [`workload`] | which workloads a configuration means, and the one change that newleaf makes to them |
//! | `restart` | mark, wait for the rollout, say why it does not end |
//! | `reload` | wait for the files, have them read, find out whether they were refused |
//! | `scene` | one look at pods and workloads |
//! | [`consumers`] | the port: observe, pick up, prove |
//! | [`configmap`] | the configuration as it is kept in the cluster |
//! | [`ports`] | all of it behind the ports of a run |
//! | [`pickup_error`] | what can go wrong in it, each with its code |
//! | [`job`] | a Job made from the CronJob, followed from outside |
//! | [`manifests`] | what a cluster needs to run newleaf by itself |

pub mod call;
pub mod configmap;
pub mod connection;
pub mod consumers;
pub mod error;
pub mod events;
pub mod job;
pub(crate) mod layout;
pub mod lease;
pub mod manifests;
pub mod pickup_error;
pub mod pods;
pub mod ports;
pub mod refusal;
mod reload;
mod restart;
pub mod rollout;
mod scene;
pub mod secrets;
pub(crate) mod takeover;
pub(crate) mod wire;
pub mod workload;

pub use ports::{Cluster, Worker};
