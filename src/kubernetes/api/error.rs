//! The errors of the API server, each with its code.

use std::time::Duration;

use base::diagnosis::{Code, Diagnose, RemoteText};
use base::duration::spelled;

use crate::api::call::Call;

/// The fields of an object that other managers own: `.spec.replicas`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedFields(pub Vec<String>);

/// An error of a request to the API server.
#[derive(Debug, thiserror::Error)]
pub enum KubernetesError {
    /// The answer is an error that has no variant of its own.
    #[error("the API server answered {code} to {call}: {message}")]
    Answered {
        /// The failed request.
        call: Call,
        /// The HTTP status.
        code: u16,
        /// What it says.
        message: RemoteText,
    },
    /// The API server finds the request invalid, or an admission policy, a webhook or a quota refuses it.
    #[error("the API server refused to {call}: {message}")]
    Refused {
        /// The failed request.
        call: Call,
        /// The HTTP status.
        code: u16,
        /// What it says.
        message: RemoteText,
    },
    /// No Role allows the request.
    #[error("the account may not {call}: {message}")]
    Forbidden {
        /// The failed request.
        call: Call,
        /// What the API server says.
        message: RemoteText,
    },
    /// The credentials are wrong or have expired.
    #[error("the API server rejected our credentials ({call}): {message}")]
    Unauthorized {
        /// The failed request.
        call: Call,
        /// What the API server says.
        message: RemoteText,
    },
    /// The object does not exist.
    #[error("not found: {call}")]
    NotFound {
        /// The failed request.
        call: Call,
    },
    /// Another writer has changed the object since the read, or has created it already.
    #[error("another writer was first: {call}: {message}")]
    Conflict {
        /// The failed request.
        call: Call,
        /// What the API server says.
        message: RemoteText,
    },
    /// Another field manager owns a field of an apply.
    #[error("another field manager owns a field that newleaf would write: {call}: {message}")]
    FieldOwned {
        /// The failed request.
        call: Call,
        /// The message of the API server, which names the other manager and the field.
        message: RemoteText,
        /// The fields.
        fields: Box<OwnedFields>,
    },
    /// The namespace does not exist.
    #[error("namespace {} does not exist: {call}", call.namespace)]
    NamespaceMissing {
        /// The failed request.
        call: Call,
    },
    /// Kubernetes is deleting the namespace.
    #[error("namespace {} is being deleted: {call}", call.namespace)]
    NamespaceTerminating {
        /// The failed request.
        call: Call,
    },
    /// The answer is older than a write of this run.
    #[error("stale read: {call} returned a version that this run has already replaced")]
    Outdated {
        /// The failed request.
        call: Call,
    },
    /// The answer is not the requested object.
    #[error("unexpected answer to {call}: {problem}")]
    Foreign {
        /// The failed request.
        call: Call,
        /// What is wrong with the answer.
        problem: &'static str,
    },
    /// The answer is larger than the limit.
    #[error("the answer to {call} is larger than {} MiB", limit / (1024 * 1024))]
    TooLarge {
        /// The failed request.
        call: Call,
        /// The limit in bytes.
        limit: usize,
    },
    /// A list has too many pages.
    #[error("the answer to {call} has more than {pages} pages")]
    TooMany {
        /// The failed request.
        call: Call,
        /// The limit of pages.
        pages: u32,
    },
    /// The API server did not answer in time.
    #[error("no answer from the API server within {} to {call}", spelled(*limit))]
    Timeout {
        /// The failed request.
        call: Call,
        /// How long newleaf waited.
        limit: Duration,
    },
    /// The connection failed before the whole answer arrived.
    #[error("cannot reach the API server to {call}: {reason}")]
    Unreachable {
        /// The failed request.
        call: Call,
        /// The message of the network, the TLS library or the credential command.
        reason: RemoteText,
    },
}

impl KubernetesError {
    /// The request that failed.
    pub const fn call(&self) -> &Call {
        match self {
            Self::Answered { call, .. }
            | Self::Refused { call, .. }
            | Self::Forbidden { call, .. }
            | Self::Unauthorized { call, .. }
            | Self::NotFound { call }
            | Self::Conflict { call, .. }
            | Self::FieldOwned { call, .. }
            | Self::NamespaceMissing { call }
            | Self::NamespaceTerminating { call }
            | Self::Outdated { call }
            | Self::Foreign { call, .. }
            | Self::TooLarge { call, .. }
            | Self::TooMany { call, .. }
            | Self::Timeout { call, .. }
            | Self::Unreachable { call, .. } => call,
        }
    }
}

impl Diagnose for KubernetesError {
    fn code(&self) -> Code {
        match self {
            Self::Answered { .. } | Self::Outdated { .. } => Code::ApiError,
            Self::Refused { .. } => Code::RequestRefused,
            Self::Forbidden { .. } => Code::ApiForbidden,
            Self::Unauthorized { .. } => Code::ApiUnauthorized,
            Self::NotFound { .. } => Code::ObjectMissing,
            Self::Conflict { .. } => Code::WriteConflict,
            Self::FieldOwned { .. } => Code::FieldConflict,
            Self::NamespaceMissing { .. } => Code::NamespaceMissing,
            Self::NamespaceTerminating { .. } => Code::NamespaceTerminating,
            Self::Foreign { .. } => Code::AnswerForeign,
            Self::TooLarge { .. } | Self::TooMany { .. } => Code::AnswerTooLarge,
            Self::Timeout { .. } => Code::ApiTimeout,
            Self::Unreachable { .. } => Code::ApiUnreachable,
        }
    }

    fn object(&self) -> Option<String> {
        Some(self.call().object())
    }

    fn hint(&self) -> Option<String> {
        let Self::Forbidden { call, .. } = self else { return None };
        Some(format!("Add this rule to the account's Role in namespace {}: {}", call.namespace, call.rule()))
    }
}
