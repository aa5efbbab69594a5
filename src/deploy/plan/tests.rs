use serde_json::json;
use stack::object::Object;

use super::*;
use crate::inventory::Inventory;
use crate::plan::changes::{FieldChange, field_changes};
use crate::plan::desired::{desired, with_one_replica};

fn rendered(value: Value, component: Component, phase: Phase) -> DesiredObject {
    let objects = [Object::from_value(value, component, phase)];
    desired(&objects, &Inventory::of("it", "it")).remove(0)
}

fn deployment(replicas: u32) -> DesiredObject {
    let value = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "backstage", "namespace": "it"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "a", "image": "i:1"}]}}}});
    rendered(value, Component::Backstage, Phase::Backstage)
}

fn job() -> DesiredObject {
    let value = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "bootstrap", "namespace": "it"}, "spec": {}});
    rendered(value, Component::Rotation, Phase::Certificates)
}

/// What is done where this is live.
fn done(object: &DesiredObject, live: Option<Value>) -> (ObjectAction, bool) {
    let live: LiveMembers = live.map(|live| (object.key.clone(), live)).into_iter().collect();
    let steps = steps(std::slice::from_ref(object), &live, object.phase);
    (steps[0].action, steps[0].one_first)
}

#[test]
fn what_is_as_applied_is_kept_and_what_is_not_is_applied() {
    let object = deployment(1);
    let with = |pointer: &str, value: Value| {
        let mut live = object.value.clone();
        *live.pointer_mut(pointer).expect("it is there") = value;
        Some(live)
    };
    assert_eq!(done(&object, None), (ObjectAction::Create, false));
    assert_eq!(done(&object, Some(object.value.clone())), (ObjectAction::Keep, false));
    let image = "/spec/template/spec/containers/0/image";
    assert_eq!(done(&object, with(image, json!("i:2"))), (ObjectAction::Repair, false));
    let hash = "/metadata/annotations/newleaf.dev~1applied-hash";
    assert_eq!(done(&object, with(hash, json!("other"))), (ObjectAction::Change, false));
    let mut defaults = object.value.clone();
    defaults["spec"]["strategy"] = json!({"type": "RollingUpdate"});
    defaults["status"] = json!({"readyReplicas": 1});
    assert_eq!(done(&object, Some(defaults)), (ObjectAction::Keep, false), "more fields are no difference");
}

#[test]
fn the_first_replica_is_alone_until_it_was_ready() {
    let object = deployment(3);
    let live = |replicas: u32, ready: u32| {
        let mut live = object.value.clone();
        live["spec"]["replicas"] = json!(replicas);
        live["status"] = json!({"readyReplicas": ready});
        Some(live)
    };
    assert_eq!(done(&object, None), (ObjectAction::Create, true));
    assert_eq!(done(&object, live(1, 0)), (ObjectAction::Repair, true), "killed before it was ready");
    assert_eq!(done(&object, live(1, 1)), (ObjectAction::Repair, false), "killed before it was scaled");
    assert_eq!(done(&object, live(3, 0)), (ObjectAction::Keep, false), "an outage is no first start");
    assert_eq!(with_one_replica(&object.value)["spec"]["replicas"], 1);
}

#[test]
fn a_job_is_made_anew_if_it_changed_or_failed() {
    let object = job();
    let mut failed = object.value.clone();
    failed["status"] = json!({"conditions": [{"type": "Failed", "status": "True"}]});
    let mut other = object.value.clone();
    other["metadata"]["annotations"] = json!({});
    assert_eq!(done(&object, Some(failed)).0, ObjectAction::Replace);
    assert_eq!(done(&object, Some(other)).0, ObjectAction::Replace);
    assert_eq!(done(&object, Some(object.value.clone())).0, ObjectAction::Keep);
}

#[test]
fn what_is_no_longer_rendered_is_pruned_but_for_what_cannot_be_made_again() {
    let object = deployment(1);
    let member = |kind: &str, version: &str| json!({"apiVersion": version, "kind": kind, "metadata": {"name": "old", "namespace": "it"}});
    let objects = [
        object.value.clone(),
        member("ConfigMap", "v1"),
        member("Secret", "v1"),
        member("PersistentVolumeClaim", "v1"),
    ];
    let live: LiveMembers = objects.into_iter().map(|value| (MemberKey::of(&value), value)).collect();
    let leftovers = leftovers(&[object], &live);
    assert_eq!(leftovers.prune.iter().map(ToString::to_string).collect::<Vec<_>>(), ["ConfigMap it/old"]);
    let kept: Vec<_> = leftovers.keep.iter().map(|key| key.kind.as_str()).collect();
    assert_eq!(kept, ["PersistentVolumeClaim", "Secret"]);
}

#[test]
fn differences_name_the_field_and_hide_secrets() {
    let container = |image: &str| {
        json!({"kind": "Deployment", "metadata": {"generation": image, "name": "it"},
        "spec": {"containers": [{"name": "a", "image": image}, {"name": "b"}]}, "status": {"x": image}})
    };
    let changes = field_changes(Some(&container("i:1")), Some(&container("i:2")));
    let change = |path: &str, before: &str, after: &str| FieldChange {
        path: path.to_owned(),
        before: Some(before.to_owned()),
        after: Some(after.to_owned()),
    };
    assert_eq!(changes, [change("spec.containers[a].image", "i:1", "i:2")]);
    let secret = |data: &str| json!({"kind": "Secret", "data": {"token": data}});
    let changes = field_changes(Some(&secret("b25l")), Some(&secret("dHdv")));
    assert_eq!(changes, [change("data.token", "(hidden)", "(hidden)")]);
    let made = field_changes(None, Some(&secret("b25l")));
    assert!(made.iter().all(|change| change.before.is_none() && change.after.as_deref() != Some("b25l")), "{made:?}");
}
