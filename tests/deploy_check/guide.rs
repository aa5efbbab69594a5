//! The guide of the stack: every command of it is run, in its order.

use std::fs;

use crate::stage::Shell;

const GUIDE: &str = "docs/guides/stack.md";

/// The commands of the guide, without their comments.
fn commands() -> Vec<Vec<String>> {
    let page = fs::read_to_string(project::root().join(GUIDE)).expect("the guide is readable");
    let lines = page.lines().filter_map(|line| line.strip_prefix("    newleaf-deploy "));
    let words = |line: &str| line.split('#').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    lines.map(words).collect()
}

/// How a command ends where no controller acts: nothing becomes ready, so the check of the installed stack fails, and a removal
/// needs consent.
fn expected(words: &[String]) -> i32 {
    match words[0].as_str() {
        "check" if !words.contains(&"--pre".to_owned()) => 5,
        "uninstall" if !words.contains(&"--yes".to_owned()) => 4,
        _ => 0,
    }
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let Some(shell) = Shell::new() else { return };
    shell.folder.write("values.yaml", "backstage: {replicas: 2}\n");
    let commands = commands();
    assert!(commands.len() > 15, "only {} commands were found", commands.len());
    for words in &commands {
        let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        if words[0] == "install" {
            arguments.push("--wait=false");
        }
        let said = shell.deploy(&arguments);
        assert_eq!(said.code, Some(expected(words)), "{words:?}: {said:?}");
    }
    assert_eq!(shell.here(&["get", "deployments,statefulsets,services", "-o", "name"], ""), "");
    assert!(shell.folder.read("imported/stack.yaml").contains("replicas: 2"));
}

#[test]
fn the_verbs_of_the_guide_are_all_verbs_of_the_program() {
    let verbs: std::collections::BTreeSet<String> = commands().into_iter().map(|words| words[0].clone()).collect();
    for verb in ["init", "render", "diff", "install", "check", "status", "explain", "import", "images", "uninstall"] {
        assert!(verbs.contains(verb), "{GUIDE} has no {verb}");
    }
}
