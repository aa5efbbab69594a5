use serde_json::{Value, json};

use super::{Layer, lower, origin, upper};
use crate::merge::app_config::merge;

fn merged(below: Value, above: Value) -> Value {
    merge(vec![lower(below), upper(above)]).expect("maps").expect("a layer").to_value()
}

#[test]
fn objects_are_merged_and_lists_replaced() {
    let merged = merge(vec![
        lower(json!({"app": {"title": "a", "baseUrl": "b"}, "list": [1, 2]})),
        upper(json!({"app": {"title": "c"}, "list": [3]})),
    ]);
    let merged = merged.expect("maps").expect("a layer");
    assert_eq!(merged.to_value(), json!({"app": {"title": "c", "baseUrl": "b"}, "list": [3]}));
    assert_eq!(origin(&merged, "app.title"), Layer::Upper);
    assert_eq!(origin(&merged, "app.baseUrl"), Layer::Lower);
}

#[test]
fn null_hides_what_lower_layers_say() {
    let auth = json!({"auth": {"providers": {"github": {"clientId": "x"}, "guest": {}}}});
    assert_eq!(
        merged(auth, json!({"auth": {"providers": {"github": null}}})),
        json!({"auth": {"providers": {"guest": {}}}})
    );
}

#[test]
fn a_file_replaces_another_way_to_say_a_value() {
    let below = json!({"ssl": {"ca": {"$file": "/a"}}});
    assert_eq!(merged(below, json!({"ssl": {"ca": {"$env": "CA"}}})), json!({"ssl": {"ca": {"$env": "CA"}}}));
}

#[test]
fn what_backstage_would_not_take_is_refused_with_layer_and_place() {
    let refused = |layer: Value| merge(vec![lower(json!({})), upper(layer)]).expect_err("it is refused");
    let error = refused(json!({"a": [{"$file": "x", "b": 1}]}));
    assert_eq!(
        (error.layer, error.to_string()),
        (1, "a[0]: `$file` stands alone: Backstage takes no other keys beside it".to_owned())
    );
    assert_eq!(refused(json!(["a"])).to_string(), "the document: an app-config is a map");
}
