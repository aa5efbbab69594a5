//! Commands that reload or restart consumers.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::diagnosis::RemoteText;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};

use crate::host::error::HostError;
use crate::host::memory::with_core_limit_of_caller;

/// How much of a failed command's standard error newleaf shows, in bytes.
const TAIL: usize = 2048;
/// How long newleaf reads on after a command has ended: the children of the command may keep the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// The search path for the program of a command, and its `PATH`, regardless of the caller's environment. Path and working
/// directory (`/`) are those of systemd (`systemd.exec(5)`, `ExecSearchPath=`).
const PROGRAMS: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Runs a consumer's command in a process group of its own until it ends. At `limit` kills the group.
pub(crate) async fn run(consumer: &str, command: &[String], limit: Duration) -> Result<(), HostError> {
    let (program, arguments) = command.split_first().ok_or_else(|| HostError::CommandFailed {
        consumer: consumer.to_owned(),
        command: String::new(),
        ending: "is empty".to_owned(),
        output: RemoteText::default(),
    })?;
    let failed = |ending: String, output: RemoteText| HostError::CommandFailed {
        consumer: consumer.to_owned(),
        command: program.clone(),
        ending,
        output,
    };
    let mut command = Command::new(program);
    command.args(arguments).env("PATH", PROGRAMS).current_dir("/").process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = with_core_limit_of_caller(|| command.spawn())
        .map_err(|error| failed(format!("could not start ({error})"), RemoteText::default()))?;
    let group = Group(pid(&child));
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
    // The processes that it left running, such as a server that it started, must stay.
    group.keep();
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(describe(status), tail.end().await)),
        Err(error) => Err(failed(format!("ended with an unknown status ({error})"), RemoteText::default())),
    }
}

fn describe(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with code {code}"),
        None => format!("was ended by a signal ({status})"),
    }
}

fn pid(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()?).ok()?)
}

/// A process group that is killed when dropped, so that a cancelled run leaves no half-done restart behind.
struct Group(Option<Pid>);

impl Group {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // The group may have ended by itself in between, which is fine.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The last part of a command's standard error.
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
            // The task ends when every writer has closed the pipe, or with this process.
            while let Ok(length @ 1..) = stderr.read(&mut chunk).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(chunk.iter().take(length));
                let surplus = kept.len().saturating_sub(TAIL);
                kept.drain(..surplus);
            }
        });
        Self { text, reader }
    }

    /// The text on one line. Empty if the command wrote nothing.
    async fn end(mut self) -> RemoteText {
        if tokio::time::timeout(LAST_WORDS, &mut self.reader).await.is_err() {
            self.reader.abort();
        }
        let bytes = self.text.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8_lossy(&bytes);
        // A cut beginning may cut a word in half, and half a key does not look like a key.
        let whole_words = match text.split_once(char::is_whitespace) {
            _ if bytes.len() < TAIL => &text,
            Some((_, rest)) => rest,
            None => "",
        };
        let lines: Vec<_> = whole_words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        RemoteText::within(&lines.join("; "), TAIL)
    }
}
