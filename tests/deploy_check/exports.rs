//! `export`: a folder that is the export's own, and everything in it that a person wrote stays.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::stage::{Folder, Said};

const STACK: &str = "backstage: {replicas: 2}\n";

fn folder() -> Folder {
    Folder::new(&[("stack.yaml", STACK)])
}

fn export(folder: &Folder, arguments: &[&str]) -> Said {
    folder.deploy(&[&["export", "kustomize", "out", "-f", "stack.yaml"], arguments].concat())
}

fn report(folder: &Folder, arguments: &[&str]) -> Value {
    let said = export(folder, &[arguments, &["-o", "json"]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    serde_json::from_str(&said.stdout).expect("JSON")
}

fn path(folder: &Folder, name: &str) -> PathBuf {
    folder.0.path().join(name)
}

/// Every file of the export, with its text.
fn contents(folder: &Folder) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![path(folder, "out")];
    while let Some(place) = left.pop() {
        if place.is_dir() {
            left.extend(fs::read_dir(&place).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if let Ok(text) = fs::read_to_string(&place) {
            found.insert(place, text);
        }
    }
    found
}

/// Refused with a code, and nothing in the folder is another than before.
fn refused(folder: &Folder, arguments: &[&str], code: &str, says: &str) {
    let before = contents(folder);
    let said = export(folder, arguments);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stderr.contains(code) && said.stderr.contains(says), "{said:?}");
    assert_eq!(contents(folder), before);
}

#[test]
fn a_second_export_writes_only_what_changed_and_removes_only_what_it_made() {
    let folder = folder();
    let first = report(&folder, &[]);
    assert!(first["written"].as_array().is_some_and(|written| written.len() > 5), "{first}");
    let again = report(&folder, &[]);
    assert_eq!((&again["written"], &again["removed"]), (&json!([]), &json!([])), "{again}");
    let changed = report(&folder, &["--set", "backstage.startupSeconds=480"]);
    assert_eq!(changed["written"], json!(["base/backstage.yaml"]), "{changed}");
    folder.write("out/base/notes.md", "a person's");
    let alone = report(&folder, &["--only", "rotation"]);
    let removed = alone["removed"].as_array().expect("a list");
    assert!(removed.contains(&json!("base/backstage.yaml")) && removed.contains(&json!("namespace.yaml")), "{alone}");
    assert_eq!(folder.read("out/base/notes.md"), "a person's");
}

#[test]
fn the_overlay_is_the_operators() {
    let folder = folder();
    report(&folder, &[]);
    let overlay = "out/overlays/backstage/kustomization.yaml";
    let text = folder.read(overlay) + "images: []\n";
    folder.write(overlay, &text);
    let said = report(&folder, &["--set", "backstage.replicas=3"]);
    assert_eq!(said["left"], json!(["overlays/backstage/kustomization.yaml"]), "{said}");
    assert_eq!(folder.read(overlay), text);
}

#[test]
fn a_file_that_a_person_changed_stops_the_export_before_it_writes_anything() {
    let folder = folder();
    report(&folder, &[]);
    let database = folder.read("out/base/database.yaml");
    folder.write("out/base/database.yaml", &format!("{database}# mine\n"));
    refused(&folder, &["--set", "backstage.replicas=3"], "NL1203", "base/database.yaml");
    // A part that is no longer exported, too.
    refused(&folder, &["--only", "rotation"], "NL1203", "base/database.yaml");
    folder.write("out/base/database.yaml", &database);
    report(&folder, &["--set", "backstage.replicas=3"]);
    // A file that is absent is written anew.
    fs::remove_file(path(&folder, "out/base/database.yaml")).expect("it is there");
    assert_eq!(report(&folder, &["--set", "backstage.replicas=3"])["written"], json!(["base/database.yaml"]));
}

/// The kernel ends the process at the first file that is larger than two KiB: in the middle of the export.
fn dies(folder: &Folder, arguments: &[&str]) {
    let line = "ulimit -c 0; ulimit -f 2; exec \"$0\" \"$@\"";
    let mut command = Command::new("bash");
    command.args(["-c", line]).arg(project::deployer()).args(["export", "kustomize", "out", "-f", "stack.yaml"]);
    let ended = command.args(arguments).current_dir(folder.0.path()).output().expect("bash starts");
    assert_eq!(ended.status.signal(), Some(25), "SIGXFSZ: {ended:?}");
}

#[test]
fn an_export_that_dies_is_ended_by_the_next_one() {
    let whole = folder();
    report(&whole, &[]);
    let texts = |folder: &Folder| contents(folder).into_values().collect::<Vec<_>>();
    let folder = folder();
    dies(&folder, &[]);
    assert!(path(&folder, "out/.newleaf-export.json").exists(), "the record is there before the files");
    report(&folder, &[]);
    assert_eq!(texts(&folder), texts(&whole), "and nothing else");
    // Also where files of the export before are there, and whichever stack the next one is of.
    for next in ["480", "600"] {
        dies(&folder, &["--set", "backstage.startupSeconds=480"]);
        report(&folder, &["--set", &format!("backstage.startupSeconds={next}")]);
        report(&folder, &[]);
        assert_eq!(texts(&folder), texts(&whole));
    }
}

#[test]
fn a_chart_for_a_registry_is_kept_like_any_other_export() {
    let folder = folder();
    let export = |arguments: &[&str]| {
        let line = [&["export", "helm", "out", "-f", "stack.yaml", "--oci", "-o", "json"], arguments].concat();
        let said = folder.deploy(&line);
        assert_eq!(said.code, Some(0), "{said:?}");
        serde_json::from_str::<Value>(&said.stdout).expect("JSON")
    };
    let first = export(&[]);
    assert!(first["written"].as_array().is_some_and(|written| written.contains(&json!("index.json"))), "{first}");
    assert_eq!(export(&[])["written"], json!([]));
    let changed = export(&["--set", "backstage.title=Portal"]);
    assert_eq!(changed["removed"].as_array().map(Vec::len), Some(2), "the former archive and its manifest: {changed}");
}

#[test]
fn a_link_is_not_followed() {
    let folder = folder();
    report(&folder, &[]);
    folder.write("elsewhere", "a person's");
    let place = path(&folder, "out/base/database.yaml");
    fs::remove_file(&place).expect("it is there");
    symlink(path(&folder, "elsewhere"), &place).expect("a link");
    refused(&folder, &[], "NL1203", "base/database.yaml");
    assert_eq!(folder.read("elsewhere"), "a person's");
}

#[test]
fn a_folder_of_others_is_left_alone() {
    let folder = folder();
    folder.write("out/README.md", "a person's");
    refused(&folder, &[], "NL1201", "README.md");
    let folder = self::folder();
    report(&folder, &[]);
    refused(&folder, &["--set", "name=portal"], "NL1202", "portal");
    for (record, says) in [
        ("{", "record"),
        (
            "{\"format\":\"kustomize\",\"stack\":\"backstage\",\"version\":\"0\",\"files\":{\"../stack.yaml\":\"\"}}",
            "outside",
        ),
        (
            "{\"format\":\"kustomize\",\"stack\":\"backstage\",\"version\":\"0\",\"files\":{\"/etc/passwd\":\"\"}}",
            "outside",
        ),
    ] {
        folder.write("out/.newleaf-export.json", record);
        refused(&folder, &[], "NL1204", says);
    }
    assert_eq!(folder.read("stack.yaml"), STACK);
}

#[test]
fn a_repository_of_git_that_is_empty_is_a_folder_of_its_own() {
    let folder = folder();
    folder.write("out/.git/HEAD", "ref: refs/heads/main\n");
    report(&folder, &[]);
}

#[test]
fn a_raw_layer_of_the_cluster_and_a_tool_that_does_not_exist_are_refused() {
    let folder = Folder::new(&[("stack.yaml", "raw: [{configMap: over}]\n")]);
    refused(&folder, &[], "NL1205", "ConfigMap over");
    let said = folder.deploy(&["export", "terraform", "out"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.stderr.contains("the tools are "), "{said:?}");
}

#[test]
fn an_option_of_another_tool_is_refused() {
    let folder = folder();
    for (tool, option) in [
        ("kustomize", ["--path", "a"]),
        ("flux", ["--oci", "-q"]),
        ("helm", ["--chart", "a"]),
        ("argocd", ["--source", "GitRepository/a"]),
        ("flux", ["--repository", "https://git.example.org/a.git"]),
        ("kustomize", ["--revision", "v7"]),
        ("flux", ["--spokes", "clusterType=spoke"]),
        ("kustomize", ["--project", "platform"]),
    ] {
        let mut line = vec!["export", tool, "out", "-f", "stack.yaml", option[0], option[1]];
        if tool == "argocd" {
            line.extend(["--repository", "https://git.example.org/a.git"]);
        }
        let said = folder.deploy(&line);
        assert_eq!(said.code, Some(2), "{tool} {option:?}: {said:?}");
        assert!(said.stderr.contains(option[0]) && said.stderr.contains(tool), "{said:?}");
        assert!(!path(&folder, "out").exists(), "nothing was written");
    }
}

#[test]
fn an_export_for_argo_cd_asks_for_its_repository_a_label_that_is_one_and_a_project_that_can_be_one() {
    let folder = folder();
    let said = folder.deploy(&["export", "argocd", "out", "-f", "stack.yaml"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.stderr.contains("--repository <URL>"), "{said:?}");
    let repository = ["--repository", "https://git.example.org/platform.git"];
    let argocd = |arguments: &[&str]| {
        folder.deploy(&[&["export", "argocd", "out", "-f", "stack.yaml"], &repository[..], arguments].concat())
    };
    let said = argocd(&["--spokes", "spoke"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.stderr.contains("clusterType=spoke"), "{said:?}");
    let said = argocd(&["--project", "Our platform"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.stderr.contains("--project <NAME>"), "{said:?}");
    assert!(!path(&folder, "out").exists(), "nothing was written");
    assert_eq!(argocd(&["--revision", "v7", "--path", "portal"]).code, Some(0));
    let application = folder.read("out/applications/backstage.yaml");
    assert!(
        application.contains("targetRevision: v7\n") && application.contains("path: portal/objects\n"),
        "{application}"
    );
    assert!(application.contains("project: newleaf-backstage\n"), "{application}");
    assert!(path(&folder, "out/applications/backstage-project.yaml").exists());
    assert_eq!(argocd(&["--project", "platform"]).code, Some(0));
    assert!(folder.read("out/applications/backstage.yaml").contains("project: platform\n"));
    assert!(!path(&folder, "out/applications/backstage-project.yaml").exists(), "the export removes its own");
}
