//! What the schema of the document says about a value. Finds every problem at once, each with its path: serde would end at the
//! first one, and knows no path.

use serde_json::{Map, Value};

use crate::problem::{Problem, UNKNOWN_KEY};

/// How deep the schema and a value are followed.
const DEPTH: usize = 64;

/// Everything about the value that its schema does not allow.
pub fn problems(value: &Value, schema: &Value) -> Vec<Problem> {
    let mut inspector = ShapeInspector { root: schema, found: Vec::new() };
    inspector.value("", value, schema, DEPTH);
    inspector.found
}

struct ShapeInspector<'a> {
    root: &'a Value,
    found: Vec<Problem>,
}

impl<'a> ShapeInspector<'a> {
    fn value(&mut self, path: &str, value: &Value, schema: &'a Value, depth: usize) {
        let schema = resolved(self.root, schema);
        let Some(depth) = depth.checked_sub(1) else { return };
        if let Some(alternatives) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
            self.alternatives(path, value, alternatives, depth);
            return;
        }
        if !has_type(value, schema) {
            self.add(path, value, &format!("{} is expected", types(schema)), "write such a value");
            return;
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            self.word(path, value, words);
        }
        self.number(path, value, schema);
        match value {
            Value::Object(map) => self.map(path, map, schema, depth),
            Value::Array(items) => {
                let Some(of_items) = schema.get("items") else { return };
                for (index, item) in items.iter().enumerate() {
                    self.value(&format!("{path}[{index}]"), item, of_items, depth);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// One of several: words that are described one by one, or something that may also be null.
    fn alternatives(&mut self, path: &str, value: &Value, alternatives: &'a [Value], depth: usize) {
        let root = self.root;
        let alternatives: Vec<&'a Value> = alternatives.iter().map(|one| resolved(root, one)).collect();
        if value.is_null() && alternatives.iter().any(|one| types(one).contains("null")) {
            return;
        }
        let words: Vec<Value> = alternatives.iter().filter_map(|one| one.get("const")).cloned().collect();
        if !words.is_empty() {
            self.word(path, value, &words);
            return;
        }
        for alternative in alternatives.into_iter().filter(|one| types(one) != "null") {
            self.value(path, value, alternative, depth);
        }
    }

    fn word(&mut self, path: &str, value: &Value, words: &[Value]) {
        if value.is_null() || words.contains(value) {
            return;
        }
        let known: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let way_out = match value.as_str().and_then(|text| nearest(text, known.iter().copied())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use one of them".to_owned(),
        };
        let value = match value.as_str() {
            Some(text) => format!("{:?}", text.chars().take(60).collect::<String>()),
            None => shown(value),
        };
        let limits = format!("one of {} is expected", known.join(", "));
        self.found.push(Problem::new(path, &value, &limits, &way_out));
    }

    fn number(&mut self, path: &str, value: &Value, schema: &Value) {
        let Some(number) = value.as_i64() else { return };
        let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
        if bound("minimum").is_some_and(|least| number < least) || bound("maximum").is_some_and(|most| number > most) {
            let (least, most) = (bound("minimum").unwrap_or(i64::MIN), bound("maximum").unwrap_or(u32::MAX.into()));
            self.add(path, value, &format!("a number from {least} to {most} is expected"), "write such a number");
        }
    }

    fn map(&mut self, path: &str, map: &Map<String, Value>, schema: &'a Value, depth: usize) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        for (key, value) in map {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match (properties.and_then(|properties| properties.get(key)), others) {
                (Some(of_key), _) => self.value(&path, value, of_key, depth),
                (None, Some(Value::Bool(false))) => {
                    let known: Vec<&str> = properties.into_iter().flat_map(Map::keys).map(String::as_str).collect();
                    self.unknown_key(&path, key, &known);
                }
                (None, Some(of_others)) => self.value(&path, value, of_others, depth),
                (None, None) => {}
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            if !map.contains_key(key) {
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                let way_out = format!("add `{key}`");
                self.found.push(Problem::new(&path, "missing", "it is required here", &way_out));
            }
        }
    }

    fn unknown_key(&mut self, path: &str, key: &str, known: &[&str]) {
        let way_out = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "remove it, or use one of them".to_owned(),
        };
        let limits = format!("the keys here are {}", known.join(", "));
        self.found.push(Problem::new(path, UNKNOWN_KEY, &limits, &way_out));
    }

    fn add(&mut self, path: &str, value: &Value, limits: &str, way_out: &str) {
        let path = if path.is_empty() { "the document" } else { path };
        self.found.push(Problem::new(path, &shown(value), limits, way_out));
    }
}

fn has_type(value: &Value, schema: &Value) -> bool {
    let names = match schema.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(_) | None => return true,
    };
    names.into_iter().any(|name| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    })
}

/// What a reference in the schema stands for.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/"));
    let defined = name.and_then(|name| root.get("$defs").and_then(|all| all.get(name)));
    defined.unwrap_or(schema)
}

/// The types that a schema allows, in words.
fn types(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect();
            names.join(" or ")
        }
        Some(_) | None => String::new(),
    }
}

/// A value in a message. A text only by its kind: it may be a secret that stands where a reference to one belongs.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a map".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// The known word that a mistyped one most likely means.
fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |word: &str| strsim::jaro_winkler(&text.to_lowercase(), &word.to_lowercase());
    let near = known.map(|word| (likeness(word), word)).filter(|(likeness, _)| *likeness > 0.8);
    near.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, word)| word)
}
