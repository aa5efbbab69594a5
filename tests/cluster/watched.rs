//! newleaf while it runs, as a person sees it: line by line.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long the next line, or the end, is waited for.
const LIMIT: Duration = Duration::from_secs(120);

/// A running newleaf and what it has said on standard error. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Watched {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) lines: Vec<String>,
}

impl Watched {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("newleaf starts");
        let errors = child.stderr.take().expect("a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(errors).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, lines, said: Vec::new() }
    }

    /// The line that holds this, of those that are still to come.
    pub(crate) fn until(&mut self, wanted: &str) -> String {
        self.hear(wanted).unwrap_or_else(|| fail(&format!("{wanted:?} was never said"), &self.said))
    }

    /// The same, or nothing where it has ended without.
    pub(crate) fn hear(&mut self, wanted: &str) -> Option<String> {
        std::iter::from_fn(|| self.next(LIMIT).ok()).find(|line| line.contains(wanted))
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(id), Signal::SIGINT).expect("it runs");
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Told {
        loop {
            match self.next(LIMIT) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => fail("it does not end", &self.said),
            }
        }
        let code = self.child.wait().expect("it has ended").code();
        Told { code, lines: std::mem::take(&mut self.said) }
    }

    fn next(&mut self, limit: Duration) -> Result<String, RecvTimeoutError> {
        let line = self.lines.recv_timeout(limit)?;
        self.said.push(line.clone());
        Ok(line)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _collected = self.child.wait();
    }
}

impl Told {
    /// What follows a text in the line that holds it.
    pub(crate) fn after(&self, text: &str) -> &str {
        let found = self.lines.iter().find_map(|line| line.split_once(text));
        found.map_or_else(|| fail(&format!("{text:?} was never said"), &self.lines), |(_, rest)| rest)
    }

    /// How many lines are this one.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.lines.iter().filter(|said| *said == line).count()
    }
}

#[expect(clippy::panic, reason = "a test fails")]
fn fail(why: &str, said: &[String]) -> ! {
    panic!("{why}; newleaf said:\n{}", said.join("\n"))
}
