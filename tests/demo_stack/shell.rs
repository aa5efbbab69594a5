//! Commands as a person types them: shown, run, and what they say shown as it comes.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::Problem;
use crate::paper::Paper;

/// Runs a program that is at `path` and shown as `name`; what it wrote to standard output. An exit code other than 0 is a problem.
pub(crate) fn run(paper: &mut Paper, name: &str, path: &Path, arguments: &[&str]) -> Result<String, Problem> {
    let shown = format!("{name} {}", arguments.join(" "));
    paper.command(&shown);
    paper.waiting(name);
    let mut command = Command::new(path);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdout = child.stdout.take().ok_or("no pipe")?;
    let result = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().ok_or("no pipe")?).lines() {
        let line = line?;
        paper.note(&line);
        paper.waiting(name);
        said.push_str(&line);
        said.push('\n');
    }
    let stdout = result.join().map_err(|_| "a reader stopped")??;
    match child.wait()?.code() {
        Some(0) => Ok(stdout),
        code => Err(format!("{shown} ended with {code:?}:\n{stdout}{said}").into()),
    }
}

/// Runs kubectl, without showing it; what it wrote.
pub(crate) fn kubectl(arguments: &[&str]) -> Result<String, Problem> {
    let output = Command::new("kubectl").args(arguments).stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("kubectl {}: {complaint}", arguments.join(" ")).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
