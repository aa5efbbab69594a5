//! Why something cannot be read, made or accepted. No error holds any of the content that it is about.

use std::fmt;

use crate::diagnosis::{Code, Diagnose};

/// Where bytes came from, for people: a path, or an object and its entry.
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

/// What failed. Every variant names the code that tells apart its reasons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PkiError {
    /// Bytes that cannot be used.
    #[error("cannot read {origin}: {reason}")]
    Unreadable {
        /// The code of the reason.
        code: Code,
        /// Where the bytes came from.
        origin: Source,
        /// What is wrong with them.
        reason: String,
    },
    /// An authority that cannot sign what peers accept.
    #[error("cannot use the authority in {origin}: {reason}")]
    Authority {
        /// The code of the reason.
        code: Code,
        /// Where the authority came from.
        origin: Source,
        /// What it lacks.
        reason: String,
    },
    /// A certificate that could not be made, or that failed its verification.
    #[error("cannot issue {what}: {reason}")]
    Issue {
        /// The code of the reason.
        code: Code,
        /// What was to be made.
        what: String,
        /// What went wrong.
        reason: String,
    },
    /// A handshake in memory that failed.
    #[error("rehearsing the connection to {server_name}: {reason}")]
    Rehearsal {
        /// The name that the client connects by.
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
