//! The program under the names by which kubectl finds its plugins.

use std::os::unix::fs::symlink;
use std::process::Command;

use tempfile::TempDir;

use crate::ended::Ended;
use crate::installed::{Installed, first_in_path};

#[test]
fn kubectl_runs_it_as_a_plugin_and_completes_its_words() {
    let Some(installed) = Installed::alone("plugin", " []", "") else { return };
    let programs = TempDir::new().expect("a directory");
    for name in ["kubectl-newleaf", "kubectl_complete-newleaf"] {
        symlink(project::program(), programs.path().join(name)).expect("a link");
    }
    let path = first_in_path(&programs.path().join("kubectl-newleaf"));
    let kubectl = |arguments: &[&str]| {
        Ended::from(Command::new("kubectl").args(arguments).env("PATH", &path).output().expect("kubectl runs"))
    };
    let namespace = installed.namespace.name();

    let status = kubectl(&["newleaf", "status", "--exit-code", "--namespace", namespace]);
    assert_eq!(status.code, Some(0), "{status:?}");
    assert!(status.stdout.contains("nothing is wrong"), "{status:?}");
    let misused = kubectl(&["newleaf", "rotate", "--sideways"]);
    assert_eq!(misused.code, Some(2), "{misused:?}");
    assert!(misused.stderr.contains("Usage: kubectl newleaf rotate"), "{misused:?}");
    let asked = kubectl(&["newleaf", "plan", "--help"]);
    assert!(asked.stdout.contains("Usage: kubectl newleaf plan"), "{asked:?}");

    let completed = kubectl(&["__complete", "newleaf", "ro"]);
    assert_eq!(completed.stdout.lines().next().map(|line| line.starts_with("rotate")), Some(true), "{completed:?}");
    let completed = kubectl(&["__complete", "newleaf", "rotate", "--loc"]);
    assert!(completed.stdout.starts_with("--local"), "{completed:?}");
    let plugins = kubectl(&["plugin", "list"]);
    assert!(plugins.stdout.contains("kubectl-newleaf"), "{plugins:?}");
}
