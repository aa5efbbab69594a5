//! What can go wrong with the directory and the processes, each with its code.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::diagnosis::RemoteText;
use base::stop::Stopped;
use rotation::engine::facts::{Serial, Unusable};

use crate::host::accounts::{group_name, user_name};
use crate::host::walk::{Exposed, is_trusted};
use crate::host::{hint, walk};

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
    /// A directory or a file where newleaf put a link.
    #[error("{} is not a symbolic link that newleaf made: a copy that followed links may have made it", path.display())]
    LinkReplaced {
        /// Which.
        path: PathBuf,
        /// The newest generation, which the link may have pointed to.
        newest: Option<String>,
    },
    /// The generations are there, and the link to one of them is not.
    #[error("{} is missing, and what it pointed to is there: a copy that left links out may have lost it", path.display())]
    LinkMissing {
        /// Which.
        path: PathBuf,
        /// The newest generation, which it may have pointed to.
        newest: String,
    },
    /// Another user can change what newleaf relies on.
    #[error("{} can be changed by {who}: it belongs to {owner} and has mode {mode:04o}", path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Who can change it.
        who: String,
        /// Its owner.
        owner: String,
        /// Its mode.
        mode: u32,
        /// The command that mends it.
        mend: String,
    },
    /// A file system did not answer.
    #[error("{} could not be read or written within {} s", path.display(), limit.as_secs_f64())]
    Slow {
        /// What.
        path: PathBuf,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The directory is not there.
    #[error("the directory {} does not exist", path.display())]
    DirectoryAbsent {
        /// Which.
        path: PathBuf,
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
    Interrupted(#[from] Stopped),
    /// There is no such consumer.
    #[error("no consumer is called {name:?}")]
    ConsumerUnknown {
        /// The name.
        name: String,
    },
    /// A consumer's command ended with an error.
    #[error("command {command:?} of consumer {consumer:?} {ending}{}", after_colon(output))]
    CommandFailed {
        /// The consumer.
        consumer: String,
        /// The command's program.
        command: String,
        /// How it ended.
        ending: String,
        /// The end of its standard error; may be empty.
        output: RemoteText,
    },
    /// A consumer's command did not end.
    #[error("command {command:?} of consumer {consumer:?} did not end within {} s and was killed{}", limit.as_secs_f64(), after_colon(output))]
    CommandTimeout {
        /// The consumer.
        consumer: String,
        /// The command's program.
        command: String,
        /// How long it was waited for.
        limit: Duration,
        /// The end of its standard error; may be empty.
        output: RemoteText,
    },
    /// A consumer could not be signalled.
    #[error("cannot signal consumer {consumer:?}: {reason}")]
    SignalFailed {
        /// The consumer.
        consumer: String,
        /// Why.
        reason: String,
    },
    /// A pid file says nothing that can be used.
    #[error("the pid file {} {reason}", path.display())]
    PidFile {
        /// Which.
        path: PathBuf,
        /// What is wrong with it, as a clause.
        reason: String,
    },
    /// A pid file names a process that its owner may not speak for.
    #[error("the pid file {} belongs to {owner} and names process {pid} of {process_owner}", path.display())]
    PidForeign {
        /// Which.
        path: PathBuf,
        /// Whose it is.
        owner: String,
        /// The process.
        pid: i32,
        /// Whose process that is.
        process_owner: String,
    },
    /// A pid file holds the number that a container's first process has within the container.
    #[error("the pid file {} of consumer {consumer:?} holds 1: it is a container's, and says nothing on this host", path.display())]
    PidOfContainer {
        /// Whose.
        consumer: String,
        /// Which.
        path: PathBuf,
    },
    /// PostgreSQL reads other files than newleaf writes.
    #[error("consumer {consumer:?} does not show what is stored: {endpoint} reads {read}, and newleaf writes {}", written.display())]
    ReadsElsewhere {
        /// The consumer.
        consumer: String,
        /// Where.
        endpoint: String,
        /// The certificate file of the server's settings.
        read: String,
        /// The one that newleaf writes.
        written: PathBuf,
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

fn after_colon(output: &RemoteText) -> String {
    if output.is_empty() { String::new() } else { format!(": {output}") }
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

    /// The same error, where the file was to be locked.
    pub(crate) fn locking(self) -> Self {
        if let Self::Read { path, source } = self { Self::Lock { path, source } } else { self }
    }

    /// A path that a file system did not answer for.
    pub(crate) fn slow(path: &Path, limit: Duration) -> Self {
        Self::Slow { path: path.to_path_buf(), limit }
    }

    /// A path that another user can change, with who that is and how to mend it.
    pub(crate) fn exposed(exposed: Exposed) -> Self {
        let Exposed { path, owner, group, mode } = exposed;
        let shown = hint::quoted(&path);
        let (owner_name, is_foreign) = (user_name(owner), !is_trusted(owner));
        let who = match mode & 0o022 {
            _ if is_foreign => owner_name.clone(),
            0o020 => group_name(group),
            _ => "every user".to_owned(),
        };
        let mut mend = Vec::new();
        if is_foreign {
            mend.push(format!("chown {}: {shown}", walk::own_name()));
        }
        if walk::others_write(mode) {
            mend.push(format!("chmod go-w {shown}"));
        }
        Self::Exposed { path, who, owner: owner_name, mode, mend: mend.join(" && ") }
    }

    /// Whether it says that what is stored is damaged; else that it could not be looked at.
    pub(crate) const fn is_damage(&self) -> bool {
        matches!(self, Self::Unusable { .. } | Self::Exposed { .. } | Self::TooLarge { .. })
    }

    /// A path that is not what it should be.
    pub(crate) fn unusable(path: &Path, reason: impl Into<String>) -> Self {
        Self::Unusable { path: path.to_path_buf(), reason: reason.into() }
    }
}
