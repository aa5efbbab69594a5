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

pub mod call;
pub mod connection;
pub mod error;
pub mod events;
pub(crate) mod layout;
pub mod lease;
pub mod refusal;
pub mod secrets;
pub(crate) mod takeover;
pub(crate) mod wire;
