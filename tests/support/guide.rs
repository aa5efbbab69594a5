//! The commands of a guide, run as a person runs them: in a shell, in a folder, with both programs at hand.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::ended::Ended;

/// A guide, and where its commands run.
pub(crate) struct Guide {
    page: String,
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// A text of YAML that a page shows, which begins with this comment.
pub(crate) fn block(page: &str, comment: &str) -> String {
    let page = read(page);
    let (_, after) = page.split_once(&format!("```yaml\n{comment}\n")).expect("it is there");
    after.split("```").next().expect("it ends").to_owned()
}

fn read(page: &str) -> String {
    fs::read_to_string(project::root().join("docs/guides").join(page)).expect("the guide is readable")
}

impl Guide {
    /// The programs become links in a new folder.
    pub(crate) fn open(page: &str, folder: &Path, programs: &Path) -> Self {
        let page = read(page);
        fs::create_dir_all(programs).expect("a folder");
        for (name, program) in [("newleaf", project::program()), ("newleaf-deploy", project::deployer())] {
            symlink(program, programs.join(name)).expect("a link");
        }
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").expect("a path"));
        Self { page, folder: folder.to_owned(), variables: vec![("PATH", path)] }
    }

    /// The page is about namespace `backstage`; here another one takes its place.
    pub(crate) fn in_namespace(self, name: &str) -> Self {
        ["namespace ", "newleaf-bootstrap."]
            .iter()
            .fold(self, |guide, before| guide.with(&format!("{before}backstage"), &format!("{before}{name}")))
    }

    /// The page names something that is another here.
    pub(crate) fn with(self, named: &str, here: &str) -> Self {
        let page = self.page.replace(named, here);
        Self { page, ..self }
    }

    /// A variable that the page uses.
    pub(crate) fn with_variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Runs each command of a section; each must succeed. What the last one said.
    pub(crate) fn run(&self, section: &str) -> Ended {
        let (line, ended) = self.attempt(section);
        assert_eq!(ended.code, Some(0), "{section}: {line}: {ended:?}");
        ended
    }

    /// Runs the commands of a section until one fails. The last one that ran, and how it ended.
    pub(crate) fn attempt(&self, section: &str) -> (String, Ended) {
        let heading = format!("\n## {section}\n");
        let (_, after) = self.page.split_once(&heading).expect("the section is there");
        let text = after.split("\n## ").next().unwrap_or_default();
        let mut last = None;
        for line in text.lines().filter_map(|line| line.strip_prefix("    ")) {
            let mut command = Command::new("bash");
            command.args(["-euo", "pipefail", "-c", line]).current_dir(&self.folder).stdin(Stdio::null());
            command.envs(self.variables.iter().map(|(name, value)| (name, value)));
            let ended = Ended::from(command.output().expect("a shell"));
            let has_failed = ended.code != Some(0);
            last = Some((line.to_owned(), ended));
            if has_failed {
                break;
            }
        }
        last.expect("the section has commands")
    }
}
