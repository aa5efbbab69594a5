//! What can go wrong with the directory and the processes, each with its code.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::Interrupted;
use crate::diagnosis::{Code, Diagnose};
use crate::rotation::facts::{Serial, Unusable};

/// An error on this host.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A path is not what newleaf put there.
    #[error("{} cannot be used: {reason}", path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Reading failed.
    #[error("cannot read {}", path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Writing failed; the old generation is in place.
    #[error("cannot write {}", path.display())]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than any certificate file.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A configured user or group does not exist.
    #[error("there is no {kind} {name:?} on this machine")]
    OwnerUnknown {
        /// `user` or `group`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The object has changed since it was read.
    #[error("{} has changed since it was read: expected {expected}, found {found}", path.display())]
    Conflict {
        /// The object.
        path: PathBuf,
        /// The revision that was read.
        expected: String,
        /// The revision that is there.
        found: String,
    },
    /// The authority belongs to someone else.
    #[error("the authority in {} was brought by someone else and is not written", path.display())]
    AuthorityForeign {
        /// Its certificate.
        path: PathBuf,
    },
    /// The lock file cannot be locked.
    #[error("cannot lock {}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another run holds the lock.
    #[error("{} is held by {holder} and was not released within {} s", path.display(), limit.as_secs_f64())]
    LeaseHeld {
        /// The lock file.
        path: PathBuf,
        /// Who, as it says itself.
        holder: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// A signal ended a wait. Nothing was being written.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// There is no such consumer.
    #[error("no consumer is called {name:?}")]
    ConsumerUnknown {
        /// The name.
        name: String,
    },
    /// A consumer's command ended with an error.
    #[error("command {command:?} of consumer {consumer:?} {ending}{output}")]
    CommandFailed {
        /// The consumer.
        consumer: String,
        /// The command's program.
        command: String,
        /// How it ended.
        ending: String,
        /// The end of its standard error, after a colon; may be empty.
        output: String,
    },
    /// A consumer's command did not end.
    #[error("command {command:?} of consumer {consumer:?} did not end within {} s and was killed{output}", limit.as_secs_f64())]
    CommandTimeout {
        /// The consumer.
        consumer: String,
        /// The command's program.
        command: String,
        /// How long it was waited for.
        limit: Duration,
        /// The end of its standard error, after a colon; may be empty.
        output: String,
    },
    /// A consumer could not be signalled.
    #[error("cannot signal consumer {consumer:?}: {reason}")]
    SignalFailed {
        /// The consumer.
        consumer: String,
        /// Why.
        reason: String,
    },
    /// PostgreSQL has the new files and does not serve them.
    #[error(
        "{endpoint} has the stored {what} as a file and does not use it (it serves serial {served}): it refused to load it"
    )]
    ReloadRefused {
        /// Where.
        endpoint: String,
        /// `certificate` or `trust bundle`.
        what: &'static str,
        /// The serial of the leaf that is served.
        served: Serial,
    },
    /// Something still shows what was stored before.
    #[error("consumer {consumer:?} does not show what is stored: {reason}")]
    Stale {
        /// The consumer.
        consumer: String,
        /// What it shows instead.
        reason: String,
    },
    /// A consumer could not be observed until the end of the wait.
    #[error("consumer {consumer:?} could not be observed within {} s: {reason}", limit.as_secs_f64())]
    Unobserved {
        /// The consumer.
        consumer: String,
        /// Why.
        reason: Unusable,
        /// How long it was waited for.
        limit: Duration,
    },
}

impl HostError {
    /// An error in reading a path.
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Read { path, source }
    }

    /// An error in writing a path.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Write { path, source }
    }

    /// A path that is not what it should be.
    pub(crate) fn unusable(path: &Path, reason: impl Into<String>) -> Self {
        Self::Unusable { path: path.to_path_buf(), reason: reason.into() }
    }
}

impl Diagnose for HostError {
    fn code(&self) -> Code {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } | Self::Lock { source, .. }
                if source.kind() == io::ErrorKind::PermissionDenied =>
            {
                Code::FileDenied
            }
            Self::Unusable { .. } => Code::DirectoryUnusable,
            Self::Read { .. } => Code::FileRead,
            Self::Write { .. } => Code::FileWrite,
            Self::TooLarge { .. } => Code::InputTooLarge,
            Self::OwnerUnknown { .. } => Code::OwnerUnknown,
            Self::Conflict { .. } => Code::WriteConflict,
            Self::AuthorityForeign { .. } => Code::AuthorityForeign,
            Self::Lock { .. } => Code::LockFailed,
            Self::LeaseHeld { .. } => Code::LeaseHeld,
            Self::Interrupted(interrupted) => interrupted.code(),
            Self::ConsumerUnknown { .. } => Code::ValueInvalid,
            Self::CommandFailed { .. } => Code::ConsumerCommandFailed,
            Self::CommandTimeout { .. } => Code::ConsumerTimeout,
            Self::Unobserved { reason, .. } => reason.code,
            Self::SignalFailed { .. } => Code::ConsumerSignalFailed,
            Self::ReloadRefused { .. } => Code::ReloadRefused,
            Self::Stale { .. } => Code::StaleCertificate,
        }
    }

    fn object(&self) -> Option<String> {
        Some(match self {
            Self::Unusable { path, .. }
            | Self::Read { path, .. }
            | Self::Write { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Conflict { path, .. }
            | Self::AuthorityForeign { path }
            | Self::Lock { path, .. }
            | Self::LeaseHeld { path, .. } => path.display().to_string(),
            Self::Interrupted(interrupted) => interrupted.waiting_for.clone(),
            Self::OwnerUnknown { name, .. } | Self::ConsumerUnknown { name } => name.clone(),
            Self::CommandFailed { consumer, .. }
            | Self::CommandTimeout { consumer, .. }
            | Self::SignalFailed { consumer, .. }
            | Self::Stale { consumer, .. }
            | Self::Unobserved { consumer, .. } => consumer.clone(),
            Self::ReloadRefused { endpoint, .. } => endpoint.clone(),
        })
    }
}
