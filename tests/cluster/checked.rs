//! What `check --probe` says of an installed stack, and of one in which a thing is broken.

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use base64ct::{Base64, Encoding};
use serde_json::Value;

use crate::deployed::{CANARY, Deployed};
use crate::keys::Keys;
use crate::secrecy::seen;

/// Lets every pod of the namespace connect to PostgreSQL.
const OPENING: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open}
spec: {podSelector: {matchLabels: {app.kubernetes.io/name: postgres}}, ingress: [{from: [{podSelector: {}}]}]}
";

/// A raw layer that lets every client in.
const TRUSTING: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: postgres}
data: {pg_hba.conf: \"local all all peer\\nhost all all all trust\\n\"}
";

/// The codes of the checks that fail, and the whole document.
fn failed(stack: &Deployed, more: &[&str]) -> (BTreeSet<String>, Value) {
    let start = Instant::now();
    let ended = stack.deploy(&[&["check", "--probe", "--output", "json", "--quiet"], more].concat());
    println!("check --probe: {:.1} s", start.elapsed().as_secs_f64());
    assert!(ended.stdout.starts_with('{'), "{ended:?}");
    let document: Value = serde_json::from_str(&ended.stdout).expect("a document");
    let lines = document["checks"].as_array().expect("a list").iter();
    let findings = lines.flat_map(|line| line["findings"].as_array().expect("a list").iter());
    let failures = findings.filter(|finding| finding["severity"] == "failure");
    let codes: BTreeSet<String> = failures.map(|it| it["code"].as_str().expect("a code").to_owned()).collect();
    assert_eq!(ended.code, Some(if codes.is_empty() { 0 } else { 5 }), "{ended:?}");
    (codes, document)
}

/// Nothing is left of what `check` has started.
fn no_probe_is_left(stack: &Deployed) {
    let left = stack.namespace.kubectl(&["get", "jobs", "--selector", "newleaf.dev/probe", "--output", "name"]);
    assert_eq!(left, "");
}

fn codes<const N: usize>(all: [&str; N]) -> BTreeSet<String> {
    all.into_iter().map(str::to_owned).collect()
}

/// Everything is tried, and nothing is wrong.
pub(crate) fn is_good(stack: &Deployed) {
    let (failures, document) = failed(stack, &[]);
    assert_eq!(failures, codes([]), "{document:#}");
    no_probe_is_left(stack);
    let skipped: Vec<&Value> =
        document["checks"].as_array().expect("a list").iter().filter(|line| !line["skipped"].is_null()).collect();
    let names_a_probe =
        |line: &&&Value| ["database", "network", "probes"].contains(&line["category"].as_str().expect("text"));
    let untried: Vec<_> = skipped.iter().filter(names_a_probe).filter(|line| !is_idle(line)).collect();
    assert!(untried.is_empty(), "{untried:#?}");
}

/// The way in is complete; each part of it that a document expects elsewhere is named.
pub(crate) fn what_keeps_requests_out_is_named(stack: &Deployed) {
    let warned = |more: &[&str]| -> Vec<String> {
        let ended = stack.deploy(&[&["check", "--output", "json", "--quiet"], more].concat());
        let document: Value = serde_json::from_str(&ended.stdout).expect("a document");
        let mut lines = document["checks"].as_array().expect("a list").iter();
        let line = lines.find(|line| line["category"] == "ingress").expect("the stack has an Ingress");
        let findings = line["findings"].as_array().expect("a list").iter();
        findings.map(|finding| finding["why"].as_str().expect("text").to_owned()).collect()
    };
    assert_eq!(warned(&[]), Vec::<String>::new());
    let elsewhere = [
        ["--set", "ingress.className=nowhere"],
        ["--set", "ingress.tls.secret=absent"],
        ["--set", "networkPolicies.ingressFrom.namespace=nowhere"],
    ];
    let told = warned(&elsewhere.concat());
    let expected = ["no ingress class `nowhere`", "the Secret absent is not there", "pods of namespace nowhere"];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    assert!(expected.iter().zip(&told).all(|(expected, told)| told.contains(expected)), "{told:?}");
}

/// Backstage closes sessions that it does not need.
fn is_idle(line: &Value) -> bool {
    line["skipped"].as_str().is_some_and(|why| why.contains("no session of Backstage"))
}

/// No byte of a key, and no planted value, is in what people see: objects, arguments, environments, differences, logs.
pub(crate) fn secrets_are_only_in_secrets(stack: &Deployed) {
    let mut keys = Keys::default();
    keys.learn(&stack.namespace);
    assert!(keys.len() >= 3, "an authority and two leaves, not {}", keys.len());
    let mut texts = seen(&stack.namespace);
    for line in
        ["diff --set backstage.replicas=1", "status -vvv", "render", "explain Deployment/backstage/spec", "check -vvv"]
    {
        let ended = stack.deploy(&line.split_whitespace().collect::<Vec<_>>());
        texts.push((line.to_owned(), ended.stdout + &ended.stderr));
    }
    let (search, encoded) = (keys.search(), Base64::encode_string(CANARY.as_bytes()));
    let canaries = [CANARY, encoded.trim_end_matches('=')];
    let found_in = |text: &str| (search.found_in(text).len(), canaries.iter().filter(|it| text.contains(**it)).count());
    for (place, text) in &texts {
        assert!(!text.is_empty(), "nothing was seen in {place}");
        assert_eq!(found_in(text), (0, 0), "{place}");
    }
    let secrets = stack.namespace.kubectl(&["get", "secrets", "--output", "json"]);
    let (in_keys, planted) = found_in(&secrets);
    assert!(in_keys >= 3 && planted == 1, "what is there is found: {in_keys}, {planted}");
    println!("{} keys and a canary, none of them in {} texts", keys.len(), texts.len());
}

/// One thing after the other is broken, and named. PostgreSQL lets every client in afterwards.
pub(crate) fn each_break_is_named(stack: &Deployed) {
    stack.namespace.kubectl(&["delete", "networkpolicy", "newleaf"]);
    stack.namespace.apply(OPENING);
    let absent = ["--set", "rotation.image=localhost/nothing:1"];
    // Both at once: the one waits for the network, the other one for an image.
    let ((failures, document), (without_image, told)) = std::thread::scope(|scope| {
        let other = scope.spawn(|| failed(stack, &absent));
        (failed(stack, &[]), other.join().expect("it ends"))
    });
    assert_eq!(failures, codes(["NL1110", "NL1125", "NL1126"]), "{document:#}");
    let text = document.to_string();
    for told in ["the rotation does not reach PostgreSQL", "a pod without labels of the stack reaches PostgreSQL"] {
        assert!(text.contains(told), "{told}: {document:#}");
    }
    stack.namespace.kubectl(&["delete", "networkpolicy", "open"]);

    assert!(without_image.contains("NL1128") && !without_image.contains("NL1125"), "{told:#}");
    let text = told.to_string();
    for word in ["the probe from Backstage tells nothing", "pod newleaf-probe-", "ImagePullBackOff"] {
        assert!(text.contains(word), "{word}: {told:#}");
    }
    no_probe_is_left(stack);

    let folder = stack.folder().join("raw");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("postgres.yaml"), TRUSTING).expect("it can be written");
    let document = stack.folder().join("stack.yaml");
    let before = fs::read_to_string(&document).expect("it is there");
    fs::write(&document, format!("{before}raw: [{{path: raw}}]\n")).expect("it can be written");
    let installed = stack.deploy(&["install"]);
    assert_eq!(installed.code, Some(0), "{installed:?}");
    stack.namespace.kubectl(&["delete", "pod", "postgres-0"]);
    stack.namespace.rolled_out("statefulset/postgres");
    stack.namespace.rolled_out("deployment/backstage");
    let (failures, seen) = failed(stack, &[]);
    assert_eq!(failures, codes(["NL1122"]), "{seen:#}");
    assert!(seen.to_string().contains("a login as postgres without TLS was accepted"), "{seen:#}");
    fs::write(&document, before).expect("it can be written");
}
