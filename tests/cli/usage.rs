//! Help, and what is refused before anything is done.

use crate::support::{newleaf, ran};

const COMMANDS: [&str; 9] =
    ["bootstrap", "rotate", "plan", "status", "verify", "config", "explain", "completion", "schema"];

#[test]
fn every_command_has_short_and_long_help_that_fits() {
    for command in COMMANDS {
        let short = ran(newleaf(&[command, "-h"]));
        let long = ran(newleaf(&[command, "--help"]));
        for help in [&short, &long] {
            assert_eq!(help.code, Some(0), "{command}");
            assert!(help.stdout.contains("Usage: newleaf"), "{command}: {}", help.stdout);
            assert!(help.stderr.is_empty(), "{command}: {}", help.stderr);
            let widest = help.stdout.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(120), "{command}: {widest:?}");
        }
        assert!(long.stdout.contains("Examples:"), "{command}");
        assert!(short.stdout.len() < long.stdout.len(), "{command}");
        assert!(long.stdout.contains("--set <KEY=VALUE>"), "{command}");
        assert!(long.stdout.contains("NEWLEAF_DIRECTORY"), "{command}");
    }
}

#[test]
fn the_root_lists_every_command_and_the_exit_codes() {
    let help = ran(newleaf(&["--help"])).stdout;
    for command in COMMANDS {
        assert!(help.contains(&format!("  {command}")), "{command}");
    }
    assert!(help.lines().count() <= 50, "it fits on a screen: {}", help.lines().count());
    assert!(help.find("-n backstage") < help.find("-d /etc/newleaf"), "Kubernetes comes first: {help}");
    assert!(help.contains("78 configuration") && !help.contains("reference"), "{help}");
    assert_eq!(ran(newleaf(&["--version"])).stdout, concat!("newleaf ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn misuse_is_told_on_standard_error_with_exit_code_2() {
    let cases: [&[&str]; 11] = [
        &[],
        &["rotat"],
        &["rotate", "--nwo"],
        &["rotate", "--authority"],
        &["rotate", "--id", "x"],
        &["plan", "--id", "x"],
        &["rotate", "--now", "--id", "a b"],
        &["status", "-o", "xml"],
        &["status", "-q", "-v"],
        &["status", "--leaf-lifetime", "20d"],
        &["status", "--set", "leaf.lifetme=20d"],
    ];
    for arguments in cases {
        let misuse = ran(newleaf(arguments));
        assert_eq!(misuse.code, Some(2), "{arguments:?}");
        assert!(misuse.stdout.is_empty() && !misuse.stderr.is_empty(), "{arguments:?}: {misuse:?}");
    }
    assert!(ran(newleaf(&["rotat"])).stderr.contains("'rotate'"), "a near miss is suggested");
    let misspelt = ran(newleaf(&["status", "--set", "leaf.lifetme=20d"])).stderr;
    assert!(misspelt.contains("there is no key leaf.lifetme; the nearest is leaf.lifetime"), "{misspelt}");
}

#[test]
fn explain_knows_every_code_and_says_so_when_it_does_not() {
    let page = ran(newleaf(&["explain", "nl0407"]));
    assert_eq!(page.code, Some(0));
    assert!(page.stdout.starts_with("NL0407: PostgreSQL refused the new files\n"), "{}", page.stdout);
    let list = ran(newleaf(&["explain", "-o", "json"]));
    let list: serde_json::Value = serde_json::from_str(&list.stdout).expect("a JSON document");
    assert!(list["codes"].as_array().expect("a list").len() > 50);
    let unknown = ran(newleaf(&["explain", "NL9999"]));
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("error[NL0507]"), "{}", unknown.stderr);
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = ran(newleaf(&["completion", shell]));
        assert_eq!(script.code, Some(0), "{shell}");
        assert!(script.stdout.contains("bootstrap"), "{shell}");
    }
}
