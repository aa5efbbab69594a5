//! Programs that do the work of Kubernetes and Backstage for many inputs at once: a line in, a line out.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

use crate::skip::skip;
use crate::tools::tool;

/// The folder of a tool; said so where it is absent.
pub(crate) fn folder(name: &str, what: &str) -> Option<PathBuf> {
    tool(name).inspect_err(|why| skip(what, why)).ok()
}

/// Hands over one line for each input, and reads one for each.
pub(crate) fn answers(command: &mut Command, inputs: &[Value]) -> Vec<Value> {
    let text: String = inputs.iter().flat_map(|input| [input.to_string(), "\n".to_owned()]).collect();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the helper starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // Beside reading: a pipe holds little.
    let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("the helper ends");
    writer.join().expect("the writer ends").expect("the helper reads");
    assert!(output.status.success(), "{command:?}: {}", output.status);
    let answers: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| line.parse().expect("JSON")).collect();
    assert_eq!(answers.len(), inputs.len(), "{command:?} answers each input");
    answers
}
