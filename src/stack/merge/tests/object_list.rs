use serde_json::{Value, json};

use super::{Layer, lower, origin, upper};
use crate::merge::object_list::{ObjectError, merge};
use crate::merge::tree::MergeTree;

fn deployment(name: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {"replicas": 1}})
}

fn merged(objects: Vec<Value>, layer: Vec<Value>) -> Result<Vec<MergeTree<Layer>>, ObjectError> {
    merge(objects.into_iter().map(lower).collect(), layer.into_iter().map(upper).collect())
}

fn values(objects: Vec<Value>, layer: Vec<Value>) -> Vec<Value> {
    merged(objects, layer).expect("it fits").iter().map(MergeTree::to_value).collect()
}

fn refused(objects: Vec<Value>, layer: Vec<Value>) -> String {
    merged(objects, layer).expect_err("it does not fit").to_string()
}

#[test]
fn a_partial_object_changes_its_counterpart_in_its_place() {
    let mut patch = deployment("b");
    patch["spec"] = json!({"replicas": 2});
    let objects = merged(vec![deployment("a"), deployment("b")], vec![patch]).expect("it fits");
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[1].to_value()["spec"]["replicas"], 2);
    assert_eq!(origin(&objects[1], "spec.replicas"), Layer::Upper);
    assert_eq!(objects[0], lower(deployment("a")));
}

#[test]
fn an_object_without_counterpart_is_added_and_the_next_one_finds_it() {
    let change =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "2", "b": null}});
    let added =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1", "b": "1"}});
    let expected = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "2"}});
    assert_eq!(values(vec![deployment("a")], vec![added, change]), [deployment("a"), expected]);
}

#[test]
fn an_object_without_a_name_means_the_only_one_of_its_kind() {
    let open =
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": null}, "spec": {"replicas": 3}});
    let mut expected = deployment("a");
    expected["spec"]["replicas"] = json!(3);
    assert_eq!(values(vec![deployment("a")], vec![open.clone()]), [expected]);
    assert_eq!(
        refused(vec![deployment("a"), deployment("b")], vec![open.clone()]),
        "Deployment without a name: could be Deployment a or Deployment b; give metadata.name and metadata.namespace"
    );
    assert_eq!(
        refused(Vec::new(), vec![open]),
        "object 0 of the layer lacks `metadata.name`: an object is found by apiVersion, kind and metadata.name"
    );
}

#[test]
fn an_object_in_another_namespace_is_another() {
    let at = |namespace: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": namespace}});
    assert_eq!(values(vec![at("x")], vec![at("y")]).len(), 2);
    let anywhere = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}});
    assert_eq!(values(vec![at("x")], vec![anywhere.clone()]), [at("x")]);
    assert_eq!(
        refused(vec![at("x"), at("y")], vec![anywhere]),
        "Secret s: could be Secret x/s or Secret y/s; give metadata.name and metadata.namespace"
    );
}

#[test]
fn a_whole_object_is_deleted_and_nothing_of_it_stays() {
    let delete = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "$patch": "delete"});
    assert_eq!(values(vec![deployment("a"), deployment("b")], vec![delete.clone()]), [deployment("b")]);
    assert_eq!(refused(Vec::new(), vec![delete]), "Deployment a: there is no such object to delete");
}

#[test]
fn the_same_object_in_another_version_is_refused() {
    let mut old = deployment("a");
    old["apiVersion"] = json!("apps/v1beta1");
    assert_eq!(
        refused(vec![deployment("a")], vec![old]),
        "Deployment a: is rendered as apps/v1, and the layer has apps/v1beta1; write it in the version that is rendered"
    );
}

#[test]
fn a_custom_resource_is_merged_as_json() {
    let route = |ports: Value| json!({"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"name": "r"}, "spec": {"ports": ports, "x": 1}});
    let layer = route(json!([{"name": "b"}]));
    assert_eq!(values(vec![route(json!([{"name": "a"}]))], vec![layer.clone()]), [layer]);
}

#[test]
fn what_cannot_be_merged_names_object_and_place() {
    let mut patch = deployment("a");
    patch["spec"]["template"] = json!({"spec": {"containers": [{"image": "x"}]}});
    let mut object = deployment("a");
    object["spec"]["template"] = json!({"spec": {"containers": [{"name": "a"}]}});
    assert_eq!(
        refused(vec![object], vec![patch]),
        "Deployment a: spec.template.spec.containers[0]: the element lacks `name`, by which Kubernetes tells the elements of \
         this list apart"
    );
}
