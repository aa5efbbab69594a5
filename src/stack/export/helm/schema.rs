//! The schema of the chart's values: that of the document, of which the chart offers a part.

use serde_json::{Map, Value, json};

use crate::document;
use crate::export::ExportSource;
use crate::export::helm::choices::{at, set, word};
use crate::export::helm::offers::{FreeText, ItemForm, NAME, OfferedValue, ValueForm};
use crate::export::helm::{ChartFile, DerivedModel};
use crate::settings::app_config::SECRET_ENDINGS;

/// What Helm says of a key of the document that the chart does not offer.
const FIXED: &str = "not a value of this chart: write it into the stack file and export the chart again";
/// Words that YAML does not read as texts.
const NO_TEXTS: [&str; 9] = ["true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL"];

/// `values.schema.json`.
pub(super) fn file(source: &ExportSource<'_>, model: &DerivedModel) -> ChartFile {
    let mut properties = json!({});
    for offer in &model.offered.offers {
        let mut schema = of_offer(offer);
        if let (Some(description), Value::Object(map)) = (description(offer.path), &mut schema) {
            map.insert("description".to_owned(), Value::from(description));
        }
        // Keys of the document have no dots, so a path of them has one key more a level.
        set(&mut properties, offer.path, Some(json!({ "$": schema })));
    }
    let mut root = level("", &properties);
    if let Value::Object(map) = &mut root {
        map.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        map.insert("$comment".to_owned(), json!(source.notice().trim_end()));
        map.insert("title".to_owned(), json!("Values of the chart: a part of the stack"));
        if let Some(Value::Object(properties)) = map.get_mut("properties") {
            properties.insert("global".to_owned(), json!({ "description": "Helm's own.", "type": ["object", "null"] }));
        }
    }
    let text = serde_json::to_string_pretty(&root).unwrap_or_default();
    ("values.schema.json".to_owned(), format!("{text}\n"))
}

/// A map of the document: the offered keys, and for the others the way out.
fn level(path: &str, offered: &Value) -> Value {
    let mut properties = Map::new();
    for (key, _) in of_document(path).iter().filter_map(|schema| schema.get("properties")?.as_object()).flatten() {
        if !["apiVersion", "kind"].contains(&key.as_str()) {
            properties.insert(key.clone(), json!({ "const": FIXED }));
        }
    }
    for (key, value) in offered.as_object().into_iter().flatten() {
        let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let schema = value.get("$").cloned().unwrap_or_else(|| level(&inner, value));
        properties.insert(key.clone(), schema);
    }
    json!({ "type": ["object", "null"], "additionalProperties": false, "properties": properties })
}

fn of_offer(offer: &OfferedValue) -> Value {
    match offer.form {
        ValueForm::Text(text) | ValueForm::Given { text, .. } => of_text(text, true),
        ValueForm::Words(words) => {
            let known = words.iter().filter(|word| !word.is_empty()).map(|text| word(text));
            let mut values: Vec<Value> = known.collect();
            // People write a version as a number or as a text.
            if offer.path == "database.version" {
                values.extend(words.iter().map(|word| json!(word)));
            }
            values.push(Value::Null);
            json!({ "enum": values })
        }
        ValueForm::Items(forms) => {
            let items: Vec<Value> = forms.iter().map(|form| of_item(offer, form)).collect();
            let items = if items.len() == 1 { items.first().cloned() } else { Some(json!({ "oneOf": items })) };
            json!({ "type": ["array", "null"], "items": items })
        }
    }
}

fn of_text(text: FreeText, is_optional: bool) -> Value {
    let mut types = vec!["string"];
    if text.is_number {
        types.push("number");
    }
    if is_optional {
        types.push("null");
    }
    let mut schema = json!({ "type": types, "pattern": text.pattern, "maxLength": text.longest });
    if let (true, Value::Object(map)) = (text.pattern.starts_with("^[A-Za-z]["), &mut schema) {
        map.insert("not".to_owned(), json!({ "enum": NO_TEXTS }));
    }
    schema
}

fn of_item(offer: &OfferedValue, form: &ItemForm) -> Value {
    if form.key.is_empty() {
        return json!({ "type": "string", "pattern": NAME, "maxLength": 253 });
    }
    let item: Value = serde_json::from_str(form.item).unwrap_or_default();
    let mut schema = of_part("", &item);
    if offer.path == "backstage.env" {
        let endings = SECRET_ENDINGS.join("|");
        let name = if form.key == "value" {
            // A secret has no place in a value; Backstage's own variable is fixed.
            json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "not": { "pattern": format!("(?i)({endings})$|^NODE_ENV$") } })
        } else {
            json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "not": { "const": "NODE_ENV" } })
        };
        if let Some(place) = schema.pointer_mut("/properties/name") {
            *place = name;
        }
    }
    schema
}

fn of_part(key: &str, part: &Value) -> Value {
    match part {
        Value::Object(map) if key == "inline" => json!({ "type": "object", "minProperties": map.len().min(1) }),
        Value::Object(map) => {
            let properties: Map<String, Value> =
                map.iter().map(|(key, part)| (key.clone(), of_part(key, part))).collect();
            let required: Vec<&String> = map.keys().collect();
            json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
        }
        _ if key == "path" => json!({ "type": "string", "pattern": "^/[^:]*$", "maxLength": 1024 }),
        _ if key == "value" => json!({ "type": "string" }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            json!({ "type": "string", "pattern": "^[-A-Za-z0-9._]+$", "maxLength": 253 })
        }
    }
}

/// What the document says about a key.
pub(super) fn description(path: &str) -> Option<String> {
    let (above, key) = path.rsplit_once('.').unwrap_or(("", path));
    let schema = of_document(above)?;
    Some(schema.get("properties")?.get(key)?.get("description")?.as_str()?.to_owned())
}

/// The schema of a map of the document.
fn of_document(path: &str) -> Option<&'static Value> {
    let root = document::schema().as_value();
    let keys = path.split('.').filter(|key| !key.is_empty());
    keys.into_iter().try_fold(root, |schema, key| resolved(root, at(schema.get("properties")?, key)?))
}

/// What a reference stands for, also one beside `null`.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let alternatives = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let reference = alternatives.chain([schema]).find_map(|one| one.get("$ref").and_then(Value::as_str));
    match reference.and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer),
        None => Some(schema),
    }
}
