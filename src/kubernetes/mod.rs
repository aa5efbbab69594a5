//! A Kubernetes cluster: Secrets, workloads and their rollouts, the Lease, Events.
//!
//! | File | Subject |
//! |---|---|
//! | [`call`] | one request: what it asks for, how long it may take, how its failure is told |
//! | [`error`] | what can go wrong, each with its code |
//! | [`rollout`] | how far a rollout is, as Kubernetes defines it |
//! | [`pods`] | whose a pod is, which leaf it has loaded, what is wrong with it |
//! | [`workload`] | which workloads a configuration means, and the one change that newleaf makes to them |
//! | `restart` | mark, wait for the rollout, say why it does not end |
//! | `reload` | wait for the files, have them read, find out whether they were refused |
//! | `scene` | one look at pods and workloads |
//! | [`consumers`] | the port: observe, pick up, prove |
//! | [`pickup_error`] | what can go wrong in it, each with its code |

pub mod call;
pub mod consumers;
pub mod error;
pub mod pickup_error;
pub mod pods;
mod reload;
mod restart;
pub mod rollout;
mod scene;
pub mod workload;
