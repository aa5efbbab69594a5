//! What can go wrong with the cluster, each with its code.

use std::time::Duration;

use base::diagnosis::{Code, Diagnose, RemoteText};

use crate::api::call::Call;

/// An error of the cluster.
#[derive(Debug, thiserror::Error)]
pub enum KubernetesError {
    /// The answer is an error that has no variant of its own.
    #[error("the API server answered {code} to {call}: {message}")]
    Answered {
        /// The request.
        call: Call,
        /// The HTTP status.
        code: u16,
        /// What it says.
        message: RemoteText,
    },
    /// The API server finds the request invalid, or an admission policy, a webhook or a quota refuses it.
    #[error("the API server refuses to {call}: {message}")]
    Refused {
        /// The request.
        call: Call,
        /// The HTTP status.
        code: u16,
        /// What it says.
        message: RemoteText,
    },
    /// No role allows the request.
    #[error("the account may not {call}: {message}")]
    Forbidden {
        /// The request.
        call: Call,
        /// What the API server says.
        message: RemoteText,
    },
    /// The credentials are not accepted, or have expired.
    #[error("the API server does not accept the credentials to {call}: {message}")]
    Unauthorized {
        /// The request.
        call: Call,
        /// What the API server says.
        message: RemoteText,
    },
    /// The object is not there.
    #[error("not found: {call}")]
    NotFound {
        /// The request.
        call: Call,
    },
    /// The object has changed since it was read, or is there already.
    #[error("another writer was first: {call}: {message}")]
    Conflict {
        /// The request.
        call: Call,
        /// What the API server says.
        message: RemoteText,
    },
    /// Another field manager owns a field of an apply.
    #[error("another field manager owns what was to be written: {call}: {message}")]
    FieldOwned {
        /// The request.
        call: Call,
        /// What the API server says: it names the other manager and the field.
        message: RemoteText,
    },
    /// The namespace is not there.
    #[error("namespace {} does not exist: {call}", call.namespace)]
    NamespaceMissing {
        /// The request.
        call: Call,
    },
    /// The namespace is on its way out.
    #[error("namespace {} is being deleted: {call}", call.namespace)]
    NamespaceTerminating {
        /// The request.
        call: Call,
    },
    /// The answer is older than a write of ours.
    #[error("the API server answered {call} with what this run has already replaced")]
    Outdated {
        /// The request.
        call: Call,
    },
    /// The answer is not the object that was asked for.
    #[error("what answered {call} is not what was asked for: {problem}")]
    Foreign {
        /// The request.
        call: Call,
        /// What it lacks.
        problem: &'static str,
    },
    /// The answer is larger than anything that is read.
    #[error("the answer to {call} is larger than {} MiB", limit / (1024 * 1024))]
    TooLarge {
        /// The request.
        call: Call,
        /// How many bytes are read.
        limit: usize,
    },
    /// A list does not come to its end.
    #[error("the answer to {call} has more than {pages} pages")]
    TooMany {
        /// The request.
        call: Call,
        /// How many pages are read.
        pages: u32,
    },
    /// No answer in time.
    #[error("no answer from the API server within {} s to {call}", limit.as_secs_f64())]
    Timeout {
        /// The request.
        call: Call,
        /// How long it was waited for.
        limit: Duration,
    },
    /// No answer at all, or not the whole of it.
    #[error("the API server could not be asked to {call}: {reason}")]
    Unreachable {
        /// The request.
        call: Call,
        /// Why: what the network, the TLS library or the command for credentials says.
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
