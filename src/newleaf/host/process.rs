//! Processes: whether they run, and the signal that makes them read their files again.

use std::path::Path;
use std::time::SystemTime;

use rotation::document::Consumer;
use rustix::io::Errno;
use rustix::process::{Signal, pidfd_send_signal};

use crate::host::error::HostError;
use crate::host::pid_file::{self, PidFileSeen};

pub(crate) use crate::host::command::run;

/// Whether the process of a pid file runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Running {
    /// The process exists.
    Yes {
        /// The start, in whole seconds of a coarse clock.
        started: SystemTime,
    },
    /// The process has ended.
    No,
    /// The file does not exist, which proves nothing about the process.
    NoFile,
    /// newleaf cannot find out. The text says why.
    Unknown(String),
}

/// Finds out whether the process of a pid file runs.
pub(crate) fn running(pid_file: &Path) -> Running {
    match pid_file::process(pid_file) {
        Ok(PidFileSeen::Process(process)) => Running::Yes { started: process.started },
        Ok(PidFileSeen::Ended) => Running::No,
        Ok(PidFileSeen::NoFile) => Running::NoFile,
        Err(error) => Running::Unknown(error.to_string()),
    }
}

/// Sends SIGHUP to a running consumer. A stopped consumer needs no signal, because it reads the files when it starts.
pub(crate) fn hang_up(consumer: &str, pid_file: Option<&Path>) -> Result<(), HostError> {
    let failed = |reason: String| HostError::SignalFailed { consumer: consumer.to_owned(), reason };
    let pid_file = pid_file.ok_or_else(|| failed("it has no pid file".to_owned()))?;
    let PidFileSeen::Process(process) = pid_file::process(pid_file)? else { return Ok(()) };
    match pidfd_send_signal(&process.descriptor, Signal::HUP) {
        Ok(()) | Err(Errno::SRCH) => Ok(()),
        Err(error) => Err(failed(format!("process {}: {error}", process.pid))),
    }
}

/// Refuses a consumer whose pid file comes from a container, before newleaf writes anything for it.
pub(crate) fn refuse_containers(consumers: &[Consumer]) -> Result<(), HostError> {
    for consumer in consumers {
        if let Some(path) = consumer.pid_file.as_ref().filter(|path| pid_file::is_of_container(path)) {
            return Err(HostError::PidOfContainer { consumer: consumer.name.clone(), path: path.clone() });
        }
    }
    Ok(())
}
