//! The errors of reading, making and judging certificates. No error contains any of the content that it is about.

use std::fmt;

use base::diagnosis::{Code, Diagnose};

/// The origin of bytes, for messages: a path, or an object and its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(String);

impl Source {
    /// Any text that lets a person find the bytes.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What failed. Every variant has a code that distinguishes its reasons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PkiError {
    /// Unusable bytes.
    #[error("cannot read {origin}: {reason}")]
    Unreadable {
        /// The code of the reason.
        code: Code,
        /// The origin of the bytes.
        origin: Source,
        /// What is wrong with them.
        reason: String,
    },
    /// An authority that cannot sign certificates that peers accept.
    #[error("cannot use the authority in {origin}: {reason}")]
    Authority {
        /// The code of the reason.
        code: Code,
        /// The origin of the authority.
        origin: Source,
        /// What it lacks.
        reason: String,
    },
    /// A certificate that newleaf could not make, or that failed its verification.
    #[error("cannot issue {what}: {reason}")]
    Issue {
        /// The code of the reason.
        code: Code,
        /// What newleaf wanted to make.
        what: String,
        /// What went wrong.
        reason: String,
    },
    /// A handshake in memory that failed.
    #[error("rehearsing the connection to {server_name}: {reason}")]
    Rehearsal {
        /// The name to which the client connects.
        server_name: String,
        /// The reason that the peer would give.
        reason: String,
    },
}

impl PkiError {
    pub(super) fn unreadable(code: Code, origin: &Source, reason: impl Into<String>) -> Self {
        Self::Unreadable { code, origin: origin.clone(), reason: reason.into() }
    }

    pub(super) fn authority(code: Code, origin: &Source, reason: impl Into<String>) -> Self {
        Self::Authority { code, origin: origin.clone(), reason: reason.into() }
    }

    pub(super) fn issue(code: Code, what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Issue { code, what: what.into(), reason: reason.into() }
    }
}

impl Diagnose for PkiError {
    fn code(&self) -> Code {
        match self {
            Self::Unreadable { code, .. } | Self::Authority { code, .. } | Self::Issue { code, .. } => *code,
            Self::Rehearsal { .. } => Code::RehearsalFailed,
        }
    }

    fn object(&self) -> Option<String> {
        match self {
            Self::Unreadable { origin, .. } | Self::Authority { origin, .. } => Some(origin.to_string()),
            Self::Issue { what, .. } => Some(what.clone()),
            Self::Rehearsal { server_name, .. } => Some(server_name.clone()),
        }
    }
}
