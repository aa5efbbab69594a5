//! What a configuration that is kept in a cluster cannot do: name a directory, a command or a file of the machine it is read
//! on, or use a person's rights in another namespace without being asked for.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::ended::Ended;
use crate::stub::Site;

const HEAD: &str = "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\n";
const ELSEWHERE: &str = "\
consumers:
- {name: postgres, loads: server, pickup: restart, workload: statefulset/postgres}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
- {name: reports, loads: client, pickup: restart, workload: deployment/reports, namespace: portal}
deadlines: {step: 2s, run: 4s}
";

/// A site whose ConfigMap says this.
fn kept(body: &str) -> Site {
    let site = Site::installed();
    let data = json!({"data": {"newleaf.yaml": format!("{HEAD}{body}")}});
    site.stub.world().put("configmaps/newleaf", "v1", "ConfigMap", data);
    site
}

fn run(mut command: Command) -> Ended {
    Ended::from(command.output().expect("newleaf runs"))
}

/// Every way to say something about a machine, and what is said against it.
fn of_a_machine(directory: &Path) -> Vec<(String, &'static str)> {
    let consumer = |more: &str| format!("consumers:\n- {{name: it, loads: server, {more}}}\n");
    let mark = directory.join("mark").display().to_string();
    vec![
        (format!("directory: {}\n", directory.display()), "directory"),
        (consumer(&format!("pickup: restart, command: [touch, {mark}]")), "command"),
        (consumer(&format!("pickup: reload, database: true, fallback: {{restart: [touch, {mark}]}}")), "fallback"),
        (consumer("pickup: reload, signal: true, pidFile: /run/postgres.pid"), "signal"),
        ("server: {files: {owner: root}}\n".to_owned(), "files"),
        ("client: {files: {keyMode: \"0640\"}}\n".to_owned(), "files"),
    ]
}

#[test]
fn what_comes_from_a_cluster_names_no_directory_no_command_and_no_file_of_the_machine() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (body, what) in of_a_machine(directory.path()) {
        let site = kept(&body);
        // As the pod of a Job, which has the ConfigMap mounted, too.
        site.configure(&format!("{HEAD}{body}"));
        for command in [&["bootstrap"][..], &["rotate", "--now", "--local"], &["status"]] {
            for ended in [run(site.outside(command)), run(site.command(command))] {
                assert_eq!(ended.code, Some(78), "{what}, {command:?}: {}", ended.stderr);
                assert!(ended.stderr.contains("NL0516"), "{what}: {}", ended.stderr);
            }
        }
        let made = std::fs::read_dir(directory.path()).expect("it can be read").count();
        assert_eq!(made, 0, "{what}: something was made on this machine");
    }
}

#[test]
fn a_file_on_the_machine_may_still_say_all_that() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let site = kept("");
    let file = site.stub.directory().join("host.yaml");
    let text = format!(
        "{HEAD}directory: {}\nserver: {{files: {{keyMode: \"0640\"}}}}\n",
        directory.path().join("made").display()
    );
    std::fs::write(&file, text).expect("it can be written");
    let mut command = site.outside(&["bootstrap"]);
    command.arg("--config").arg(&file);
    let ended = run(command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(directory.path().join("made/server/tls.crt").exists());
}

#[test]
fn a_config_map_that_names_another_namespace_is_refused() {
    let site = kept("namespace: kube-system\n");
    let before = site.stub.asked().len();
    for command in [&["bootstrap"][..], &["rotate", "--now", "--local"], &["plan"], &["rotate", "--now"]] {
        let ended = run(site.outside(command));
        assert_eq!(ended.code, Some(78), "{command:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("NL0516") && ended.stderr.contains("kube-system"), "{}", ended.stderr);
    }
    let asked: Vec<String> = site.stub.asked().split_off(before).into_iter().map(|asked| asked.object).collect();
    assert!(asked.iter().all(|object| object == "configmaps/newleaf"), "{asked:?}");
}

#[test]
fn with_local_nothing_outside_of_the_namespace_is_touched_before_the_operator_has_agreed() {
    let site = kept(ELSEWHERE);
    let before = site.stub.changes().len();
    let ended = run(site.outside(&["rotate", "--now", "--local"]));
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("NL0610"), "{}", ended.stderr);
    assert!(ended.stderr.contains("restart deployment/reports in namespace portal"), "{}", ended.stderr);
    assert_eq!(site.stub.changes().len(), before, "nothing was written");
    let ended = run(site.outside(&["rotate", "--now", "--local", "--yes"]));
    assert!(!ended.stderr.contains("NL0610"), "{}", ended.stderr);
    assert!(site.stub.changes().len() > before, "{}", ended.stderr);
}

#[test]
fn what_stays_in_the_namespace_needs_no_consent() {
    let ended = run(Site::installed().outside(&["rotate", "--now", "--local"]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

/// `script` gives the program a terminal.
fn at_a_terminal(site: &Site, answer: &str) -> String {
    let command = site.outside(&["rotate", "--now", "--local", "--color", "never"]);
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &words.join(" "), "/dev/null"]);
    script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = script.spawn().expect("script is part of util-linux");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(answer.as_bytes()).expect("it can be answered");
    let output = child.wait_with_output().expect("it ends");
    drop(input);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn at_a_terminal_the_person_is_asked_and_only_a_yes_is_one() {
    let site = kept(ELSEWHERE);
    let before = site.stub.changes().len();
    for answer in ["n\n", "\n", "perhaps\n"] {
        let said = at_a_terminal(&site, answer);
        assert!(
            said.contains("deployment/reports in namespace portal") && said.contains("[y/N]"),
            "{answer:?}: {said}"
        );
        assert!(said.contains("NL0610"), "{answer:?}: {said}");
        assert_eq!(site.stub.changes().len(), before, "{answer:?}: {said}");
    }
    let said = at_a_terminal(&site, "yes\n");
    assert!(said.contains("[y/N]") && !said.contains("NL0610"), "{said}");
    assert!(site.stub.changes().len() > before, "{said}");
}
