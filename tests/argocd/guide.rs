//! The commands of the guide, run as a person runs them: in a shell, in a clone of the repository.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::ended::Ended;
use crate::repository::Repository;

/// The guide, and the clone where its commands run.
pub(crate) struct Guide<'a> {
    repository: &'a Repository,
    page: String,
    programs: PathBuf,
}

impl<'a> Guide<'a> {
    pub(crate) fn open(repository: &'a Repository) -> Self {
        let page = fs::read_to_string(project::root().join("docs/guides/argocd.md")).expect("the guide is readable");
        let programs = repository.beside("bin");
        fs::create_dir_all(&programs).expect("a folder");
        for (name, program) in [("newleaf", project::program()), ("newleaf-deploy", project::deployer())] {
            symlink(program, programs.join(name)).expect("a link");
        }
        Self { repository, page, programs }
    }

    /// Runs each command of a section; each must succeed.
    pub(crate) fn run(&self, section: &str) {
        let heading = format!("\n## {section}\n");
        let (_, after) = self.page.split_once(&heading).expect("the section is there");
        let text = after.split("\n## ").next().unwrap_or_default();
        let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("    ")).collect();
        assert!(!lines.is_empty(), "{section} has commands");
        let path = format!("{}:{}", self.programs.display(), std::env::var("PATH").expect("a path"));
        for line in lines {
            let mut command = Command::new("bash");
            command.args(["-euo", "pipefail", "-c", line]).current_dir(self.repository.root());
            command.env("PATH", &path).env("REPOSITORY", self.repository.url()).stdin(Stdio::null());
            let ended = Ended::from(command.output().expect("a shell"));
            assert_eq!(ended.code, Some(0), "{section}: {line}: {ended:?}");
        }
    }
}
