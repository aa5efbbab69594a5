//! Processes: whether they run, signals to them, and commands that reload or restart them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::io::AsyncReadExt;
use tokio::process::{ChildStderr, Command};

use crate::host::error::HostError;

/// How much of a failed command's standard error is shown, in bytes.
const TAIL: usize = 2048;
/// How long a command that has ended may take to hand over what it wrote: its children may keep the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// How much later than its pid file a process may seem to have started, as its start is known from a coarse clock.
const START_TOLERANCE: u64 = 10;

/// What a pid file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Running {
    /// The process exists.
    Yes(i32),
    /// There is no such file, or no such process.
    No,
    /// It cannot be told; the text says why.
    Unknown(String),
}

/// Reads a pid file: the pid is its first line, as in `postmaster.pid` (PostgreSQL source, `miscinit.h`).
pub(crate) fn running(pid_file: &Path) -> Running {
    let unknown = |reason: &str| Running::Unknown(format!("{} {reason}", pid_file.display()));
    let mut text = String::new();
    let written = match File::open(pid_file) {
        Ok(file) => {
            let written = file.metadata().and_then(|metadata| metadata.modified());
            match file.take(4096).read_to_string(&mut text).and(written) {
                Ok(written) => written,
                Err(error) => return unknown(&format!("cannot be read ({error})")),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Running::No,
        Err(error) => return unknown(&format!("cannot be opened ({error})")),
    };
    // Older PostgreSQL writes a single-user server's pid as a negative number; 0 and 1 are nobody's consumer.
    let Some(pid) = text.lines().next().and_then(|line| line.trim().parse::<i32>().ok()).filter(|pid| *pid > 1) else {
        return unknown("holds no pid");
    };
    if kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH) {
        return Running::No;
    }
    let written = written.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let Some(life) = Life::of(pid) else { return Running::Yes(pid) };
    // A file that a crash left behind: the pid now belongs to someone else, who must not be signalled.
    let reused = life.started > written.saturating_add(START_TOLERANCE);
    if life.ended || reused { Running::No } else { Running::Yes(pid) }
}

/// What the kernel tells about a process (proc(5), `stat`).
struct Life {
    /// It has ended and nobody has asked how (field 3).
    ended: bool,
    /// When it started, in seconds since 1970 (field 22, in hundredths of a second since boot).
    started: u64,
}

impl Life {
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
        Some(Self { ended, started: boot.saturating_add(ticks / 100) })
    }
}

/// When a process was started; `None` where the kernel does not tell.
pub(crate) fn started(pid: i32) -> Option<SystemTime> {
    Some(UNIX_EPOCH + Duration::from_secs(Life::of(pid)?.started))
}

/// Sends SIGHUP to a running consumer. One that does not run needs none: it reads the files when it starts.
pub(crate) fn hang_up(consumer: &str, pid_file: Option<&Path>) -> Result<(), HostError> {
    let failed = |reason: String| HostError::SignalFailed { consumer: consumer.to_owned(), reason };
    let pid_file = pid_file.ok_or_else(|| failed("it has no pid file".to_owned()))?;
    match running(pid_file) {
        Running::No => Ok(()),
        Running::Unknown(reason) => Err(failed(reason)),
        Running::Yes(pid) => match kill(Pid::from_raw(pid), Signal::SIGHUP) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(error) => Err(failed(format!("process {pid}: {}", error.desc()))),
        },
    }
}

/// Runs a consumer's command in a process group of its own until it ends, or until `limit`; then the group is killed.
pub(crate) async fn run(consumer: &str, command: &[String], limit: Duration) -> Result<(), HostError> {
    let (program, arguments) = command.split_first().ok_or_else(|| HostError::CommandFailed {
        consumer: consumer.to_owned(),
        command: String::new(),
        ending: "is empty".to_owned(),
        output: String::new(),
    })?;
    let failed = |ending: String, output: String| HostError::CommandFailed {
        consumer: consumer.to_owned(),
        command: program.clone(),
        ending,
        output,
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| failed(format!("could not be started ({error})"), String::new()))?;
    let group = Group(child.id().and_then(|pid| i32::try_from(pid).ok()).map(Pid::from_raw));
    let tail = Tail::follow(child.stderr.take());
    let Ok(ended) = tokio::time::timeout(limit, child.wait()).await else {
        drop(group);
        let output = tail.end().await;
        return Err(HostError::CommandTimeout {
            consumer: consumer.to_owned(),
            command: program.clone(),
            limit,
            output,
        });
    };
    // Whatever it left running, such as the server that it started, is meant to stay.
    group.keep();
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(describe(status), tail.end().await)),
        Err(error) => Err(failed(format!("could not be waited for ({error})"), String::new())),
    }
}

fn describe(status: ExitStatus) -> String {
    status.code().map_or_else(|| format!("was ended by a signal ({status})"), |code| format!("ended with code {code}"))
}

/// A process group that is killed when dropped: a run that is cancelled leaves no half restart behind.
struct Group(Option<Pid>);

impl Group {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended by itself in between: that is as good.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}

/// The end of what a command writes to its standard error.
struct Tail {
    text: Arc<Mutex<Vec<u8>>>,
    reader: tokio::task::JoinHandle<()>,
}

impl Tail {
    fn follow(stderr: Option<ChildStderr>) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&text);
        let reader = tokio::spawn(async move {
            let Some(mut stderr) = stderr else { return };
            let mut chunk = [0; 1024];
            while let Ok(length @ 1..) = stderr.read(&mut chunk).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(chunk.iter().take(length));
                let surplus = kept.len().saturating_sub(TAIL);
                kept.drain(..surplus);
            }
        });
        Self { text, reader }
    }

    /// What has been written, after a colon and on one line; empty when nothing was.
    async fn end(mut self) -> String {
        if tokio::time::timeout(LAST_WORDS, &mut self.reader).await.is_err() {
            self.reader.abort();
        }
        let bytes = self.text.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() { String::new() } else { format!(": {}", lines.join("; ")) }
    }
}
