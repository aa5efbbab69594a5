//! The API server: the connection, one request at a time, and its errors.
//!
//! | File | Subject |
//! |---|---|
//! | [`connection`] | the way to the cluster |
//! | `readiness` | a refusal counts only from a server that is ready |
//! | [`call`], [`resource`] | a request as data |
//! | `answer` | the only place that sends a request, and reads an answer up to a limit |
//! | [`object`] | the identity of an object, and the guard of a change |
//! | `status` | the one table of the meaning of failures |
//! | `read`, `write` | one object, many page by page, a log; creating and changing |
//! | [`any`], [`discovery`] | any object as JSON, and which resource a kind is |
//! | [`questions`] | its version and clock, and what an account may do |
//! | [`error`] | the errors, each with its code |

mod answer;
pub mod any;
pub mod call;
pub mod connection;
pub mod discovery;
pub mod error;
pub mod object;
pub mod questions;
pub mod read;
mod readiness;
pub mod resource;
mod status;
pub mod write;

/// The name under which newleaf writes: the field manager of every request, and the value of [`MANAGED_BY`].
pub const FIELD_MANAGER: &str = "newleaf";
/// What `NEWLEAF_LOG` names the log lines of this crate by: all of newleaf is switched on by one name.
pub(crate) const LOG: &str = "newleaf::kubernetes";
/// The label on objects that newleaf created.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
