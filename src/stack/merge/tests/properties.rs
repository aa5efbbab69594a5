use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Layer, lower, upper};
use crate::merge::app_config;
use crate::merge::keys::{Fields, fields_of};
use crate::merge::strategic;
use crate::merge::tree::{Content, MergeTree};

/// A text that only this layer gives.
fn text(layer: &'static str) -> impl Strategy<Value = Value> {
    (0..100_u8).prop_map(move |number| json!(format!("{layer}{number}")))
}

/// A few texts by name, and now and then `null`, which deletes.
fn labels(layer: &'static str, with_nulls: bool) -> impl Strategy<Value = Value> {
    let value =
        (0..8_u8, text(layer)).prop_map(move |(dice, text)| if with_nulls && dice == 0 { json!(null) } else { text });
    proptest::collection::btree_map("[a-d]", value, 0..4).prop_map(|map| json!(map))
}

fn unique(mut values: Vec<Value>) -> Value {
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.to_string()));
    values.into()
}

/// A list whose elements have names of their own.
fn named(elements: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    proptest::collection::vec(elements, 0..5).prop_map(|elements| {
        let mut seen = BTreeSet::new();
        let unique = elements.into_iter().filter(|element| seen.insert(element["name"].to_string()));
        unique.collect::<Vec<_>>().into()
    })
}

fn container(layer: &'static str, with_nulls: bool) -> impl Strategy<Value = Value> {
    let env = ("[A-C]", text(layer)).prop_map(|(name, value)| json!({"name": name, "value": value}));
    let args = proptest::collection::vec(text(layer), 0..3);
    ("[a-d]", named(env), labels(layer, with_nulls), args).prop_map(
        |(name, env, limits, args)| json!({"name": name, "env": env, "args": args, "resources": {"limits": limits}}),
    )
}

fn deployment(layer: &'static str, with_nulls: bool) -> impl Strategy<Value = Value> {
    let containers = proptest::option::of(named(container(layer, with_nulls)));
    let finalizers = proptest::collection::vec(text(layer), 0..4);
    (labels(layer, with_nulls), containers, labels(layer, with_nulls), finalizers).prop_map(|(labels, containers, selector, finalizers)| {
        let spec =
            containers.map_or(json!({}), |containers| json!({"containers": containers, "nodeSelector": selector}));
        json!({"metadata": {"labels": labels, "finalizers": unique(finalizers)}, "spec": {"template": {"spec": spec}}})
    })
}

fn fields() -> Fields {
    fields_of("apps/v1", "Deployment").expect("Kubernetes knows it")
}

fn merge(original: &Value, patch: &Value) -> MergeTree<Layer> {
    strategic::merge(lower(original.clone()), upper(patch.clone()), fields()).expect("an orderly patch")
}

/// Texts that start with `l` are of the lower layer, with `u` of the upper; names are of the upper if it has them.
fn assert_origins(merged: &MergeTree<Layer>) {
    for (path, leaf) in merged.leaves() {
        let Content::Text(text) = &leaf.content else { continue };
        let expected = match text.chars().next() {
            Some('l') => Layer::Lower,
            Some('u') => Layer::Upper,
            _ => continue,
        };
        assert_eq!(leaf.origin, expected, "{path}");
    }
}

/// Every text of the patch that is in no replaced list is in the result, at the same place.
fn assert_wins(patch: &Value, merged: &Value) {
    match patch {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (value, merged.get(key)) {
                    (Value::Array(added), Some(Value::Array(found))) if key == "finalizers" => {
                        assert!(added.iter().all(|finalizer| found.contains(finalizer)), "{added:?} in {found:?}");
                    }
                    (Value::Null, found) => assert_eq!(found, None, "{key} is deleted"),
                    (value, Some(found)) => assert_wins(value, found),
                    (_, None) => panic!("{key} is lost"),
                }
            }
        }
        Value::Array(elements) if elements.iter().any(Value::is_object) => {
            for element in elements {
                let named = |other: &&Value| other["name"] == element["name"];
                assert_wins(element, merged.as_array().expect("a list").iter().find(named).expect("an element"));
            }
        }
        Value::Array(elements) if elements.is_empty() => {}
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            assert_eq!(patch, merged);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_empty_patch_changes_nothing(object in deployment("l", false)) {
        let merged = merge(&object, &json!({}));
        prop_assert_eq!(merged, lower(object));
    }

    #[test]
    fn a_patch_that_says_the_same_changes_no_value_and_is_the_origin_of_each(object in deployment("l", false)) {
        let merged = merge(&object, &object);
        prop_assert_eq!(merged.to_value(), object);
        for (path, leaf) in merged.leaves() {
            prop_assert!(leaf.origin == Layer::Upper || !leaf.is_scalar(), "{}", path);
        }
    }

    #[test]
    fn the_upper_layer_wins_and_every_value_has_the_origin_of_its_layer(
        object in deployment("l", false), patch in deployment("u", true),
    ) {
        let merged = merge(&object, &patch);
        assert_origins(&merged);
        assert_wins(&patch, &merged.to_value());
    }

    #[test]
    fn merging_the_same_patch_again_changes_nothing(object in deployment("l", false), patch in deployment("u", true)) {
        let once = merge(&object, &patch).to_value();
        prop_assert_eq!(merge(&once, &patch).to_value(), once);
    }

    #[test]
    fn nothing_that_a_merge_leaves_is_null(object in deployment("l", false), patch in deployment("u", true)) {
        for (path, leaf) in merge(&object, &patch).leaves() {
            prop_assert!(leaf.content != Content::Null, "{}", path);
        }
    }

    #[test]
    fn a_deleted_element_leaves_nothing_and_touches_no_other(object in deployment("l", false), name in "[a-d]") {
        let deletion = json!({"spec": {"template": {"spec": {"containers": [{"name": name, "$patch": "delete"}]}}}});
        let mut expected = object.clone();
        if let Some(containers) = expected["spec"]["template"]["spec"].get_mut("containers") {
            containers.as_array_mut().expect("a list").retain(|container| container["name"] != *name);
        }
        let merged = merge(&object, &deletion).to_value();
        if object["spec"]["template"]["spec"].get("containers").is_some() {
            prop_assert_eq!(merged, expected);
        }
    }

    #[test]
    fn no_patch_makes_it_panic(object in deployment("l", true), patch in any_patch()) {
        drop(strategic::merge(lower(object), upper(patch), fields()));
    }

    #[test]
    fn app_configs_keep_origins_and_the_highest_wins(one in labels("l", true), other in labels("u", true)) {
        let (one, other) = (json!({"app": one}), json!({"app": other}));
        let merged = app_config::merge(vec![lower(one), upper(other.clone())]).expect("maps").expect("a layer");
        assert_origins(&merged);
        assert_wins(&other, &merged.to_value());
    }
}

/// Anything in JSON under the names that mean something.
fn any_patch() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!(null)),
        Just(json!(1)),
        Just(json!(1.5)),
        Just(json!(true)),
        Just(json!("delete")),
        Just(json!("replace")),
    ];
    let key = proptest::sample::select(vec![
        "metadata",
        "finalizers",
        "spec",
        "template",
        "containers",
        "env",
        "name",
        "$patch",
        "$retainKeys",
        "$setElementOrder/containers",
        "$setElementOrder/finalizers",
        "$deleteFromPrimitiveList/finalizers",
        "$setElementOrder",
    ]);
    scalar.prop_recursive(6, 60, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|map| json!(map)),
        ]
    })
}
