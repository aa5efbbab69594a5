//! The API server, for every program: it knows neither rotation nor stack.
//!
//! | Room | Subject |
//! |---|---|
//! | [`api`] | the way to the API server, one request, how its failure is told |
//! | [`wire`] | what is read of objects, and no more |
//! | [`workload`], [`rollout`] | a workload, the one change that is made to it, and how far Kubernetes is with it |
//! | [`readiness`] | how far any object is, by the rules of its kind |
//! | [`pods`], [`pod_requests`] | whose a pod is and what is wrong with it; what the API server is asked about it |
//! | [`lease`], [`boot_instant`] | one run at a time, on a clock that goes on while the machine is suspended |
//! | [`events`], [`warning`] | what people see in `kubectl describe`, and what Kubernetes last complained of |

pub mod api;
pub mod boot_instant;
pub mod events;
pub mod lease;
pub mod pod_requests;
pub mod pods;
pub mod readiness;
pub mod rollout;
pub mod warning;
pub mod wire;
pub mod workload;
