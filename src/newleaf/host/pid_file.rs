//! Pid files, and the processes that they name: checked on a descriptor of the process, which is then signalled.
//!
//! A pid file is a text that its owner chose. It speaks for the owner's processes, and for those of all users only where
//! root (or our own user) wrote it where no other user can change it: the rule of systemd's `PIDFile=`.

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

/// The largest pid file, in bytes; `postmaster.pid` has some 100.
const PID_FILE_MAX: u64 = 4096;
/// How long one may take to be read; a disk that works needs microseconds.
const LIMIT: Duration = Duration::from_secs(1);
/// How much later than its pid file a process may seem to have started, as its start is known from a coarse clock.
const START_TOLERANCE: u64 = 10;
/// What a data directory of PostgreSQL always holds (PostgreSQL manual, 73.1).
const DATA_DIRECTORY: &str = "PG_VERSION";
/// The pid of a container's first process within the container, and of init outside.
const FIRST: i32 = 1;

/// What a pid file says.
#[derive(Debug)]
struct PidFile {
    pid: i32,
    owner: u32,
    /// When it was written, in seconds since 1970.
    written: u64,
}

/// A process that a pid file names rightly.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    /// When it was started at the latest that can be shown, in whole seconds of a coarse clock.
    pub(crate) started: SystemTime,
    /// Means this process and no later one with its pid.
    pub(crate) descriptor: OwnedFd,
}

/// What a pid file leads to.
#[derive(Debug)]
pub(crate) enum PidFileSeen {
    /// The process that it names.
    Process(Process),
    /// None: the process has ended, or the file is not in its data directory, from where PostgreSQL takes it when it stops.
    Ended,
    /// There is no such file, which tells nothing: the process may have its file elsewhere.
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

/// Whether it holds the pid that a container's first process has within the container.
pub(crate) fn is_of_container(path: &Path) -> bool {
    matches!(within_limit(path, read), Ok(Some(PidFile { pid: FIRST, .. })))
}

fn within_limit<T: Send + 'static>(path: &Path, look: fn(&Path) -> Result<T, HostError>) -> Result<T, HostError> {
    let named = path.to_path_buf();
    match within(LIMIT, path, move || look(&named)) {
        Some(found) => found,
        None => Err(unusable(path, format!("could not be read within {} s", LIMIT.as_secs()))),
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
    // Its own folder a service may share with its group, but not with another user.
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
        None => Err(unusable(path, "holds no pid")),
    }
}

/// The pid in the first line. Older PostgreSQL writes a single-user server's pid as a negative number; 0 is no process.
fn first_pid(text: &str) -> Option<i32> {
    let pid = text.lines().next()?.trim().parse().ok()?;
    if pid > 0 { Some(pid) } else { None }
}

/// The error without the path, which the message has already.
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
        return Err(unusable(path, "holds 1, which is init's here and a container's own where it was written"));
    }
    let descriptor = match Pid::from_raw(pid).map(|pid| pidfd_open(pid, PidfdFlags::empty())) {
        Some(Ok(descriptor)) => descriptor,
        Some(Err(Errno::SRCH)) => return Ok(PidFileSeen::Ended),
        Some(Err(error)) => return Err(unusable(path, format!("names {pid}, which is no process ({error})"))),
        None => return Err(unusable(path, "holds no pid")),
    };
    // Whatever has this pid now has had it since the descriptor was opened, or else the descriptor is of a process that
    // is gone, and a signal to it fails.
    let Some(life) = ProcessStat::of(pid) else {
        return Err(unusable(path, format!("names process {pid}, which /proc tells nothing about")));
    };
    let is_owners = life.users.iter().all(|user| *user == file.owner);
    // A file that a crash left behind: the pid now belongs to another process, which must not be signalled. The start of a
    // process moves with the clock, and the time of a file does not, so one of the same user may be the one that is meant.
    let is_younger = life.started > file.written.saturating_add(START_TOLERANCE);
    if life.ended || (is_younger && !is_owners) {
        return Ok(PidFileSeen::Ended);
    }
    if is_younger {
        let reason = format!(
            "is older than process {pid}, which it names: another process has got the pid, or the clock was set; \
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
    // It has started before it was noted; and a clock that was set since has moved the one time and not the other.
    let started = UNIX_EPOCH + Duration::from_secs(life.started.min(file.written));
    Ok(PidFileSeen::Process(Process { pid, started, descriptor }))
}

/// What the kernel tells about a process (proc(5)).
struct ProcessStat {
    /// It has ended and its parent has not asked how (`stat`, field 3).
    ended: bool,
    /// When it started, in seconds since 1970 (`stat`, field 22, in hundredths of a second since boot).
    started: u64,
    /// Its real, effective and saved user (`status`).
    users: Vec<u32>,
}

impl ProcessStat {
    /// `None` where it cannot be read, such as on a system without `/proc`.
    fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in field 2 may hold spaces and parentheses; field 3 follows the last one.
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
