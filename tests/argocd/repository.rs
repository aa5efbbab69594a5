//! A Git repository with an export in it, as a platform engineer keeps one: what Argo CD reads, and a clone of it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::ended::Ended;
use crate::guide::Guide;

/// The folder of the export in the repository.
const FOLDER: &str = "deploy";

/// The repository and its clone.
pub(crate) struct Repository {
    directory: TempDir,
    /// What an export is asked for besides its folder, its file and its place in Git.
    arguments: Vec<String>,
}

impl Repository {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let repository = Self { directory, arguments: arguments.iter().map(|&argument| argument.to_owned()).collect() };
        let bare = repository.beside("remote.git").display().to_string();
        fs::create_dir_all(repository.root()).expect("it can be made");
        repository.git(&["init", "--quiet", "--bare", "--initial-branch", "main", &bare]);
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository.git(&["remote", "add", "origin", &repository.url()]);
        for [key, value] in
            [["user.name", "engineer"], ["user.email", "engineer@example.org"], ["push.autoSetupRemote", "true"]]
        {
            repository.git(&["config", key, value]);
        }
        repository
    }

    /// The address that Argo CD reads.
    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.beside("remote.git").display())
    }

    /// The guide, whose commands run in the clone.
    pub(crate) fn guide(&self) -> Guide {
        Guide::open("argocd.md", &self.root(), &self.beside("bin")).with_variable("REPOSITORY", &self.url())
    }

    /// The clone.
    pub(crate) fn root(&self) -> PathBuf {
        self.beside("clone")
    }

    /// A folder beside them.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The folder of the Application in the clone.
    pub(crate) fn applications(&self) -> String {
        self.root().join(FOLDER).join("applications").display().to_string()
    }

    /// Writes the stack as the document that the next export reads.
    pub(crate) fn write(&self, stack: &str) {
        fs::write(self.root().join("stack.yaml"), stack).expect("it can be written");
    }

    /// Writes the stack, exports it, and pushes what changed: the paths, below the folder of the export.
    pub(crate) fn push(&self, stack: &str) -> Vec<String> {
        self.write(stack);
        let mut command = Command::new(project::deployer());
        command.args(["export", "argocd", FOLDER, "--filename", "stack.yaml"]).current_dir(self.root());
        command.args(["--repository", &self.url(), "--revision", "main", "--path", FOLDER]).args(&self.arguments);
        let exported = Ended::from(command.output().expect("it starts"));
        assert_eq!(exported.code, Some(0), "{exported:?}");
        self.git(&["add", "--all"]);
        let changed = self.git(&["diff", "--cached", "--name-only", "--", FOLDER]);
        self.commit();
        let below = |path: &str| path.strip_prefix(FOLDER).unwrap_or(path).trim_start_matches('/').to_owned();
        changed.lines().map(below).collect()
    }

    /// Pushes a file of a person beside the objects of the export.
    pub(crate) fn push_foreign(&self, text: &str) {
        fs::write(self.root().join(FOLDER).join("objects/foreign.yaml"), text).expect("it can be written");
        self.git(&["add", "--all"]);
        self.commit();
    }

    /// Takes the last commit back, and pushes that.
    pub(crate) fn revert(&self) {
        self.git(&["revert", "--no-edit", "HEAD"]);
        self.git(&["push", "--quiet"]);
    }

    fn commit(&self) {
        self.git(&["commit", "--quiet", "--message", "the stack"]);
        self.git(&["push", "--quiet"]);
    }

    /// The present commit.
    pub(crate) fn revision(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        let ended = Ended::from(command.current_dir(self.root()).args(arguments).output().expect("git starts"));
        assert_eq!(ended.code, Some(0), "git {arguments:?}: {ended:?}");
        ended.stdout
    }
}
