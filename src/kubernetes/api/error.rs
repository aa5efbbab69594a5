//! What can go wrong with the cluster, each with its code.

use std::time::Duration;

use kube::core::Status;

use crate::diagnosis::{Code, Diagnose};
use crate::kubernetes::api::call::Call;

/// The cause that the API server gives where a namespace is being deleted (`NamespaceTerminatingCause` of Kubernetes).
const TERMINATING: &str = "NamespaceTerminating";

/// An error of the cluster.
#[derive(Debug, thiserror::Error)]
pub enum KubernetesError {
    /// The API server answered with an error that has no variant of its own.
    #[error("the API server answered {code} to {call}: {message}")]
    Answered {
        /// The request.
        call: Call,
        /// The HTTP status.
        code: u16,
        /// What it says.
        message: String,
    },
    /// No role allows the request.
    #[error("the account may not {call}")]
    Forbidden {
        /// The request.
        call: Call,
        /// What the API server says.
        message: String,
    },
    /// The credentials are not accepted, or have expired.
    #[error("the API server does not know who asks to {call}: {message}")]
    Unauthorized {
        /// The request.
        call: Call,
        /// What the API server says.
        message: String,
    },
    /// The object is not there.
    #[error("not found: {call}")]
    NotFound {
        /// The request.
        call: Call,
    },
    /// The object has changed since it was read, or is there already.
    #[error("someone else was first: {call}: {message}")]
    Conflict {
        /// The request.
        call: Call,
        /// What the API server says.
        message: String,
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
    /// No answer in time.
    #[error("no answer from the API server within {} s to {call}", limit.as_secs_f64())]
    Timeout {
        /// The request.
        call: Call,
        /// How long it was waited for.
        limit: Duration,
    },
    /// No answer at all.
    #[error("the API server could not be asked to {call}")]
    Unreachable {
        /// The request.
        call: Call,
        /// Why.
        source: Box<kube::Error>,
    },
}

impl KubernetesError {
    /// What the failure of a request means.
    pub fn of(call: Call, error: kube::Error) -> Self {
        let kube::Error::Api(status) = error else {
            return Self::Unreachable { call, source: Box::new(error) };
        };
        let Status { code, message, details, .. } = *status;
        let details = details.as_ref();
        let is_terminating =
            details.is_some_and(|details| details.causes.iter().any(|cause| cause.reason == TERMINATING));
        match code {
            403 if is_terminating => Self::NamespaceTerminating { call },
            404 if details.is_some_and(|details| details.kind == "namespaces") => Self::NamespaceMissing { call },
            401 => Self::Unauthorized { call, message },
            403 => Self::Forbidden { call, message },
            404 => Self::NotFound { call },
            409 => Self::Conflict { call, message },
            _ => Self::Answered { call, code, message },
        }
    }
}

impl Diagnose for KubernetesError {
    fn code(&self) -> Code {
        match self {
            Self::Answered { .. } | Self::Outdated { .. } => Code::ApiError,
            Self::Forbidden { .. } => Code::ApiForbidden,
            Self::Unauthorized { .. } => Code::ApiUnauthorized,
            Self::NotFound { .. } => Code::ObjectMissing,
            Self::Conflict { .. } => Code::WriteConflict,
            Self::NamespaceMissing { .. } => Code::NamespaceMissing,
            Self::NamespaceTerminating { .. } => Code::NamespaceTerminating,
            Self::Timeout { .. } => Code::ApiTimeout,
            Self::Unreachable { .. } => Code::ApiUnreachable,
        }
    }

    fn object(&self) -> Option<String> {
        match self {
            Self::Answered { call, .. }
            | Self::Forbidden { call, .. }
            | Self::Unauthorized { call, .. }
            | Self::NotFound { call }
            | Self::Conflict { call, .. }
            | Self::NamespaceMissing { call }
            | Self::NamespaceTerminating { call }
            | Self::Outdated { call }
            | Self::Timeout { call, .. }
            | Self::Unreachable { call, .. } => Some(match &call.name {
                Some(name) => format!("{}/{name}", call.resource),
                None => call.resource.to_owned(),
            }),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Forbidden { call, .. } => {
                Some(format!("Add this rule to the account's Role in namespace {}: {}", call.namespace, call.rule()))
            }
            Self::Answered { .. }
            | Self::Unauthorized { .. }
            | Self::NotFound { .. }
            | Self::Conflict { .. }
            | Self::NamespaceMissing { .. }
            | Self::NamespaceTerminating { .. }
            | Self::Outdated { .. }
            | Self::Timeout { .. }
            | Self::Unreachable { .. } => None,
        }
    }
}
