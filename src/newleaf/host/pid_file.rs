//! Pid files, and the processes that they name. newleaf checks a process on a descriptor and signals that descriptor.
//!
//! The owner of a pid file chooses its text. The file may name the owner's processes. It may name processes of all users only
//! if root (or our own user) wrote it in a place that no other user can change: the rule of systemd's `PIDFile=`.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::host::accounts::user_name;
use crate::host::blocking::within;
use crate::host::error::HostError;
use crate::host::file;
use crate::host::walk::is_trusted;

/// The largest pid file, in bytes. `postmaster.pid` has some 100.
const PID_FILE_MAX: u64 = 4096;
/// How long reading a pid file may take. A working disk needs microseconds.
const LIMIT: Duration = Duration::from_secs(1);
/// How much later than its pid file a process may seem to have started, because the kernel reports the start by a coarse
/// clock.
const START_TOLERANCE: u64 = 10;
/// A file in every data directory of PostgreSQL (PostgreSQL manual, 73.1).
const DATA_DIRECTORY: &str = "PG_VERSION";
/// The pid of a container's first process within the container, and of init outside.
const FIRST: i32 = 1;

/// The content of a pid file.
#[derive(Debug)]
struct PidFile {
    pid: i32,
    owner: u32,
    /// The time of the write, in seconds since 1970.
    written: u64,
}

/// A process that a pid file names, after all checks.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    /// The latest possible start, in whole seconds of a coarse clock.
    pub(crate) started: SystemTime,
    /// Refers to this process, not to a later one with the same pid.
    pub(crate) descriptor: OwnedFd,
}

/// The result of following a pid file.
#[derive(Debug)]
pub(crate) enum PidFileSeen {
    /// The process that it names.
    Process(Process),
    /// No process: it has ended, or its data directory lacks the file, which PostgreSQL removes when it stops.
    Ended,
    /// The file does not exist, which proves nothing: the process may have its file elsewhere.
    NoFile,
}

/// The process that a pid file names.
pub(crate) fn process(path: &Path) -> Result<PidFileSeen, HostError> {
    match within_limit(path, read)? {
        Some(file) => find(path, &file),
        None if within_limit(path, lies_in_data_directory)? => Ok(PidFileSeen::Ended),
        None => Ok(PidFileSeen::NoFile),
    }
}

/// Whether the file contains the pid that a container's first process has within the container.
pub(crate) fn is_of_container(path: &Path) -> bool {
    matches!(within_limit(path, read), Ok(Some(PidFile { pid: FIRST, .. })))
}

fn within_limit<T: Send + 'static>(path: &Path, look: fn(&Path) -> Result<T, HostError>) -> Result<T, HostError> {
    let named = path.to_path_buf();
    match within(LIMIT, path, move || look(&named)) {
        Some(found) => found,
        None => Err(unusable(path, format!("could not be read within {}s", LIMIT.as_secs()))),
    }
}

fn lies_in_data_directory(path: &Path) -> Result<bool, HostError> {
    let version = path.with_file_name(DATA_DIRECTORY);
    Ok(file::open(&version).map_err(|error| unreadable(path, &error))?.is_some())
}

fn unusable(path: &Path, reason: impl Into<String>) -> HostError {
    HostError::PidFile { path: path.to_path_buf(), reason: reason.into() }
}

/// Reads a pid file: the pid is its first line, as in `postmaster.pid` (PostgreSQL source, `miscinit.h`).
fn read(path: &Path) -> Result<Option<PidFile>, HostError> {
    let Some((file, exposure)) = file::open(path).map_err(|error| unreadable(path, &error))? else { return Ok(None) };
    let owner = file.owner();
    // A service may share its own folder with its group, but not with another user.
    if is_trusted(owner) || !exposure.belongs_to(owner) {
        exposure.refuse()?;
    }
    file.refuse_other_than(Some(owner))?;
    file.refuse_other_names().map_err(|error| unreadable(path, &error))?;
    let written = file.modified().map_err(|error| unusable(path, format!("has no time ({error})")))?;
    let written = written.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let bytes = file.read(PID_FILE_MAX).map_err(|error| unreadable(path, &error))?;
    match first_pid(&String::from_utf8_lossy(bytes.expose())) {
        Some(pid) => Ok(Some(PidFile { pid, owner, written })),
        None => Err(unusable(path, "contains no pid")),
    }
}

/// The pid in the first line. Older PostgreSQL writes the pid of a single-user server as a negative number; 0 is no process.
fn first_pid(text: &str) -> Option<i32> {
    let pid = text.lines().next()?.trim().parse().ok()?;
    if pid > 0 { Some(pid) } else { None }
}

/// The error without the path, because the message has the path already.
fn unreadable(path: &Path, error: &HostError) -> HostError {
    if let HostError::Unusable { reason, .. } = error {
        unusable(path, format!("cannot be used: {reason}"))
    } else if let HostError::Read { source, .. } = error {
        unusable(path, format!("cannot be read ({source})"))
    } else {
        unusable(path, format!("cannot be used: {error}"))
    }
}

fn find(path: &Path, file: &PidFile) -> Result<PidFileSeen, HostError> {
    let pid = file.pid;
    if pid == FIRST {
        return Err(unusable(
            path,
            "contains 1, which is init on this host and the first process of the container that wrote it",
        ));
    }
    let descriptor = match Pid::from_raw(pid).map(|pid| pidfd_open(pid, PidfdFlags::empty())) {
        Some(Ok(descriptor)) => descriptor,
        Some(Err(Errno::SRCH)) => return Ok(PidFileSeen::Ended),
        Some(Err(error)) => return Err(unusable(path, format!("names {pid}, which is not a process ({error})"))),
        None => return Err(unusable(path, "contains no pid")),
    };
    // The process that has this pid now has had it since newleaf opened the descriptor. Otherwise the descriptor refers to
    // a process that is gone, and a signal to it fails.
    let Some(life) = ProcessStat::of(pid) else {
        return Err(unusable(path, format!("names process {pid}, which has no readable entry in /proc")));
    };
    let is_owners = life.users.iter().all(|user| *user == file.owner);
    // A crash left the file behind: the pid now belongs to another process, which newleaf must not signal. The start of a
    // process moves with the clock, and the time of a file does not, so a process of the same user may be the right one.
    let is_younger = life.started > file.written.saturating_add(START_TOLERANCE);
    if life.ended || (is_younger && !is_owners) {
        return Ok(PidFileSeen::Ended);
    }
    if is_younger {
        let reason = format!(
            "is older than process {pid}, which it names: another process has taken the pid, or the clock was set; \
             restart the service"
        );
        return Err(unusable(path, reason));
    }
    if !is_trusted(file.owner) && !is_owners {
        return Err(HostError::PidForeign {
            path: path.to_path_buf(),
            owner: user_name(file.owner),
            pid,
            process_owner: life.users.first().map(|user| user_name(*user)).unwrap_or_default(),
        });
    }
    // The process started before the write of the file. A clock change since then has moved only one of the two times.
    let started = UNIX_EPOCH + Duration::from_secs(life.started.min(file.written));
    Ok(PidFileSeen::Process(Process { pid, started, descriptor }))
}

/// What the kernel reports about a process (proc(5)).
struct ProcessStat {
    /// Whether it has ended and its parent has not waited for it (`stat`, field 3).
    ended: bool,
    /// The start, in seconds since 1970 (`stat`, field 22, in hundredths of a second since boot).
    started: u64,
    /// The real, effective and saved user (`status`).
    users: Vec<u32>,
}

impl ProcessStat {
    /// Reads it. `None` if that fails, as on a system without `/proc`.
    fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in field 2 may contain spaces and parentheses; field 3 follows the last parenthesis.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_whitespace();
        let ended = matches!(fields.next()?, "Z" | "X");
        let ticks: u64 = fields.nth(18)?.parse().ok()?;
        let system = fs::read_to_string("/proc/stat").ok()?;
        let boot: u64 = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let users = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
        let users = users.split_whitespace().take(3).map(str::parse).collect::<Result<Vec<_>, _>>().ok()?;
        Some(Self { ended, started: boot.saturating_add(ticks / 100), users })
    }
}
