//! The guide of the stack, and what the README says of the deployer: every command of them is run, in its order.

use std::fs;

use crate::stage::Shell;

const GUIDE: &str = "docs/guides/stack.md";

/// The commands of a page, without their comments.
fn commands(page: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(project::root().join(page)).expect("the page is readable");
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

/// Runs the commands of a page, of which there are at least so many.
fn runs(shell: &Shell, page: &str, at_least: usize) {
    let commands = commands(page);
    assert!(commands.len() >= at_least, "only {} commands were found", commands.len());
    for words in &commands {
        let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        if words[0] == "install" {
            arguments.push("--wait=false");
        }
        let said = shell.deploy(&arguments);
        assert_eq!(said.code, Some(expected(words)), "{words:?}: {said:?}");
    }
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let Some(shell) = Shell::new() else { return };
    shell.folder.write("values.yaml", "backstage: {replicas: 2}\n");
    runs(&shell, GUIDE, 16);
    assert_eq!(shell.here(&["get", "deployments,statefulsets,services", "-o", "name"], ""), "");
    assert!(shell.folder.read("imported/stack.yaml").contains("replicas: 2"));
}

#[test]
fn every_command_of_the_deployer_in_the_readme_does_what_it_says() {
    let Some(shell) = Shell::new() else { return };
    shell.folder.write("stack.yaml", "kind: Stack\n");
    runs(&shell, "README.md", 8);
    for made in
        ["chart/Chart.yaml", "deploy/namespace.yaml", "portal/.newleaf-export.json", "apps/.newleaf-export.json"]
    {
        assert!(shell.folder.0.path().join(made).exists(), "{made}");
    }
}

#[test]
fn the_verbs_of_the_guide_are_all_verbs_of_the_program() {
    let verbs: std::collections::BTreeSet<String> = commands(GUIDE).into_iter().map(|words| words[0].clone()).collect();
    for verb in ["init", "render", "diff", "install", "check", "status", "explain", "import", "images", "uninstall"] {
        assert!(verbs.contains(verb), "{GUIDE} has no {verb}");
    }
}
