//! The binary under test, run without the caller's environment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The binary.
pub const NEWLEAF: &str = env!("CARGO_BIN_EXE_newleaf");

/// A run of the binary with an empty environment.
pub fn newleaf(arguments: &[&str]) -> Command {
    let mut command = Command::new(NEWLEAF);
    command.env_clear().args(arguments);
    command
}

/// What came of a run.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs to the end.
pub fn ran(mut command: Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// A temporary directory, and in it the one that newleaf uses.
#[derive(Debug)]
pub struct Place {
    pub outer: tempfile::TempDir,
    pub directory: String,
}

impl Place {
    /// Nothing is there yet.
    pub fn empty() -> Self {
        let outer = tempfile::tempdir().expect("a temporary directory");
        let directory = outer.path().join("newleaf").display().to_string();
        Self { outer, directory }
    }

    /// Authority and leaves are there.
    pub fn bootstrapped() -> Self {
        let place = Self::empty();
        let bootstrap = place.run(&["bootstrap"]);
        assert_eq!(bootstrap.code, Some(0), "{bootstrap:?}");
        place
    }

    /// Runs a command on the directory.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments))
    }

    /// A command on the directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = newleaf(arguments);
        command.args(["-d", &self.directory]);
        command
    }

    /// Writes the configuration file into the directory.
    pub fn configure(&self, body: &str) {
        fs::create_dir_all(&self.directory).expect("the directory can be made");
        let head = "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\n";
        fs::write(Path::new(&self.directory).join("newleaf.yaml"), format!("{head}{body}")).expect("it can be written");
    }

    /// Every file below the directory with its content; links with their target.
    pub fn content(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut content = BTreeMap::new();
        collect(Path::new(&self.directory), &mut content);
        content
    }

    /// A file of the directory.
    pub fn read(&self, name: &str) -> String {
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
        } else {
            let bytes = fs::read(&path).expect("a readable file");
            content.insert(path, bytes);
        }
    }
}
