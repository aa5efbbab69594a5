//! Schemas for kubeconform, which takes none from the network here: made from what Kubernetes itself says of its kinds, and from
//! the CRDs of others. They allow no field that is not there.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// How kubeconform finds the schema of a kind.
pub(crate) const TEMPLATE: &str = "{{ .ResourceKind }}{{ .KindSuffix }}.json";

/// Writes a schema for each kind.
pub(crate) fn write(folder: &Path, openapi: &Path, crds: &Path) {
    let text = fs::read_to_string(openapi.join("swagger.json")).expect("the API of Kubernetes");
    let mut document: Value = serde_json::from_str(&text).expect("JSON");
    let mut definitions = document["definitions"].take();
    strict(&mut definitions);
    // A number is one, too.
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = json!({ "type": ["string", "number"] });
    let definitions = definitions.as_object().expect("definitions");
    for (name, definition) in definitions {
        // What every kind has, as DeleteOptions, is of no group.
        if let Some([kind]) = definition["x-kubernetes-group-version-kind"].as_array().map(Vec::as_slice) {
            let schema = json!({ "$ref": reference(name), "definitions": needed(name, definitions) });
            put(folder, &kind["kind"], &kind["group"], &kind["version"], &schema);
        }
    }
    for entry in fs::read_dir(crds).expect("CRDs") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a CRD");
        let mut crd: Value = serde_saphyr::from_str(&text).expect("YAML");
        let (kind, group) = (crd["spec"]["names"]["kind"].clone(), crd["spec"]["group"].clone());
        for version in crd["spec"]["versions"].as_array_mut().expect("versions") {
            let mut schema = version["schema"]["openAPIV3Schema"].take();
            strict(&mut schema);
            put(folder, &kind, &group, &version["name"], &schema);
        }
    }
}

fn reference(name: &str) -> String {
    format!("#/definitions/{name}")
}

/// Under the name that kubeconform asks for: of a group only its first part.
fn put(folder: &Path, kind: &Value, group: &Value, version: &Value, schema: &Value) {
    let text = |value: &Value| value.as_str().expect("a text").to_lowercase();
    let group = text(group);
    let group = group.split('.').next().filter(|group| !group.is_empty()).map(|group| format!("{group}-"));
    let name = format!("{}-{}{}.json", text(kind), group.unwrap_or_default(), text(version));
    fs::write(folder.join(name), schema.to_string()).expect("it can be written");
}

/// No map has a field that its schema does not know, and what may be a number or a text is either.
fn strict(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(strict),
        Value::Object(map) => {
            map.values_mut().for_each(strict);
            let is_either = map.get("format").is_some_and(|format| format == "int-or-string");
            if is_either || map.get("x-kubernetes-int-or-string") == Some(&json!(true)) {
                map.remove("anyOf");
                map.insert("type".to_owned(), json!(["integer", "string"]));
            }
            let is_open = ["additionalProperties", "x-kubernetes-preserve-unknown-fields"];
            let has_fields =
                map.get("properties").is_some_and(|fields| fields.get("type").is_none_or(Value::is_object));
            if has_fields && !is_open.iter().any(|key| map.contains_key(*key)) {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A definition and those that it names, as far as that goes.
fn needed(name: &str, definitions: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut names = vec![name.to_owned()];
    while let Some(name) = names.pop() {
        if let Entry::Vacant(place) = found.entry(name) {
            let definition = definitions[place.key()].clone();
            names.extend(references(&definition));
            place.insert(definition);
        }
    }
    found
}

fn references(schema: &Value) -> BTreeSet<String> {
    match schema {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/definitions/"));
            own.map(str::to_owned).into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => BTreeSet::new(),
    }
}
