//! Helm as a person calls it, without the files of the person who runs the tests.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ended::Ended;
use crate::guide::Guide;

pub(crate) struct Helm {
    program: PathBuf,
    /// What it and the commands of the guide find in their environment.
    variables: Vec<(&'static str, String)>,
}

impl Helm {
    /// With its files in a folder of this one.
    pub(crate) fn at_home(program: PathBuf, folder: &Path) -> Self {
        let home = folder.join("home").display().to_string();
        let homes = ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"];
        Self { program, variables: homes.map(|name| (name, home.clone())).to_vec() }
    }

    pub(crate) fn with_variable(mut self, name: &'static str, value: String) -> Self {
        self.variables.push((name, value));
        self
    }

    pub(crate) fn run(&self, folder: &Path, arguments: &[&str]) -> Ended {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(folder).envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ended::from(command.output().expect("Helm starts"))
    }

    /// Its guide, whose commands run in the folder.
    pub(crate) fn guide(&self, folder: &Path) -> Guide {
        let programs = folder.join("bin");
        let guide = Guide::open("helm.md", folder, &programs);
        symlink(&self.program, programs.join("helm")).expect("a link");
        self.variables.iter().fold(guide, |guide, (name, value)| guide.with_variable(name, value))
    }
}
