//! Every manifest that we ship or print, as the API server sees it: known fields only, and nothing to warn of where Pod
//! Security "restricted" is enforced.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::people::Person;

/// What `kubectl apply --validate=strict` says of manifests, without applying them.
fn complaints(person: &Person, source: &[&str], text: &str) -> String {
    let mut arguments = vec!["apply", "--dry-run=server", "--validate=strict", "--namespace="];
    arguments.extend(source);
    let said = person.kubectl(&arguments, text);
    // Warnings do not make it fail.
    if said.code == Some(0) && said.stderr.is_empty() {
        String::new()
    } else {
        format!("{}\n{}", said.stderr, said.stdout)
    }
}

fn house(path: &str) -> String {
    project::root().join(path).display().to_string()
}

#[test]
fn the_shipped_manifests_pass_strict_validation() {
    let Some(person) = Person::new() else { return };
    person.make_namespace("backstage");
    for shipped in ["manifests/rotation", "manifests/stack"] {
        assert_eq!(complaints(&person, &["--kustomize", &house(shipped)], ""), "", "{shipped}");
    }
    let cron_job = fs::read_to_string(house("manifests/rotation/rotation.yaml")).expect("it is there");
    for (right, wrong, complaint) in [
        ("concurrencyPolicy:", "concurrencyPolicies:", "unknown field"),
        ("runAsNonRoot: true", "runAsNonRoot: false", "would violate PodSecurity"),
    ] {
        let faulty = cron_job.replace(right, wrong);
        let found = complaints(&person, &["--filename", "-"], &faulty);
        assert!(found.contains(complaint), "the check is at work: {found}");
    }
}

#[test]
fn what_the_configurations_of_the_pages_lead_to_passes_strict_validation() {
    let Some(person) = Person::new() else { return };
    let pages = ["docs/guides/kubernetes.md", "docs/guides/day-two.md", "docs/reference/rbac.md", "README.md"];
    let mut seen = 0;
    for page in pages {
        let text = fs::read_to_string(house(page)).expect("a page is text");
        for block in text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            let of_cluster = block.lines().any(|line| line.starts_with("namespace:"));
            if !(block.starts_with("apiVersion: newleaf.dev/") && of_cluster) {
                continue;
            }
            seen += 1;
            let made = person.newleaf(&["manifests", "--config", &person.file("newleaf.yaml", block)]);
            assert_eq!(made.code, Some(0), "{page}:\n{block}\n{made:?}");
            make_namespaces(&person, &made.stdout);
            assert_eq!(complaints(&person, &["--filename", "-"], &made.stdout), "", "{page}:\n{block}");
        }
    }
    assert!(seen >= 5, "only {seen} configurations found: the test looks in the wrong place");
}

fn make_namespaces(person: &Person, manifests: &str) {
    let documents: Vec<Value> = serde_saphyr::from_multiple(manifests).expect("a YAML stream");
    let namespaces: BTreeSet<_> =
        documents.iter().filter_map(|document| document["metadata"]["namespace"].as_str()).collect();
    for namespace in namespaces {
        person.make_namespace(namespace);
    }
}
