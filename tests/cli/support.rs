//! The binary under test, run without the caller's environment.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::skip::skip;

/// A user without rights, `nobody`, and its group.
pub(crate) const NOBODY: u32 = 65534;

/// The binary, as a script names it.
pub(crate) fn binary() -> String {
    project::program().display().to_string()
}

/// A run of the binary with an empty environment.
pub(crate) fn newleaf(arguments: &[&str]) -> Command {
    let mut command = Command::new(project::program());
    command.env_clear().args(arguments);
    command
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs to the end.
pub(crate) fn ran(mut command: Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// Whether this process may act as other users; says what is not shown where it may not.
pub(crate) fn is_root(what: &str) -> bool {
    let is_root = nix::unistd::geteuid().is_root();
    if !is_root {
        skip(what, "only root may act as another user");
    }
    is_root
}

/// Runs a script as `nobody`, whatever comes of it; what it wrote.
pub(crate) fn as_nobody(script: &str) -> String {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).env_clear().env("PATH", "/usr/bin:/bin").uid(NOBODY).gid(NOBODY);
    let output = shell.output().expect("there is a shell");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The one JSON document on standard output.
pub(crate) fn json(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.stdout).expect("standard output is one JSON document")
}

/// A temporary directory, and in it the one that newleaf uses.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) outer: tempfile::TempDir,
    pub(crate) directory: String,
}

impl Place {
    /// Nothing is there yet.
    pub(crate) fn empty() -> Self {
        let outer = tempfile::tempdir().expect("a temporary directory");
        let directory = outer.path().join("newleaf").display().to_string();
        Self { outer, directory }
    }

    /// Nothing is there yet, and every user may look for it.
    pub(crate) fn open_to_all() -> Self {
        let place = Self::empty();
        fs::set_permissions(place.outer.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        place
    }

    /// Authority and leaves are there.
    pub(crate) fn bootstrapped() -> Self {
        let place = Self::empty();
        let bootstrap = place.run(&["bootstrap"]);
        assert_eq!(bootstrap.code, Some(0), "{bootstrap:?}");
        place
    }

    /// Runs a command on the directory.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments))
    }

    /// A command on the directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = newleaf(arguments);
        command.args(["-d", &self.directory]);
        command
    }

    /// Writes the configuration file into the directory.
    pub(crate) fn configure(&self, body: &str) {
        fs::create_dir_all(&self.directory).expect("the directory can be made");
        let head = "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\n";
        fs::write(Path::new(&self.directory).join("newleaf.yaml"), format!("{head}{body}")).expect("it can be written");
    }

    /// Every file below the directory with its content; links with their target.
    pub(crate) fn content(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut content = BTreeMap::new();
        collect(Path::new(&self.directory), &mut content);
        content
    }

    /// A file of the directory.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(Path::new(&self.directory).join(name)).expect(name)
    }
}

fn collect(directory: &Path, content: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_symlink() {
            let target = fs::read_link(&path).expect("a readable link");
            content.insert(path, target.into_os_string().into_encoded_bytes());
        } else if path.is_dir() {
            collect(&path, content);
        } else if path.file_name().is_some_and(|name| name != ".lock") {
            // The lock holds the number of the process that had it last.
            let bytes = fs::read(&path).expect("a readable file");
            content.insert(path, bytes);
        }
    }
}
