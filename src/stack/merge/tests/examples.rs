use serde_json::{Value, json};

use super::{Layer, lower, origin, upper};
use crate::merge::keys::fields_of;
use crate::merge::problem::MergeError;
use crate::merge::strategic;
use crate::merge::tree::MergeTree;

fn merge(original: Value, patch: Value) -> Result<MergeTree<Layer>, MergeError> {
    strategic::merge(lower(original), upper(patch), fields_of("v1", "Pod").expect("Kubernetes knows it"))
}

fn merged(original: Value, patch: Value) -> Value {
    merge(original, patch).expect("it can be merged").to_value()
}

fn refused(original: Value, patch: Value) -> String {
    merge(original, patch).expect_err("it cannot be merged").to_string()
}

#[test]
fn an_element_is_found_by_its_key_and_keeps_what_the_patch_does_not_name() {
    let object = json!({"spec": {"containers": [{"name": "a", "image": "old", "env": [{"name": "X", "value": "1"}]}]}});
    let patch = json!({"spec": {"containers": [{"name": "a", "image": "new", "env": [{"name": "Y", "value": "2"}]}]}});
    let merged = merge(object, patch).expect("it can be merged");
    let env = json!([{"name": "Y", "value": "2"}, {"name": "X", "value": "1"}]);
    assert_eq!(merged.to_value(), json!({"spec": {"containers": [{"name": "a", "image": "new", "env": env}]}}));
    assert_eq!(origin(&merged, "spec.containers.0.image"), Layer::Upper);
    assert_eq!(origin(&merged, "spec.containers.0.env.0.value"), Layer::Upper);
    assert_eq!(origin(&merged, "spec.containers.0.env.1.value"), Layer::Lower);
}

#[test]
fn an_element_is_deleted_and_nothing_of_it_stays() {
    let object = json!({"spec": {"volumes": [{"name": "a", "emptyDir": {}}, {"name": "b"}]}});
    let patch = json!({"spec": {"volumes": [{"name": "a", "$patch": "delete"}]}});
    assert_eq!(merged(object, patch), json!({"spec": {"volumes": [{"name": "b"}]}}));
}

#[test]
fn a_list_without_keys_is_replaced() {
    let object = json!({"spec": {"tolerations": [{"key": "a"}, {"key": "b"}]}});
    let patch = json!({"spec": {"tolerations": [{"key": "c"}]}});
    assert_eq!(merged(object, patch.clone()), patch);
}

#[test]
fn retained_keys_leave_no_others() {
    let object = json!({"spec": {"volumes": [{"name": "a", "emptyDir": {}}]}});
    let volume = json!({"name": "a", "secret": {"secretName": "s"}, "$retainKeys": ["name", "secret"]});
    let expected = json!({"spec": {"volumes": [{"name": "a", "secret": {"secretName": "s"}}]}});
    assert_eq!(merged(object, json!({"spec": {"volumes": [volume]}})), expected);
}

#[test]
fn what_cannot_be_merged_is_refused_with_its_place() {
    let object = || json!({"spec": {"containers": [{"name": "a"}]}});
    let container = |container: Value| json!({"spec": {"containers": [{"name": "a"}, container]}});
    assert_eq!(
        refused(object(), container(json!({"image": "x"}))),
        "spec.containers[1]: the element lacks `name`, by which Kubernetes tells the elements of this list apart"
    );
    assert_eq!(
        refused(object(), container(json!({"name": "b", "$patch": "remove"}))),
        "spec.containers[1]: `$patch` is `delete` or `replace`, not `remove`"
    );
    assert_eq!(
        refused(object(), json!({"spec": {"tolerations": [{"key": "a", "$patch": "delete"}]}})),
        "spec.tolerations[0]: Kubernetes replaces this list as a whole: `$patch` in an element means nothing; write the \
         whole list"
    );
    assert_eq!(
        refused(json!({"metadata": {"finalizers": ["a"]}}), json!({"metadata": {"finalizers": ["b", 1]}})),
        "metadata.finalizers: the elements of this list are not all of one type"
    );
    assert_eq!(
        refused(object(), json!({"spec": {"$deleteFromPrimitiveList": ["a"]}})),
        "spec: `$deleteFromPrimitiveList` is no directive; `$deleteFromPrimitiveList/FIELD` is one"
    );
}
