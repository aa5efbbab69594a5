//! The errors of the directory and the processes, each with its code.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::diagnosis::RemoteText;
use base::duration::spelled;
use base::stop::Stopped;
use rotation::engine::facts::{Serial, Unusable};

use crate::host::accounts::{group_name, user_name};
use crate::host::walk::{Exposed, is_trusted};
use crate::host::{hint, walk};

#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A path does not refer to what newleaf put there.
    #[error("{} cannot be used: {reason}", path.display())]
    Unusable {
        /// The path that the error is about.
        path: PathBuf,
        /// The reason, as a clause.
        reason: String,
    },
    /// A directory or a file has taken the place of newleaf's link.
    #[error("{} is not the symbolic link that newleaf created: a copy that followed links may have replaced it", path.display())]
    LinkReplaced {
        /// The path that the error is about.
        path: PathBuf,
        /// The newest generation, the probable target of the link.
        newest: Option<String>,
    },
    /// The generations exist, but the link to one of them is missing.
    #[error("{} is missing, but its target exists: a copy that skipped links may have lost it", path.display())]
    LinkMissing {
        /// The path that the error is about.
        path: PathBuf,
        /// The newest generation, the probable target of the link.
        newest: String,
    },
    /// Another user can change something that newleaf relies on.
    #[error("{} can be changed by {who}: it belongs to {owner} and has mode {mode:04o}", path.display())]
    Exposed {
        /// The path that the error is about.
        path: PathBuf,
        /// The user or group that can change it.
        who: String,
        /// The owner of the path.
        owner: String,
        /// The mode of the path.
        mode: u32,
        /// The command that repairs it.
        mend: String,
    },
    /// A file system did not answer.
    #[error("{} could not be read or written within {}", path.display(), spelled(*limit))]
    Slow {
        /// The path that the error is about.
        path: PathBuf,
        /// How long newleaf waited.
        limit: Duration,
    },
    /// The directory does not exist.
    #[error("the directory {} does not exist", path.display())]
    DirectoryAbsent {
        /// The path that the error is about.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("cannot read {}", path.display())]
    Read {
        /// The path that the error is about.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Writing failed. The old generation is still in place.
    #[error("cannot write {}", path.display())]
    Write {
        /// The path that the error is about.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file is larger than any certificate file.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The path that the error is about.
        path: PathBuf,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A configured user or group does not exist.
    #[error("there is no {kind} {name:?} on this machine")]
    OwnerUnknown {
        /// `user` or `group`.
        kind: &'static str,
        /// The name of the user or group.
        name: String,
    },
    /// Another writer has changed the object since the read.
    #[error("{} has changed since the read: expected {expected}, found {found}", path.display())]
    Conflict {
        /// The path of the object.
        path: PathBuf,
        /// The revision of the read.
        expected: String,
        /// The present revision.
        found: String,
    },
    /// The authority belongs to another tool or a person.
    #[error("the authority in {} belongs to another tool or a person: newleaf never writes it", path.display())]
    AuthorityForeign {
        /// The certificate of the authority.
        path: PathBuf,
    },
    /// The lock file cannot be locked.
    #[error("cannot lock {}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Another run holds the lock.
    #[error("{} is held by {holder} and was not released within {}", path.display(), spelled(*limit))]
    LeaseHeld {
        /// The lock file.
        path: PathBuf,
        /// The holder, according to the lock file.
        holder: String,
        /// How long newleaf waited.
        limit: Duration,
    },
    /// A signal ended a wait, in which newleaf wrote nothing.
    #[error(transparent)]
    Interrupted(#[from] Stopped),
    /// The configuration has no such consumer.
    #[error("consumer {name:?} is not in the configuration")]
    ConsumerUnknown {
        /// The name that was asked for.
        name: String,
    },
    /// A consumer's command ended with an error.
    #[error("command {command:?} of consumer {consumer:?} {ending}{}", after_colon(output))]
    CommandFailed {
        /// The name of the consumer.
        consumer: String,
        /// The program of the command.
        command: String,
        /// How the command ended.
        ending: String,
        /// The last part of its standard error. It may be empty.
        output: RemoteText,
    },
    /// A consumer's command did not end.
    #[error("command {command:?} of consumer {consumer:?} did not end within {}, so newleaf killed it{}", spelled(*limit), after_colon(output))]
    CommandTimeout {
        /// The name of the consumer.
        consumer: String,
        /// The program of the command.
        command: String,
        /// How long newleaf waited.
        limit: Duration,
        /// The last part of its standard error. It may be empty.
        output: RemoteText,
    },
    /// newleaf could not signal a consumer.
    #[error("cannot signal consumer {consumer:?}: {reason}")]
    SignalFailed {
        /// The name of the consumer.
        consumer: String,
        /// The reason, as a clause.
        reason: String,
    },
    /// A pid file has no usable content.
    #[error("the pid file {} {reason}", path.display())]
    PidFile {
        /// The path that the error is about.
        path: PathBuf,
        /// What is wrong with it, as a clause.
        reason: String,
    },
    /// A pid file names a process of another user than its owner.
    #[error("the pid file {} belongs to {owner} and names process {pid} of {process_owner}", path.display())]
    PidForeign {
        /// The path that the error is about.
        path: PathBuf,
        /// The owner of the pid file.
        owner: String,
        /// The pid of the process.
        pid: i32,
        process_owner: String,
    },
    /// A pid file contains the pid that a container's first process has within the container.
    #[error("the pid file {} of consumer {consumer:?} contains 1: it belongs to a container and names no process of this host", path.display())]
    PidOfContainer {
        /// The name of the consumer.
        consumer: String,
        /// The path that the error is about.
        path: PathBuf,
    },
    /// PostgreSQL reads other files than those that newleaf writes.
    #[error("consumer {consumer:?} does not show the stored certificate: {endpoint} reads {read}, but newleaf writes {}", written.display())]
    ReadsElsewhere {
        /// The name of the consumer.
        consumer: String,
        /// The endpoint of the server.
        endpoint: String,
        /// The certificate file of the server's settings.
        read: String,
        /// The file that newleaf writes.
        written: PathBuf,
    },
    /// PostgreSQL has the new files but does not serve them.
    #[error("{endpoint} refused to load the new {what}: it has the file, but still serves serial {served}")]
    ReloadRefused {
        /// The endpoint of the server.
        endpoint: String,
        /// `certificate` or `trust bundle`.
        what: &'static str,
        /// The serial of the leaf that it serves.
        served: Serial,
    },
    /// The consumer still shows older material.
    #[error("consumer {consumer:?} does not show the stored certificate: {reason}")]
    Stale {
        /// The name of the consumer.
        consumer: String,
        /// What the consumer shows instead.
        reason: String,
    },
    /// newleaf could not observe the consumer until the end of the wait.
    #[error("consumer {consumer:?} could not be observed within {}: {reason}", spelled(*limit))]
    Unobserved {
        /// The name of the consumer.
        consumer: String,
        /// The reason, as a clause.
        reason: Unusable,
        /// How long newleaf waited.
        limit: Duration,
    },
}

fn after_colon(output: &RemoteText) -> String {
    if output.is_empty() { String::new() } else { format!(": {output}") }
}

impl HostError {
    /// The error of a failed read of a path.
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Read { path, source }
    }

    /// The error of a failed write to a path.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Write { path, source }
    }

    /// The same error for a file that newleaf wanted to lock.
    pub(crate) fn locking(self) -> Self {
        if let Self::Read { path, source } = self { Self::Lock { path, source } } else { self }
    }

    /// The error of a file system that did not answer in time.
    pub(crate) fn slow(path: &Path, limit: Duration) -> Self {
        Self::Slow { path: path.to_path_buf(), limit }
    }

    /// The error of a path that another user can change, with that user and the repair.
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

    /// Whether the error means damage of what is stored. Otherwise newleaf could not read it.
    pub(crate) const fn is_damage(&self) -> bool {
        matches!(self, Self::Unusable { .. } | Self::Exposed { .. } | Self::TooLarge { .. })
    }

    /// The error of a path that does not refer to what it should.
    pub(crate) fn unusable(path: &Path, reason: impl Into<String>) -> Self {
        Self::Unusable { path: path.to_path_buf(), reason: reason.into() }
    }
}
