//! The API server: how it is found, one request at a time, and how its failures are told.

pub mod call;
pub mod connection;
pub mod error;
mod readiness;
mod send;

/// The name under which newleaf writes: the field manager of every request, and the value of [`MANAGED_BY`].
pub const FIELD_MANAGER: &str = "newleaf";
/// The label of what newleaf made.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
