//! `newleaf metrics` at work.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use rotation::figures::FILE;
use tempfile::TempDir;

use crate::support::newleaf;

/// A server of the figures in a directory.
pub(crate) struct Served {
    directory: TempDir,
    pub(crate) child: Child,
    /// Where it listens: an address and a port.
    pub(crate) address: String,
}

impl Served {
    /// Starts it; no run has told it anything yet.
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let figures = directory.path().display().to_string();
        let mut command = newleaf(&["metrics", "--figures", &figures, "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut line = String::new();
        let stderr = child.stderr.take().expect("piped");
        BufReader::new(stderr).read_line(&mut line).expect("it says where it listens");
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split_once("/metrics"));
        let (address, _) = address.expect("an address");
        Self { directory, child, address: address.to_owned() }
    }

    /// As a run writes them.
    pub(crate) fn write(&self, text: &str) {
        fs::write(self.file(), text).expect("it can be written");
    }

    /// Where it reads the figures.
    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join(FILE)
    }

    /// The answer to a request, as it travels.
    pub(crate) fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        // A server that has read enough closes, and then the rest cannot be sent.
        let _sent = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ended = stream.read_to_end(&mut answer);
        String::from_utf8(answer).expect("text")
    }

    /// Status and body.
    pub(crate) fn get(&self, path: &str) -> (String, String) {
        let answer = self.ask(&format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        (head.to_owned(), body.to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}
