//! A way to the API server that can be cut.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::kubectl::Namespace;

/// The connections that are open, or none while the line is cut.
type Line = Arc<Mutex<Option<Vec<TcpStream>>>>;

/// A port of this machine that leads to the API server.
#[derive(Debug)]
pub(crate) struct Proxy {
    line: Line,
    directory: TempDir,
}

impl Proxy {
    /// Open, on the way to the API server of the current context.
    pub(crate) fn start(namespace: &Namespace) -> Self {
        let view = ["config", "view", "--raw", "--flatten", "--minify"];
        let config = namespace.kubectl(&view);
        let server =
            namespace.kubectl(&["config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}"]);
        let address = server.strip_prefix("https://").expect("an address").to_owned();
        let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let directory = TempDir::new().expect("a directory");
        let here = format!("https://127.0.0.1:{port}\n    tls-server-name: {host}");
        std::fs::write(directory.path().join("kubeconfig"), config.replace(&server, &here)).expect("a file");
        let line: Line = Arc::new(Mutex::new(Some(Vec::new())));
        let accepting = Arc::clone(&line);
        std::thread::spawn(move || {
            listener.incoming().flatten().try_for_each(|near| join(&near, &address, &accepting))
        });
        Self { line, directory }
    }

    /// The kubeconfig that takes this way.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.directory.path().join(Path::new("kubeconfig"))
    }

    /// Ends every connection, and each new one at once.
    pub(crate) fn cut(&self) {
        for end in lock(&self.line).take().into_iter().flatten() {
            let _closed = end.shutdown(Shutdown::Both);
        }
    }

    /// Lets new connections through again.
    pub(crate) fn mend(&self) {
        lock(&self.line).get_or_insert_default();
    }
}

fn lock(line: &Line) -> MutexGuard<'_, Option<Vec<TcpStream>>> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Joins a connection to a new one to the API server, both ways.
fn join(near: &TcpStream, address: &str, line: &Line) -> io::Result<()> {
    let mut guard = lock(line);
    let Some(ends) = guard.as_mut() else { return Ok(()) };
    let far = TcpStream::connect(address)?;
    ends.extend([near.try_clone()?, far.try_clone()?]);
    for (from, to) in [(near.try_clone()?, far.try_clone()?), (far, near.try_clone()?)] {
        std::thread::spawn(move || copy(from, to));
    }
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16384];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if bytes.get(..count).is_none_or(|bytes| to.write_all(bytes).is_err()) {
            break;
        }
    }
    let _closed = to.shutdown(Shutdown::Both);
}
