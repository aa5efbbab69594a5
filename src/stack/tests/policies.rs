//! Each policy finds what it is for: one defect at a time is planted into a stack that keeps them all.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::policies::CHECKS;

/// A stack with something of everything.
const STACK: &str = "
host: a.example.org
ingress: {className: nginx}
backstage: {replicas: 2, env: [{name: API_TOKEN, secret: {name: theirs, key: token}}]}
";

/// The check, the object, where, and what is planted; null removes.
type Defect = (&'static str, &'static str, &'static str, &'static str, fn() -> Value);

const POD: &str = "/spec/template/spec";

const DEFECTS: &[Defect] = &[
    ("no-secret-in-config-map", "ConfigMap", "backstage-app-config", "/data/app-config.yaml", || {
        json!("integrations: {github: [{token: planted}]}")
    }),
    ("no-secret-in-config-map", "ConfigMap", "postgres", "/data/password", || json!("planted")),
    ("no-secret-in-config-map", "ConfigMap", "postgres", "/data/a", || {
        json!("-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----\n")
    }),
    ("no-secret-in-config-map", "ConfigMap", "postgres", "/data/a", || json!("postgres://user:planted@host/db")),
    ("no-secret-in-pod", "Deployment", "backstage", "+/containers/0/args", || json!(["--api-token=planted"])),
    (
        "no-secret-in-pod",
        "Deployment",
        "backstage",
        "+/containers/0/env",
        || json!([{ "name": "API_TOKEN", "value": "planted" }]),
    ),
    ("image-pinned", "Deployment", "backstage", "+/containers/0/image", || json!("backstage:latest")),
    ("image-pinned", "StatefulSet", "postgres", "+/containers/0/image", || json!("postgres")),
    ("pod-restricted", "Deployment", "backstage", "+/securityContext/runAsNonRoot", || json!(false)),
    ("pod-restricted", "Deployment", "backstage", "+/securityContext/runAsUser", || json!(0)),
    ("pod-restricted", "Deployment", "backstage", "+/securityContext/seccompProfile", || Value::Null),
    ("pod-restricted", "Deployment", "backstage", "+/hostNetwork", || json!(true)),
    ("pod-restricted", "Deployment", "backstage", "+/containers/0/securityContext/privileged", || json!(true)),
    ("pod-restricted", "Deployment", "backstage", "+/containers/0/securityContext/allowPrivilegeEscalation", || {
        Value::Null
    }),
    ("pod-restricted", "Deployment", "backstage", "+/initContainers/0/securityContext/capabilities", || Value::Null),
    ("pod-restricted", "Deployment", "backstage", "+/containers/0/securityContext/capabilities/add", || {
        json!(["SYS_ADMIN"])
    }),
    (
        "pod-restricted",
        "Deployment",
        "backstage",
        "+/volumes/0",
        || json!({ "name": "tmp", "hostPath": { "path": "/" } }),
    ),
    ("pod-restricted", "Deployment", "backstage", "+/containers/0/ports/0/hostPort", || json!(80)),
    ("root-read-only", "StatefulSet", "postgres", "+/containers/0/securityContext/readOnlyRootFilesystem", || {
        Value::Null
    }),
    ("resources-set", "StatefulSet", "postgres", "+/containers/0/resources", || json!({})),
    ("token-where-used", "StatefulSet", "postgres", "+/automountServiceAccountToken", || json!(true)),
    ("token-where-used", "StatefulSet", "postgres", "+/automountServiceAccountToken", || Value::Null),
    ("mounts-resolve", "Deployment", "backstage", "+/containers/0/volumeMounts/0/name", || json!("gone")),
    ("mounts-resolve", "StatefulSet", "postgres", "+/volumes/0/name", || json!("data")),
    ("no-sub-path", "Deployment", "backstage", "+/containers/0/volumeMounts/0/subPath", || json!("a")),
    ("service-selects-pods", "Service", "postgres", "/spec/selector", || json!({ "app": "gone" })),
    ("service-selects-pods", "Service", "backstage", "/spec/ports/0/targetPort", || json!("gone")),
    ("references-exist", "Deployment", "backstage", "+/serviceAccountName", || json!("gone")),
    ("references-exist", "Deployment", "backstage", "+/serviceAccountName", || Value::Null),
    (
        "references-exist",
        "Deployment",
        "backstage",
        "+/containers/0/envFrom",
        || json!([{ "secretRef": { "name": "gone" } }]),
    ),
    (
        "references-exist",
        "Deployment",
        "backstage",
        "+/volumes/0",
        || json!({ "name": "tmp", "configMap": { "name": "gone" } }),
    ),
    ("references-exist", "CronJob", "newleaf", "/spec/jobTemplate/spec/template/spec/volumes/0/configMap/name", || {
        json!("gone")
    }),
    ("backends-exist", "Ingress", "backstage", "/spec/rules/0/http/paths/0/backend/service/name", || json!("gone")),
    ("edges-have-peers", "NetworkPolicy", "backstage", "/spec/ingress/0/from", || Value::Null),
    ("edges-have-peers", "NetworkPolicy", "postgres", "/spec/ingress/0/ports", || Value::Null),
    ("edges-have-peers", "NetworkPolicy", "backstage", "/spec/egress/0/to", || json!([{ "namespaceSelector": {} }])),
    ("pods-have-policies", "Deployment", "backstage", "/spec/template/metadata/labels", || json!({ "app": "other" })),
    ("names-valid", "ConfigMap", "postgres", "/metadata/name", || json!("Postgres_")),
    ("names-valid", "ConfigMap", "postgres", "/metadata/namespace", || Value::Null),
    ("names-valid", "Namespace", "backstage", "/metadata/namespace", || json!("backstage")),
    ("names-valid", "ConfigMap", "postgres", "/apiVersion", || Value::Null),
    ("labels-valid", "ConfigMap", "postgres", "/metadata/labels/a b", || json!("c")),
    ("labels-valid", "Deployment", "backstage", "/spec/template/metadata/labels/a", || json!("-")),
    ("labels-valid", "Deployment", "backstage", "/metadata/annotations", || json!({ "a b": "c" })),
    ("names-unique", "ConfigMap", "postgres", "/metadata/name", || json!("backstage-app-config")),
    ("drain-ends", "PodDisruptionBudget", "backstage", "/spec/maxUnavailable", || json!(0)),
    ("drain-ends", "PodDisruptionBudget", "backstage", "/spec/selector", || json!({})),
    ("drain-ends", "PodDisruptionBudget", "backstage", "/spec/selector/matchLabels/app", || json!("other")),
    (
        "drain-ends",
        "PodDisruptionBudget",
        "backstage",
        "/spec",
        || json!({ "minAvailable": 2, "selector": { "matchLabels": { "app.kubernetes.io/name": "backstage" } } }),
    ),
    ("rollout-takes-nothing", "Deployment", "backstage", "/spec/strategy", || json!({ "type": "Recreate" })),
];

/// Puts a value at a path, whose last key may be new; null removes it.
fn plant(value: &mut Value, pointer: &str, planted: Value) {
    let (above, key) = pointer.rsplit_once('/').expect("a path");
    let above = value.pointer_mut(above).unwrap_or_else(|| panic!("nothing at {pointer}"));
    if let Value::Array(items) = above {
        items[key.parse::<usize>().expect("an index")] = planted;
        return;
    }
    let map = above.as_object_mut().expect("a map");
    if planted.is_null() {
        assert!(map.remove(key).is_some(), "nothing at {pointer}");
    } else {
        map.insert(key.to_owned(), planted);
    }
}

/// The operator's autoscaler owns the number, and the budget lets one pod go, however many there are.
#[test]
fn a_deployment_whose_replicas_an_autoscaler_counts_breaks_no_policy() {
    let settings = settings(STACK);
    let mut objects = render(&settings);
    let place = objects.iter().position(|object| object.title().starts_with("Deployment")).expect("it is there");
    let mut value = objects[place].value().clone();
    plant(&mut value, "/spec/replicas", Value::Null);
    objects[place] = objects[place].clone().with_value(value);
    assert_eq!(violations(&settings, &objects), []);
}

#[test]
fn each_planted_defect_is_found_by_the_policy_that_is_for_it() {
    let settings = settings(STACK);
    let sound = render(&settings);
    assert_eq!(violations(&settings, &sound), []);
    for (check, kind, name, place, planted) in DEFECTS {
        let place = place.strip_prefix('+').map_or_else(|| (*place).to_owned(), |below| format!("{POD}{below}"));
        find(&sound, kind, name);
        let with_defect = |object: &Object| {
            let mut value = object.value().clone();
            if object.kind() == *kind && object.name() == *name {
                plant(&mut value, &place, planted());
            }
            object.clone().with_value(value)
        };
        let broken: Vec<Object> = sound.iter().map(with_defect).collect();
        let found = violations(&settings, &broken);
        assert!(found.iter().any(|violation| violation.check == *check), "{check} {kind} {name} {place}: {found:?}");
        assert!(!found.iter().any(|violation| violation.to_string().contains("planted")), "{found:?}");
    }
}

#[test]
fn every_policy_has_a_defect_that_it_finds() {
    let tried: BTreeSet<&str> = DEFECTS.iter().map(|(check, ..)| *check).collect();
    let known: BTreeSet<&str> = CHECKS.iter().map(|check| check.name).collect();
    assert_eq!(tried, known);
    assert_eq!(known.len(), CHECKS.len());
}

#[test]
fn an_object_that_is_declared_external_need_not_be_there() {
    let settings = settings("backstage: {envFrom: [{secret: theirs}]}");
    let objects = render(&settings);
    assert_eq!(violations(&settings, &objects), []);
    let found = inspect(Rendered { objects: &objects, external: &BTreeSet::new() });
    let problems: Vec<&str> = found.iter().map(|it| it.problem.as_str()).collect();
    assert!(problems.contains(&"the Secret `theirs` is not there"), "{problems:?}");
}
