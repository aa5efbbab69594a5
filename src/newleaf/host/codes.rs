//! Code, object and hint of every error of this host.

use std::io;

use base::diagnosis::{Code, Diagnose};

use crate::host::error::HostError;
use crate::host::hint;

impl Diagnose for HostError {
    fn code(&self) -> Code {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } | Self::Lock { source, .. }
                if source.kind() == io::ErrorKind::PermissionDenied =>
            {
                Code::FileDenied
            }
            Self::Unusable { .. } | Self::LinkReplaced { .. } | Self::LinkMissing { .. } => Code::DirectoryUnusable,
            Self::Exposed { .. } => Code::PathExposed,
            Self::Slow { .. } => Code::FileTimeout,
            Self::DirectoryAbsent { .. } => Code::DirectoryAbsent,
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
            Self::SignalFailed { .. } | Self::PidFile { .. } => Code::ConsumerSignalFailed,
            Self::PidForeign { .. } => Code::PidForeign,
            Self::PidOfContainer { .. } => Code::PidOfContainer,
            Self::ReloadRefused { .. } => Code::ReloadRefused,
            Self::Stale { .. } | Self::ReadsElsewhere { .. } => Code::StaleCertificate,
        }
    }

    fn object(&self) -> Option<String> {
        Some(match self {
            Self::Unusable { path, .. }
            | Self::LinkReplaced { path, .. }
            | Self::LinkMissing { path, .. }
            | Self::Exposed { path, .. }
            | Self::Slow { path, .. }
            | Self::DirectoryAbsent { path }
            | Self::PidFile { path, .. }
            | Self::PidForeign { path, .. }
            | Self::PidOfContainer { path, .. }
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
            | Self::ReadsElsewhere { consumer, .. }
            | Self::Unobserved { consumer, .. } => consumer.clone(),
            Self::ReloadRefused { endpoint, .. } => endpoint.clone(),
        })
    }
    fn hint(&self) -> Option<String> {
        hint::of(self)
    }
}
