//! Random layers of app-config, merged by newleaf and by Backstage's own loader and reader.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::{Map as Object, Value, json};
use stack::merge::app_config;
use stack::merge::tree::MergeTree;

use crate::helper::{answers, folder};
use crate::random::Random;

/// How many cases; the seed of each is its number.
const CASES: u64 = 2_000;

#[test]
fn app_configs_are_merged_as_backstage_merges_them() {
    let Some(modules) = folder("config-loader", "a comparison with Backstage's config loader") else { return };
    let cases: Vec<Vec<Value>> = (0..CASES).map(layers).collect();
    let inputs: Vec<Value> = cases.iter().map(|layers| json!({"layers": layers, "paths": paths(layers)})).collect();
    let script = project::root().join("tests/stack/app_config.js");
    let mut node = Command::new("node");
    let theirs = answers(node.arg(script).env("NODE_PATH", modules.join("node_modules")), &inputs);
    let mut tally: BTreeMap<&str, u64> = BTreeMap::new();
    for (seed, (layers, theirs)) in cases.iter().zip(&theirs).enumerate() {
        let what = compare(layers, theirs).unwrap_or_else(|how| {
            panic!("seed {seed}: {how}\n  layers {}\n  theirs {theirs}", Value::from(layers.clone()))
        });
        *tally.entry(what).or_default() += 1;
    }
    println!("{tally:?}");
    let same = tally.get("the same").copied().unwrap_or_default();
    assert!(same > CASES / 2, "only {same} cases show anything");
}

fn compare(layers: &[Value], theirs: &Value) -> Result<&'static str, String> {
    let trees = layers.iter().map(|layer| MergeTree::from_value(layer.clone(), &())).collect();
    let ours = match (app_config::merge(trees), theirs.get("refused")) {
        (Err(_), Some(_)) => return Ok("refused by both"),
        (Err(error), None) => return Err(format!("newleaf refuses: {error}")),
        (Ok(None), Some(_)) => return Ok("no layer says anything"),
        (Ok(_), Some(why)) => return Err(format!("Backstage refuses: {why}")),
        (Ok(merged), None) => merged.map_or(Value::Null, |tree| resolved(tree.to_value())),
    };
    if ours != *theirs.get("whole").unwrap_or(&Value::Null) {
        return Err(format!("newleaf: {ours}"));
    }
    for (path, read) in theirs["read"].as_object().into_iter().flatten() {
        let at = path.split('.').try_fold(&ours, |here, key| here.get(key));
        let is_same = read.get("value") == at && read["has"] == at.is_some();
        // Backstage reads nothing below a key that is no map in one of the layers, also where a higher layer has a map.
        if !is_same && read.get("refused").is_none() {
            return Err(format!("at {path}: newleaf: {at:?}, Backstage: {read}"));
        }
    }
    Ok("the same")
}

/// What Backstage makes of the variables and files of the cases.
fn resolved(value: Value) -> Value {
    match value {
        Value::String(text) => match text.as_str() {
            "${ONE} and ${TWO}" => "value of ONE and value of TWO".into(),
            "$${ONE}" => "${ONE}".into(),
            _ => text.into(),
        },
        Value::Object(fields) => match (fields.get("$env"), fields.get("$file")) {
            (Some(Value::String(name)), _) => format!("value of {name}").into(),
            (_, Some(Value::String(name))) => format!("content of {}", name.trim_end_matches(".txt")).into(),
            _ => fields.into_iter().map(|(key, value)| (key, resolved(value))).collect::<Object<_, _>>().into(),
        },
        Value::Array(elements) => elements.into_iter().map(resolved).collect(),
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_)) => scalar,
    }
}

/// Every key of every layer, and of the maps below.
fn paths(layers: &[Value]) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for layer in layers {
        collect(layer, "", &mut paths);
    }
    paths
}

fn collect(value: &Value, prefix: &str, paths: &mut BTreeSet<String>) {
    for (key, value) in value.as_object().into_iter().flatten().filter(|(key, _)| !key.starts_with('$')) {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        collect(value, &path, paths);
        paths.insert(path);
    }
}

fn layers(seed: u64) -> Vec<Value> {
    let random = &mut Random::new(seed);
    let is_careless = random.one_in(8);
    (0..2 + random.below(3)).map(|_| layer(random, is_careless)).collect()
}

fn layer(random: &mut Random, is_careless: bool) -> Value {
    match (random.one_in(12), is_careless && random.one_in(4)) {
        (true, _) => Value::Null,
        (_, true) => {
            random.choose(&[json!("text"), json!([1]), json!({"$file": "one.txt"}), json!({"a": {"$file": 1}})]).clone()
        }
        _ => map(random, 0, is_careless),
    }
}

fn map(random: &mut Random, depth: usize, is_careless: bool) -> Value {
    let mut map = Object::new();
    for key in ["a", "b", "baseUrl", "c-d"] {
        if random.one_in(2) {
            map.insert(key.to_owned(), value(random, depth, is_careless));
        }
    }
    map.into()
}

fn value(random: &mut Random, depth: usize, is_careless: bool) -> Value {
    match random.below(12) {
        0 => Value::Null,
        1 => random.below(3).into(),
        2 => random.one_in(2).into(),
        3 => (*random.choose(&["", "text", "${ONE} and ${TWO}", "$${ONE}"])).into(),
        4 => json!({"$env": *random.choose(&["ONE", "TWO"])}),
        5 if is_careless => json!({"$file": "one.txt", "a": 1}),
        5 => json!({"$file": *random.choose(&["one.txt", "two.txt"])}),
        6 | 7 => (0..random.below(3)).map(|_| value(random, depth + 1, is_careless)).collect(),
        _ if depth < 3 => map(random, depth + 1, is_careless),
        _ => json!({}),
    }
}
