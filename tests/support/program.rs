//! The real program as a user runs it: a process with arguments, output and an exit code.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::process::Command;

/// The program and the directory that it keeps.
#[derive(Debug, Clone)]
pub(crate) struct Newleaf {
    program: PathBuf,
    directory: PathBuf,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What it was called with.
    pub(crate) arguments: Vec<String>,
    /// Exit code or signal.
    pub(crate) status: ExitStatus,
    /// What it wrote to standard output.
    pub(crate) output: String,
    /// What it wrote to standard error.
    pub(crate) errors: String,
    /// How long it ran.
    pub(crate) took: Duration,
}

impl Newleaf {
    /// A program and its directory.
    pub(crate) fn new(program: &Path, directory: &Path) -> Self {
        Self { program: program.to_path_buf(), directory: directory.to_path_buf() }
    }

    /// The directory that it keeps.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Everything after `newleaf` for these arguments.
    pub(crate) fn arguments(&self, arguments: &[&str]) -> Vec<String> {
        let directory = self.directory.display().to_string();
        arguments.iter().map(|&argument| argument.to_owned()).chain(["-d".to_owned(), directory]).collect()
    }

    /// A process to start: killed when dropped, in an environment of its own, deaf to the terminal's Ctrl-C.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.arguments(arguments)).env_clear().stdin(Stdio::null()).process_group(0);
        command.env("PATH", std::env::var_os("PATH").as_deref().unwrap_or(OsStr::new("/usr/bin:/bin")));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs it to its end, whatever that is.
    pub(crate) async fn run(&self, arguments: &[&str]) -> io::Result<Ended> {
        let begin = Instant::now();
        let output = self.command(arguments).output().await?;
        Ok(Ended {
            arguments: self.arguments(arguments),
            status: output.status,
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
            took: begin.elapsed(),
        })
    }

    /// Runs it with `-o json`; the document, where it ended with 0.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> io::Result<Value> {
        self.run(&[arguments, &["-o", "json"]].concat()).await?.document()
    }
}

impl Ended {
    /// The exit code; 128 and the signal's number where a signal ended it, as shells count.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap_or(0))
    }

    /// The document on standard output of a run that ended well.
    pub(crate) fn document(&self) -> io::Result<Value> {
        if !self.status.success() {
            let Self { arguments, errors, .. } = self;
            let code = self.code();
            return Err(io::Error::other(format!("newleaf {} ended with {code}:\n{errors}", arguments.join(" "))));
        }
        serde_json::from_str(&self.output).map_err(|error| io::Error::other(format!("{error} in {}", self.output)))
    }
}

/// What a run did, read from its document.
pub(crate) struct Done {
    document: Value,
}

impl Done {
    /// Of the document of `rotate` or `bootstrap`.
    pub(crate) const fn of(document: Value) -> Self {
        Self { document }
    }

    /// The steps as a line each, with their seconds.
    pub(crate) fn steps(&self) -> Vec<(String, f64)> {
        let steps = self.document["steps"].as_array().cloned().unwrap_or_default();
        steps.iter().map(|taken| (step(&taken["step"]), taken["seconds"].as_f64().unwrap_or(0.0))).collect()
    }
}

/// A step of a document or an event in a few words.
pub(crate) fn step(step: &Value) -> String {
    let text = |key: &str| step[key].as_str().unwrap_or("?").to_owned();
    match text("step").as_str() {
        "addAuthority" => format!("make authority {}", step["generation"]),
        "removeAuthority" => format!("remove authority {}", step["generation"]),
        "issue" => format!("issue the {}'s leaf, signed by authority {}", text("peer"), step["signer"]),
        "republish" => format!("publish the {}'s trust bundle", text("peer")),
        "pickUp" => format!("make {} load it", text("consumer")),
        "prove" => format!("prove that {} shows it", text("consumer")),
        other => other.to_owned(),
    }
}
