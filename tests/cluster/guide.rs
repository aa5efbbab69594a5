//! The commands of a guide, run as a person runs them: in a shell, in a folder with the document of the stack.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::deployed::Deployed;
use crate::ended::Ended;

/// A guide, and where its commands run.
pub(crate) struct Guide<'a> {
    stack: &'a Deployed,
    page: String,
}

impl<'a> Guide<'a> {
    /// The page is about namespace `backstage`; here the namespace of the test takes its place.
    pub(crate) fn open(stack: &'a Deployed, page: &str) -> Self {
        let page = fs::read_to_string(project::root().join("docs/guides").join(page)).expect("the guide is readable");
        let page = page.replace("--namespace backstage", &format!("--namespace {}", stack.namespace.name()));
        let programs = stack.folder().join("bin");
        fs::create_dir_all(&programs).expect("a folder");
        for (name, program) in [("newleaf", project::program()), ("newleaf-deploy", project::deployer())] {
            symlink(program, programs.join(name)).expect("a link");
        }
        Self { stack, page }
    }

    /// Runs each command of a section; each must succeed. What the last one said.
    pub(crate) fn run(&self, section: &str) -> Ended {
        let heading = format!("\n## {section}\n");
        let (_, after) = self.page.split_once(&heading).expect("the section is there");
        let text = after.split("\n## ").next().unwrap_or_default();
        let mut last = None;
        for line in text.lines().filter_map(|line| line.strip_prefix("    ")) {
            let path =
                format!("{}:{}", self.stack.folder().join("bin").display(), std::env::var("PATH").expect("a path"));
            let output = Command::new("bash")
                .args(["-euo", "pipefail", "-c", line])
                .current_dir(self.stack.folder())
                .env("PATH", path)
                .stdin(Stdio::null())
                .output();
            let ended = Ended::from(output.expect("a shell"));
            assert_eq!(ended.code, Some(0), "{section}: {line}: {ended:?}");
            last = Some(ended);
        }
        last.expect("the section has commands")
    }
}
