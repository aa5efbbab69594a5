//! The check inside of the cluster: what its account may do, and its pod.

use serde_json::{Value, json};

use super::{settings, violations};
use crate::components::{Component, check};
use crate::object::{Object, Phase};
use crate::render::render;

const MUCH: &str = "host: portal.example.org\ningress: {className: nginx}\nrotation: {nudge: true}\nfeatures: {kubernetes: true}\n\
                    monitoring: {serviceMonitor: true, alerts: true, dashboard: true}\nbackstage: {replicas: 2}";

fn rules(objects: &[Object], kind: &str) -> Vec<Value> {
    let roles = objects.iter().filter(|object| object.kind() == kind);
    roles.filter_map(|role| role.value()["rules"].as_array().cloned()).flatten().collect()
}

#[test]
fn the_account_reads_each_object_by_its_name_and_no_secret() {
    let settings = settings(MUCH);
    let rendered = render(&settings);
    let objects = check::objects(&settings, &rendered);
    let (inside, outside) = (rules(&objects, "Role"), rules(&objects, "ClusterRole"));
    for rule in inside.iter().chain(&outside) {
        assert!(rule["verbs"] == json!(["get"]) || rule["verbs"] == json!(["list"]), "{rule}");
        assert!(!rule.to_string().contains("secrets") && !rule.to_string().contains('*'), "{rule}");
    }
    assert!(outside.iter().all(|rule| rule["resourceNames"].as_array().is_some_and(|names| names.len() == 1)));
    let is_named = |object: &Object, rules: &[Value]| {
        rules.iter().any(|rule| rule["resourceNames"][0] == object.name() && rule["verbs"] == json!(["get"]))
    };
    for object in rendered.iter().filter(|object| !object.is_kept() && object.kind() != "ConfigMap") {
        let rules = if object.namespace().is_some() { &inside } else { &outside };
        assert!(is_named(object, rules), "{}", object.title());
    }
    let resources: Vec<&str> = inside.iter().filter_map(|rule| rule["resources"][0].as_str()).collect();
    for resource in ["networkpolicies", "ingresses", "servicemonitors", "serviceaccounts", "deployments"] {
        assert!(resources.contains(&resource), "{resource} is no resource of {resources:?}");
    }
}

#[test]
fn nothing_of_the_whole_cluster_is_needed_where_the_stack_has_nothing_there() {
    let settings = settings("rotation: {admissionPolicies: false}");
    let objects = check::objects(&settings, &render(&settings));
    assert!(objects.iter().all(|object| object.namespace() == Some("backstage")), "{objects:?}");
}

#[test]
fn the_pod_keeps_the_policies_of_the_stack_and_gets_no_key() {
    for text in [MUCH, "platform: openshift"] {
        let settings = settings(text);
        let mut objects = render(&settings);
        objects.extend(check::objects(&settings, &objects));
        let document = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": check::CHECK, "namespace": "backstage" } });
        objects.push(Object::from_value(document, Component::Check, Phase::Rest));
        assert_eq!(violations(&settings, &objects), []);
        let pod = objects.iter().find(|object| object.kind() == "Pod").expect("a pod");
        assert!(!pod.value().to_string().contains("tls.key"));
    }
}
