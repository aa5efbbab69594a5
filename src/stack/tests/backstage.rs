//! Backstage's pods: how they start, how they end, and what replaces them.

use serde_json::json;

use super::*;
use crate::checksum::{CONFIGURATION, Checksum, REFERENCES};

fn deployment(text: &str) -> Object {
    find(&objects(text), "Deployment", "backstage").clone()
}

fn annotation(object: &Object, name: &str) -> Option<String> {
    let annotations = at(object, "/spec/template/metadata/annotations");
    annotations.get(name).and_then(Value::as_str).map(str::to_owned)
}

#[test]
fn a_start_is_judged_by_readiness_and_has_five_minutes() {
    let deployment = deployment("");
    let container = pod(&deployment, "/containers/0");
    let startup = &container["startupProbe"];
    assert_eq!(startup["httpGet"]["path"], "/.backstage/health/v1/readiness");
    let seconds = startup["periodSeconds"].as_i64().zip(startup["failureThreshold"].as_i64()).map(|(a, b)| a * b);
    assert_eq!(seconds, Some(300));
    assert_eq!(container["livenessProbe"]["httpGet"]["path"], "/.backstage/health/v1/liveness");
    assert_eq!(container["readinessProbe"]["httpGet"]["path"], "/.backstage/health/v1/readiness");
}

#[test]
fn a_pod_that_ends_drains_within_its_grace() {
    for drain in [0, 15, 600] {
        let text = format!("backstage: {{drainSeconds: {drain}}}");
        let settings = settings(&text);
        let layer = crate::components::app_config::generated(&settings);
        assert_eq!(layer.pointer("/backend/lifecycle/serverShutdownDelay/seconds"), Some(&json!(drain)));
        let grace = pod(&deployment(&text), "/terminationGracePeriodSeconds").as_i64().expect("seconds");
        assert!(grace >= drain + 30, "{grace}");
    }
}

#[test]
fn a_rollout_takes_nothing_away() {
    let deployment = deployment("backstage: {replicas: 3}");
    assert_eq!(at(&deployment, "/spec/strategy/rollingUpdate"), &json!({ "maxUnavailable": 0, "maxSurge": 1 }));
    assert_eq!(at(&deployment, "/spec/replicas"), 3);
}

#[test]
fn a_change_of_configuration_changes_the_template_and_nothing_else_does() {
    let before = deployment("backstage: {appConfig: [{inline: {a: 1}}]}");
    assert_eq!(before, deployment("backstage: {appConfig: [{inline: {a: 1}}]}"));
    let after = deployment("backstage: {appConfig: [{inline: {a: 2}}]}");
    assert_ne!(annotation(&before, CONFIGURATION), annotation(&after, CONFIGURATION));
    let title = deployment("backstage: {title: Other, appConfig: [{inline: {a: 1}}]}");
    assert_ne!(annotation(&before, CONFIGURATION), annotation(&title, CONFIGURATION), "the generated layer counts");
    let moved = deployment("backstage: {appConfig: [{inline: {}}, {inline: {a: 1}}]}");
    assert_ne!(annotation(&before, CONFIGURATION), annotation(&moved, CONFIGURATION));
    let unrelated = deployment("rotation: {schedule: '0 4 * * *'}\nbackstage: {appConfig: [{inline: {a: 1}}]}");
    assert_eq!(before, unrelated);
    let more = deployment("backstage: {replicas: 2, appConfig: [{inline: {a: 1}}]}");
    assert_eq!(at(&before, "/spec/template"), at(&more, "/spec/template"), "more pods replace none");
}

#[test]
fn a_change_of_a_referenced_object_changes_the_template() {
    let settings = settings("backstage: {envFrom: [{secret: theirs}]}");
    let sum = |content| Checksum::default().with("Secret/theirs", "token", content);
    let rendered = |settings: &Settings| find(&render(settings), "Deployment", "backstage").clone();
    assert_eq!(annotation(&rendered(&settings), REFERENCES), None);
    let first = rendered(&settings.clone().with_references(sum("length 3, revision a")));
    let second = rendered(&settings.with_references(sum("length 4, revision b")));
    assert_ne!(annotation(&first, REFERENCES), annotation(&second, REFERENCES));
}

#[test]
fn every_object_that_backstage_needs_is_named() {
    let settings = settings(
        "backstage: {appConfig: [{secret: {name: a, key: x}}], env: [{name: X, configMap: {name: b, key: x}}], envFrom: [{secret: c}], files: [{path: /x, configMap: d}]}
features: {catalog: {github: [{organization: o, token: {name: e, key: x}}]}}
database: {existing: {host: db.example.org, trustBundle: f}}",
    );
    let names: Vec<String> = settings.references().iter().map(|it| format!("{}/{}", it.kind.name(), it.name)).collect();
    assert_eq!(names, ["ConfigMap/b", "ConfigMap/d", "Secret/a", "Secret/c", "Secret/e", "Secret/f"]);
}

#[test]
fn backstage_waits_for_its_database_in_its_own_image() {
    let waiting = deployment("backstage: {image: 'localhost/backstage:1', command: [node, index.js]}");
    let init = pod(&waiting, "/initContainers/0");
    assert_eq!(init["image"], "localhost/backstage:1");
    let words = texts(&init["command"]);
    assert_eq!((words[0], words[1], &words[3..]), ("node", "-e", &["postgres.$(STACK_NAMESPACE).svc", "5432"][..]));
    assert_eq!(texts(pod(&waiting, "/containers/0/command")), ["node", "index.js"]);
    assert!(pod(&deployment("backstage: {waitForDatabase: false}"), "/initContainers").is_null());
}

#[test]
fn the_token_is_mounted_only_for_the_kubernetes_plugin() {
    assert_eq!(pod(&deployment(""), "/automountServiceAccountToken"), false);
    let text = "features: {kubernetes: true}";
    assert_eq!(pod(&deployment(text), "/automountServiceAccountToken"), true);
    let objects = objects(text);
    let role = find(&objects, "ClusterRole", "backstage.backstage");
    for rule in at(role, "/rules").as_array().expect("rules") {
        assert_eq!(texts(&rule["verbs"]), ["get", "list", "watch"]);
        assert!(!texts(&rule["resources"]).iter().any(|it| ["secrets", "configmaps", "*"].contains(it)), "{rule}");
    }
}

#[test]
fn pods_are_spread_and_start_anyway() {
    let keys = |text: &str| -> Vec<String> {
        let deployment = deployment(text);
        let constraints = pod(&deployment, "/topologySpreadConstraints").as_array().cloned().unwrap_or_default();
        assert!(constraints.iter().all(|it| it["whenUnsatisfiable"] == "ScheduleAnyway"));
        constraints.iter().map(|it| it["topologyKey"].as_str().expect("a key").to_owned()).collect()
    };
    assert_eq!(keys(""), ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]);
    assert_eq!(keys("disruption: {spread: node}"), ["kubernetes.io/hostname"]);
    assert!(keys("disruption: {spread: none}").is_empty());
}

#[test]
fn a_budget_is_there_only_where_it_cannot_block() {
    assert!(!has(&objects(""), "PodDisruptionBudget", "backstage"));
    assert!(!has(
        &objects("backstage: {replicas: 2}\ndisruption: {budget: false}"),
        "PodDisruptionBudget",
        "backstage"
    ));
    let objects = objects("backstage: {replicas: 2}");
    assert_eq!(at(find(&objects, "PodDisruptionBudget", "backstage"), "/spec/maxUnavailable"), 1);
}
