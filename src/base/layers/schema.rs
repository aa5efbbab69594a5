//! What a JSON Schema says of a path: how a text is read that is given for it, and which keys are known there.

use serde_json::Value;

use crate::layers::path::{FieldPath, Segment};
use crate::layers::setting::Form;

/// The most references and alternatives that are followed from one place: a schema may refer to itself.
const FOLLOWED_MAX: usize = 16;

/// How the schema wants a value; `None` where it knows no such path.
pub fn form(schema: &Value, path: &FieldPath) -> Option<Form> {
    let places = places(schema, path);
    let is = |wanted: &str| places.iter().any(|place| has_type(place, wanted));
    if places.is_empty() {
        None
    } else if is("string") {
        Some(Form::Text)
    } else if is("array") && !is("object") && form_of_items(schema, path) == Some(Form::Text) {
        Some(Form::List)
    } else {
        Some(Form::Yaml)
    }
}

fn form_of_items(schema: &Value, path: &FieldPath) -> Option<Form> {
    form(schema, &path.child(Segment::Index(0)))
}

/// The keys that the schema knows at a path.
pub fn keys<'a>(schema: &'a Value, path: &FieldPath) -> Vec<&'a str> {
    let mut keys = Vec::new();
    for place in places(schema, path) {
        if let Some(Value::Object(properties)) = place.get("properties") {
            keys.extend(properties.keys().map(String::as_str));
        }
    }
    keys
}

/// Every part of the schema that speaks of a path.
fn places<'a>(schema: &'a Value, path: &FieldPath) -> Vec<&'a Value> {
    let mut places = followed(schema, schema);
    for segment in path.segments() {
        let mut next = Vec::new();
        for place in places {
            if let Some(below) = below(place, segment) {
                next.extend(followed(schema, below));
            }
        }
        places = next;
    }
    places
}

fn below<'a>(place: &'a Value, segment: &Segment) -> Option<&'a Value> {
    match segment {
        Segment::Index(_) => place.get("items"),
        Segment::Name(name) => match place.get("properties").and_then(|properties| properties.get(name)) {
            Some(property) => Some(property),
            None => place.get("additionalProperties").filter(|values| values.is_object()),
        },
    }
}

/// A part of the schema with what it refers to and its alternatives.
fn followed<'a>(schema: &'a Value, place: &'a Value) -> Vec<&'a Value> {
    let mut found = vec![place];
    let mut next = 0;
    while let Some(place) = found.get(next).copied()
        && next < FOLLOWED_MAX
    {
        if let Some(Value::String(reference)) = place.get("$ref")
            && let Some(referred) = reference.strip_prefix('#').and_then(|pointer| schema.pointer(pointer))
        {
            found.push(referred);
        }
        for alternatives in ["anyOf", "oneOf", "allOf"] {
            if let Some(Value::Array(alternatives)) = place.get(alternatives) {
                found.extend(alternatives);
            }
        }
        next += 1;
    }
    found
}

fn has_type(place: &Value, wanted: &str) -> bool {
    match place.get("type") {
        Some(Value::String(name)) => name == wanted,
        Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
        _ => false,
    }
}
