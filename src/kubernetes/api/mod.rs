//! The API server: how it is found, one request at a time, and how its failures are told.
//!
//! | File | Subject |
//! |---|---|
//! | [`connection`] | how the cluster is reached |
//! | `readiness` | a refusal is believed only from a server that is ready |
//! | [`call`], [`resource`] | what a request asks for |
//! | `answer` | the only place that sends, and reads an answer up to a limit |
//! | [`object`] | which object an answer is, and what guards a change of it |
//! | `status` | the one table of what an answer means that is no success |
//! | `read`, `write` | one object, many page by page, a log; making and changing |
//! | [`error`] | what can go wrong, each with its code |

mod answer;
pub mod call;
pub mod connection;
pub mod error;
pub mod object;
pub mod read;
mod readiness;
pub mod resource;
mod status;
pub mod write;

/// The name under which newleaf writes: the field manager of every request, and the value of [`MANAGED_BY`].
pub const FIELD_MANAGER: &str = "newleaf";
/// What `NEWLEAF_LOG` names the log lines of this crate by: all of newleaf is switched on by one name.
pub(crate) const LOG: &str = "newleaf::kubernetes";
/// The label of what newleaf made.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
