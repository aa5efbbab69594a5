//! All objects: their order, their YAML, and that the same stack is always the same text.

use std::collections::BTreeSet;

use k8s_openapi::api::admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::components::{COMPONENTS, Component};
use crate::object::yaml;

const MUCH: &str = "
host: a.example.org
backstage: {replicas: 2, profile: leastPrivilege, appConfig: [{inline: {a: 'yes'}}]}
ingress: {className: nginx}
features: {kubernetes: true}
monitoring: {alerts: true, serviceMonitor: true, dashboard: true}
externalSecrets: {store: {name: vault}, secrets: [{name: theirs, data: [{key: a, remoteKey: b}]}]}
";

fn read_strictly<T: DeserializeOwned + Serialize>(value: &Value) {
    let typed: T = serde_json::from_value(value.clone()).expect("it is of its type");
    assert_eq!(serde_json::to_value(typed).expect("JSON"), *value, "something is lost");
}

#[test]
fn every_object_survives_its_yaml_without_a_loss() {
    let objects = objects(MUCH);
    let text = yaml(&objects).expect("YAML");
    let read: Vec<Value> = serde_saphyr::from_multiple(&text).expect("YAML that can be read");
    assert_eq!(read.len(), objects.len());
    for (read, object) in read.iter().zip(&objects) {
        assert_eq!(read, object.value(), "{}", object.title());
        match object.kind() {
            "Namespace" => read_strictly::<Namespace>(read),
            "ServiceAccount" => read_strictly::<ServiceAccount>(read),
            "ConfigMap" => read_strictly::<ConfigMap>(read),
            "Service" => read_strictly::<Service>(read),
            "StatefulSet" => read_strictly::<StatefulSet>(read),
            "Deployment" => read_strictly::<Deployment>(read),
            "Job" => read_strictly::<Job>(read),
            "CronJob" => read_strictly::<CronJob>(read),
            "Role" => read_strictly::<Role>(read),
            "RoleBinding" => read_strictly::<RoleBinding>(read),
            "ClusterRole" => read_strictly::<ClusterRole>(read),
            "ClusterRoleBinding" => read_strictly::<ClusterRoleBinding>(read),
            "NetworkPolicy" => read_strictly::<NetworkPolicy>(read),
            "Ingress" => read_strictly::<Ingress>(read),
            "PodDisruptionBudget" => read_strictly::<PodDisruptionBudget>(read),
            "ValidatingAdmissionPolicy" => read_strictly::<ValidatingAdmissionPolicy>(read),
            "ValidatingAdmissionPolicyBinding" => read_strictly::<ValidatingAdmissionPolicyBinding>(read),
            "ServiceMonitor" | "PrometheusRule" | "ExternalSecret" => {}
            other => panic!("{other} is not expected"),
        }
    }
}

#[test]
fn the_same_stack_is_the_same_text_that_starts_as_people_expect() {
    let text = yaml(&objects(MUCH)).expect("YAML");
    assert_eq!(text, yaml(&objects(MUCH)).expect("YAML"));
    for document in text.split("---\n") {
        let keys: Vec<&str> = document.lines().filter(|line| !line.starts_with([' ', '-'])).collect();
        assert!(keys[0].starts_with("apiVersion: ") && keys[1].starts_with("kind: "), "{document}");
        assert_eq!(keys[2], "metadata:");
    }
}

#[test]
fn objects_come_in_the_order_in_which_they_are_applied() {
    let objects = objects(MUCH);
    assert!(objects.is_sorted_by_key(Object::phase));
    assert_eq!(objects[0].kind(), "Namespace");
    let position =
        |kind: &str, name: &str| objects.iter().position(|it| it.kind() == kind && it.name() == name).expect(name);
    let order = [
        position("Namespace", "backstage"),
        position("NetworkPolicy", "backstage-default-deny"),
        position("Job", "newleaf-bootstrap"),
        position("StatefulSet", "postgres"),
        position("Deployment", "backstage"),
        position("CronJob", "newleaf"),
    ];
    assert!(order.is_sorted(), "{order:?}");
    let of_phase = |phase| objects.iter().filter(move |object| object.phase() == phase);
    assert!(of_phase(Phase::Configuration).all(|it| !["Deployment", "StatefulSet", "Job"].contains(&it.kind())));
}

#[test]
fn every_component_is_on_the_list_once_and_names_itself() {
    let names: BTreeSet<&str> = COMPONENTS.iter().map(|(component, _)| component.name()).collect();
    assert_eq!(names.len(), COMPONENTS.len());
    let settings = settings(MUCH);
    for (component, renderer) in COMPONENTS {
        for object in renderer(&settings) {
            assert_eq!(object.component(), component, "{}", object.title());
            assert_eq!(object.namespace().unwrap_or("backstage"), "backstage");
            if component != Component::Rotation {
                assert_eq!(at(&object, "/metadata/labels/app.kubernetes.io~1component"), component.name());
            }
            assert_eq!(at(&object, "/metadata/labels/app.kubernetes.io~1instance"), "backstage");
        }
    }
}

#[test]
fn names_of_namespace_and_stack_reach_every_object() {
    let settings = settings("name: portal\nnamespace: team-a");
    let objects = render(&settings);
    assert_eq!(violations(&settings, &objects), []);
    assert!(objects.iter().all(|object| object.namespace().is_none_or(|namespace| namespace == "team-a")));
    let server = find(&objects, "StatefulSet", "postgres");
    assert_eq!(at(server, "/spec/selector/matchLabels/app.kubernetes.io~1instance"), "portal");
}

/// A tool that moves all objects to another namespace changes these places, and no text inside of an object.
#[test]
fn the_namespace_is_in_no_text_of_an_object() {
    let objects =
        render(&settings("namespace: elsewhere\nrotation: {nudge: true}\nmonitoring: {serviceMonitor: true}"));
    let mut seen = 0;
    for object in &objects {
        let mut rest = object.value().clone();
        for pointer in ["/metadata/namespace", "/subjects/0/namespace"] {
            if let Some(place) = rest.pointer_mut(pointer) {
                assert_eq!(place.take(), "elsewhere");
                seen += 1;
            }
        }
        if object.kind() == "Namespace" || object.kind().starts_with("ValidatingAdmissionPolicy") {
            continue;
        }
        assert!(!rest.to_string().contains("elsewhere"), "{}: {rest}", object.title());
    }
    let namespaced = objects.iter().filter(|object| object.namespace().is_some()).count();
    assert!(seen > namespaced, "also subjects of bindings: {seen} of {namespaced}");
}
