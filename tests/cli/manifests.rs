//! `newleaf manifests`, and the files in `manifests/` that are made by it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::pages::manifests;
use crate::skip::skip;
use crate::support::{Place, Ran, newleaf, ran};
use crate::tools::tool;

const CONFIGURATION: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
authority: {name: \"yes\"}
consumers:
- {name: postgres, loads: server, pickup: reload, workload: statefulset/postgres, nudge: true}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
database: {endpoints: [postgres.backstage.svc]}
";

/// What the linter asks for and the manifests do not do, each with the reason.
const EXPLAINED: &[(&str, &str)] = &[
    (
        "pod-networkpolicy",
        "the pod needs the API server and the database, whose addresses only the cluster's owner knows",
    ),
    ("deployment-replicas", "one pod serves the figures; Prometheus itself tells when it does not answer"),
    ("container-image-pull-policy", "a version names one image; nodes that have it need no registry to rotate"),
];

fn house() -> &'static Path {
    project::root()
}

/// Runs `manifests` with a configuration file.
fn run(arguments: &[&str]) -> Ran {
    let place = tempfile::tempdir().expect("a temporary directory");
    let path = place.path().join("newleaf.yaml");
    fs::write(&path, CONFIGURATION).expect("it can be written");
    let path = path.display().to_string();
    ran(newleaf(&[&["manifests", "--config", &path], arguments].concat()))
}

fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).expect("a YAML stream")
}

fn find<'a>(documents: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let at = |document: &Value, path: &str| document.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let wanted = |document: &&Value| {
        at(document, "/kind").as_deref() == Some(kind) && at(document, "/metadata/name").as_deref() == Some(name)
    };
    documents.iter().find(wanted).expect(kind)
}

#[test]
fn the_manifests_are_up_to_date() {
    let expected = manifests().expect("the manifests can be made");
    for (name, content) in &expected {
        let found = fs::read(house().join("manifests").join(name)).unwrap_or_default();
        assert!(found == *content, "manifests/{} differs from the code: run `make docs`", name.display());
    }
    let mut found = BTreeSet::new();
    for folder in ["rotation", "stack"] {
        let entries = fs::read_dir(house().join("manifests").join(folder)).expect("a readable directory");
        found.extend(entries.map(|entry| Path::new(folder).join(entry.expect("a readable entry").file_name())));
    }
    assert_eq!(found, expected.into_keys().collect(), "nothing else is there");
}

#[test]
fn the_kustomization_names_every_file() {
    let expected = manifests().expect("the manifests can be made");
    let text = |name: &Path| String::from_utf8(expected[name].clone()).expect("UTF-8");
    let mut listed = BTreeSet::new();
    for folder in ["rotation", "stack"] {
        let kustomization = &documents(&text(&Path::new(folder).join("kustomization.yaml")))[0];
        let names = kustomization["resources"].as_array().expect("a list").iter();
        listed.extend(names.map(|name| Path::new(folder).join(name.as_str().expect("a name"))));
    }
    let others = expected.keys().filter(|name| !name.ends_with("kustomization.yaml")).cloned();
    assert_eq!(listed, others.collect());
}

#[test]
fn a_stream_and_a_list_hold_the_same_objects() {
    let (yaml, json) = (run(&["--namespace", "portal"]), run(&["--namespace", "portal", "-o", "json"]));
    assert_eq!((yaml.code, json.code), (Some(0), Some(0)), "{yaml:?}");
    let list: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((list["apiVersion"].as_str(), list["kind"].as_str()), (Some("v1"), Some("List")));
    assert_eq!(Value::from(documents(&yaml.stdout)), list["items"]);
    assert_eq!(yaml.stdout, run(&["--namespace", "portal"]).stdout, "twice the same");
}

#[test]
fn a_hook_is_deleted_only_before_the_next_one_and_comes_after_what_it_needs() {
    let mut weights = Vec::new();
    for document in documents(&run(&[]).stdout) {
        let annotations = &document["metadata"]["annotations"];
        let kind = document["kind"].as_str().expect("a kind");
        // The policies too: they hold for the account before it does anything.
        let of_bootstrap = document["metadata"]["name"] == "newleaf-bootstrap"
            || kind == "ConfigMap"
            || kind.starts_with("ValidatingAdmissionPolicy");
        assert_eq!(of_bootstrap, annotations.is_object(), "{document}");
        if of_bootstrap {
            assert_eq!(annotations["helm.sh/hook-delete-policy"], "before-hook-creation");
            assert_eq!(annotations["argocd.argoproj.io/hook-delete-policy"], "BeforeHookCreation");
            let weight: i32 = annotations["helm.sh/hook-weight"].as_str().expect("text").parse().expect("a number");
            weights.push((weight, document["kind"].as_str().expect("a kind").to_owned()));
        }
    }
    weights.sort();
    assert_eq!(weights.last().map(|(_, kind)| kind.as_str()), Some("Job"));
}

#[test]
fn flags_reach_the_objects_and_the_configuration_that_the_pods_read() {
    let flags = ["--image", "example.org/newleaf@sha256:00", "--schedule", "5 4 * * *", "--set", "leaf.lifetime=20d"];
    let made =
        run(&[&flags[..], &["--set", "leaf.rotateAfter=10d", "--namespace", "portal", "--set", "deadlines.run=20m"]]
            .concat());
    let objects = documents(&made.stdout);
    let spec = &find(&objects, "CronJob", "newleaf")["spec"];
    assert_eq!(spec["schedule"], "5 4 * * *");
    let job = &spec["jobTemplate"]["spec"];
    assert_eq!(job["template"]["spec"]["containers"][0]["image"], "example.org/newleaf@sha256:00");
    assert_eq!(job["activeDeadlineSeconds"], 3 * 20 * 60 + 300);
    assert!(objects.iter().any(|object| object["kind"] == "ValidatingAdmissionPolicyBinding"), "a consumer is nudged");
    let configuration = find(&objects, "ConfigMap", "newleaf");
    assert_eq!(configuration["metadata"]["namespace"], "portal");
    let written = configuration["data"]["newleaf.yaml"].as_str().expect("a file").to_owned();
    let file = &documents(&written)[0];
    assert_eq!(file.get("namespace"), None, "it is that of the ConfigMap, wherever a tool moves it");
    assert_eq!((file["leaf"]["lifetime"].as_str(), file["authority"]["name"].as_str()), (Some("20d"), Some("yes")));
    assert!(written.contains("name: \"yes\"") || written.contains("name: 'yes'"), "quoted for YAML 1.1: {written}");
}

#[test]
fn what_cannot_be_made_is_refused() {
    let refused = ran(newleaf(&["manifests", "-d", "/etc/newleaf"]));
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.stderr.contains("leave out `directory`") && refused.stderr.contains("/etc/newleaf"), "{refused:?}");
    for wrong in [["--schedule", "daily"], ["--image", "new leaf"], ["--image", ""]] {
        assert_eq!(run(&wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn all_tries_of_a_job_are_one_forced_rotation() {
    let place = Place::bootstrapped();
    let serial = || {
        let mut command = place.command(&["rotate", "--now", "-o", "json"]);
        command.env("NEWLEAF_JOB_UID", "0b9f4a53-7d0c-4f0a-9a54-2f9a2c1f1a00");
        let ran = ran(command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        serde_json::from_str::<Value>(&ran.stdout).expect("JSON")
    };
    let (first, second) = (serial(), serial());
    assert_eq!(first["force"]["id"], "0b9f4a53-7d0c-4f0a-9a54-2f9a2c1f1a00");
    assert_ne!(first["steps"], Value::Array(Vec::new()));
    assert_eq!(second["steps"], Value::Array(Vec::new()), "the second try finds it done");
    let mut without = place.command(&["rotate"]);
    without.env("NEWLEAF_JOB_UID", "");
    assert_eq!(ran(without).code, Some(0), "an absent label is an empty variable");
}

/// What the linter finds at WARNING or worse.
fn findings(program: &Path, text: &str) -> String {
    let place = tempfile::tempdir().expect("a temporary directory");
    let path = place.path().join("manifests.yaml");
    fs::write(&path, text).expect("it can be written");
    let mut command = Command::new(program);
    command.args(["score", "--output-format", "ci", "--enable-optional-test", "container-security-context-privileged"]);
    for (test, _) in EXPLAINED {
        command.args(["--ignore-test", test]);
    }
    let output = command.arg(&path).output().expect("kube-score runs");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(printed.lines().any(|line| line.starts_with("[OK]")), "{printed}{:?}", output.status);
    printed.lines().filter(|line| !line.starts_with("[OK]") && !line.starts_with("[SKIPPED]")).collect()
}

#[test]
fn kube_score_finds_nothing_that_is_not_explained() {
    let program = match tool("kube-score") {
        Ok(folder) => folder.join("kube-score"),
        Err(why) => return skip("kube-score", why),
    };
    let text = run(&["--metrics"]).stdout;
    let faulty = text.replace("runAsNonRoot: true", "runAsNonRoot: false").replace(":0.1.0", ":latest");
    let found = findings(&program, &faulty);
    assert!(found.contains("latest"), "kube-score is at work: {found}");
    assert_eq!(findings(&program, &text), "");
}
