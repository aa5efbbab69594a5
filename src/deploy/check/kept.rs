//! A stack that another tool keeps is compared by what is there. No apply is rehearsed: `install` refuses such a stack, and who only
//! reads needs no right to write. So what the API server makes of a rendered object must be known here. Pure.

use std::fmt::Display;

use serde_json::{Map, Value};
use stack::checksum::CONFIGURATION;
use stack::settings::quantity::{ByteQuantity, CpuQuantity};

use crate::inventory::PART_OF;
use crate::plan::desired::APPLIED;

/// Labels and annotations that only this program writes, or that each tool writes in its own way: Helm has another form of YAML, and
/// therefore another checksum of it.
const MARKS: [&str; 4] = [APPLIED, PART_OF, CONFIGURATION, "app.kubernetes.io/managed-by"];
/// How annotations for one tool begin. An export for another one leaves them out.
const OF_TOOLS: [&str; 3] = ["helm.sh/", "argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/"];

/// The live object with every value that is rendered: where the two differ, the object is not as rendered.
pub fn with_rendered(live: &Value, rendered: &Value) -> Value {
    match (live, rendered) {
        (Value::Object(live), Value::Object(rendered)) => Value::Object(merged(live, rendered)),
        (Value::Array(live), Value::Array(rendered)) if live.len() == rendered.len() => {
            live.iter().zip(rendered).map(|(live, rendered)| with_rendered(live, rendered)).collect()
        }
        (live, rendered) if is_same_text(live, rendered) || is_same_amount(live, rendered) => live.clone(),
        (_, rendered) => rendered.clone(),
    }
}

fn merged(live: &Map<String, Value>, rendered: &Map<String, Value>) -> Map<String, Value> {
    let mut all = live.clone();
    for (key, value) in rendered {
        if value.is_null() || MARKS.contains(&key.as_str()) || OF_TOOLS.iter().any(|start| key.starts_with(start)) {
            continue;
        }
        let nothing = Value::Object(Map::new());
        let value = match live.get(key) {
            Some(present) => with_rendered(present, value),
            // A map of nothing but marks is empty without them.
            None if value.is_object() => with_rendered(&nothing, value),
            None => value.clone(),
        };
        // The API server does not store what is empty.
        if live.contains_key(key) || !is_empty(&value) {
            all.insert(key.clone(), value);
        }
    }
    all
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(true) => false,
    }
}

/// Whether both are the same YAML of several lines: Backstage reads it, and not its form.
fn is_same_text(live: &Value, rendered: &Value) -> bool {
    let read = |value: &Value| -> Option<Value> {
        let text = value.as_str().filter(|text| text.contains('\n'))?;
        serde_saphyr::from_str(text).ok()
    };
    let (live, rendered) = (read(live), read(rendered));
    live.is_some() && live == rendered
}

/// Whether both are the same amount of a resource: the API server writes `500m` for `0.5`.
fn is_same_amount(live: &Value, rendered: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let (Some(live), Some(rendered)) = (text(live), text(rendered)) else { return false };
    let cpu = |text: &str| text.parse::<CpuQuantity>().ok().map(|quantity| quantity.millis());
    let bytes = |text: &str| text.parse::<ByteQuantity>().ok().map(|quantity| quantity.bytes());
    let is_same = |one: Option<u64>, other: Option<u64>| one.is_some() && one == other;
    is_same(cpu(&live), cpu(&rendered)) || is_same(bytes(&live), bytes(&rendered))
}

/// What mends an object of a stack that another tool keeps.
pub fn mend(keeper: &impl Display) -> String {
    format!("{keeper} keeps the stack: have it apply the stack again, or write into the stack file what is meant.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::after::differences;

    fn places(live: &Value, rendered: &Value) -> Vec<String> {
        differences(live, &with_rendered(live, rendered))
    }

    #[test]
    fn what_the_api_server_and_the_tool_write_in_their_own_way_is_no_difference() {
        let rendered = json!({
            "metadata": {
                "labels": { "app.kubernetes.io/managed-by": "newleaf-deploy", "a": "b" },
                "annotations": { "helm.sh/hook": "test", APPLIED: "1", CONFIGURATION: "2" },
            },
            "data": { "app-config.yaml": "a:\n- 1\n- \"x\"\n" },
            "spec": {
                "egress": [], "readOnly": false, "nothing": null, "cpu": "0.5", "memory": "1024Mi", "number": 1,
                "ports": [{ "port": 1 }], "selector": {},
            },
        });
        let live = json!({
            "metadata": { "labels": { "app.kubernetes.io/managed-by": "Helm", "a": "b" }, "uid": "u" },
            "data": { "app-config.yaml": "a: [1, x]\n\n" },
            "spec": {
                "cpu": "500m", "memory": "1Gi", "number": "1", "ports": [{ "port": 1, "protocol": "TCP" }], "selector": {},
                "type": "ClusterIP",
            },
            "status": { "ready": true },
        });
        assert_eq!(places(&live, &rendered), Vec::<String>::new());
    }

    #[test]
    fn another_value_a_missing_one_and_an_element_more_are_differences() {
        let live = json!({ "spec": { "a": "500m", "list": [1, 2], "text": "x: 1\ny: 2\n", "on": true } });
        for (rendered, place) in [
            (json!({ "spec": { "a": "501m" } }), "spec.a"),
            (json!({ "spec": { "list": [1] } }), "spec.list"),
            (json!({ "spec": { "list": [1, 3] } }), "spec.list[1]"),
            (json!({ "spec": { "text": "x: 1\ny: 3\n" } }), "spec.text"),
            (json!({ "spec": { "on": false } }), "spec.on"),
            (json!({ "spec": { "more": { "b": 1 } } }), "spec.more"),
            (json!({ "metadata": { "labels": { "a": "b" } } }), "metadata"),
        ] {
            assert_eq!(places(&live, &rendered), [place], "{rendered}");
        }
    }
}
