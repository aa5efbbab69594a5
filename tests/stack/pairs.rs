//! Random objects and patches to them. Patches hold what users write, and what they get wrong.

use serde_json::{Map as Object, Value, json};

use crate::random::Random;
use crate::shapes::{Sample, Shape};

type Fields = [(&'static str, Shape)];

/// An object and a patch, the same for the same seed.
pub(crate) fn pair(samples: &[Sample], seed: u64) -> (Value, Value) {
    let random = &mut Random::new(seed);
    let sample = random.choose(samples);
    let mut object = object(random, &sample.fields, 2);
    object.insert("apiVersion".to_owned(), sample.api_version.into());
    object.insert("kind".to_owned(), sample.kind.into());
    name(&mut object);
    // Some patches are orderly, so that a fault does not hide behind a refusal elsewhere in the same patch.
    let careless = random.one_in(2);
    let patch = Patch { random, careless }.map(&sample.fields, 1);
    (object.into(), patch)
}

/// `kubectl` asks for a name.
fn name(object: &mut Object<String, Value>) {
    let metadata = object.entry("metadata").or_insert_with(|| json!({}));
    metadata.as_object_mut().expect("a map").insert("name".to_owned(), "it".into());
}

fn object(random: &mut Random, fields: &Fields, one_in: usize) -> Object<String, Value> {
    let mut object = Object::new();
    for (name, shape) in fields {
        if !random.one_in(one_in + 1) {
            object.insert((*name).to_owned(), value(random, shape));
        }
    }
    object
}

fn value(random: &mut Random, shape: &Shape) -> Value {
    match shape {
        Shape::Text(texts) => (*random.choose(texts)).into(),
        Shape::Number(numbers) => (*random.choose(numbers)).into(),
        Shape::Flag => random.one_in(2).into(),
        Shape::Labels => labels(random, false),
        Shape::Map(fields) => object(random, fields, 1).into(),
        Shape::Keyed(key, fields) => keyed(random, key, fields),
        Shape::Set(texts) => {
            let mut texts = texts.to_vec();
            random.shuffle(&mut texts);
            texts.truncate(random.below(4));
            texts.into()
        }
        Shape::Whole(element) => (0..random.below(4)).map(|_| value(random, element)).collect(),
    }
}

fn labels(random: &mut Random, with_nulls: bool) -> Value {
    let mut labels = Object::new();
    for name in ["a", "b", "newleaf.dev/c", "$d"] {
        let value = if with_nulls && random.one_in(4) { Value::Null } else { (*random.choose(&["x", "y"])).into() };
        if random.one_in(2) {
            labels.insert(name.to_owned(), value);
        }
    }
    labels.into()
}

/// Elements with different keys, as the API server wants them; one in twelve lists has a key twice.
fn keyed(random: &mut Random, key: &str, fields: &Fields) -> Value {
    let twice = random.one_in(12);
    let mut elements: Vec<Value> = Vec::new();
    for _ in 0..random.below(5) {
        let mut element = object(random, fields, 1);
        element.insert(key.to_owned(), value(random, shape_of(fields, key)));
        if twice || !elements.iter().any(|other| other.get(key) == element.get(key)) {
            elements.push(element.into());
        }
    }
    elements.into()
}

fn shape_of<'a>(fields: &'a Fields, name: &str) -> &'a Shape {
    &fields.iter().find(|(field, _)| *field == name).expect("the key is one of the fields").1
}

/// Makes a patch.
struct Patch<'a> {
    random: &'a mut Random,
    careless: bool,
}

impl Patch<'_> {
    /// Sometimes, in a careless patch.
    fn slips(&mut self, one_in: usize) -> bool {
        self.careless && self.random.one_in(one_in)
    }

    fn map(&mut self, fields: &Fields, depth: usize) -> Value {
        let mut patch = Object::new();
        for (name, shape) in fields {
            if self.random.one_in(if depth < 3 { 2 } else { 3 }) {
                let value = self.field(&mut patch, name, shape, depth);
                patch.insert((*name).to_owned(), value);
            }
        }
        if depth > 1 && self.random.one_in(25) {
            let words: &[&str] = if self.slips(3) { &["merge", "remove", ""] } else { &["replace", "delete"] };
            patch.insert("$patch".to_owned(), (*self.random.choose(words)).into());
        }
        if self.random.one_in(20) {
            let retained = self.retained(&patch, fields);
            patch.insert("$retainKeys".to_owned(), retained);
        }
        patch.into()
    }

    fn retained(&mut self, patch: &Object<String, Value>, fields: &Fields) -> Value {
        let mut retained: Vec<Value> =
            patch.keys().filter(|key| !key.starts_with('$')).map(|key| key.as_str().into()).collect();
        retained.extend(fields.iter().filter(|_| self.random.one_in(3)).map(|(name, _)| Value::from(*name)));
        if self.slips(4) {
            retained.pop();
            return if self.random.one_in(3) { "all".into() } else { retained.into() };
        }
        retained.into()
    }

    /// The value of a field; directives about it go into the map beside it.
    fn field(&mut self, beside: &mut Object<String, Value>, name: &str, shape: &Shape, depth: usize) -> Value {
        if self.random.one_in(12) {
            return Value::Null;
        }
        if self.slips(30) {
            return self
                .random
                .choose(&[json!("text"), json!(7), json!([]), json!({}), json!(["x"]), json!({"y": 1})])
                .clone();
        }
        match shape {
            Shape::Map(fields) => self.map(fields, depth + 1),
            Shape::Labels => labels(self.random, true),
            Shape::Keyed(key, fields) => {
                let (list, others) = (self.keyed(key, fields, depth), value(self.random, shape));
                self.order(beside, name, &list, |element| json!({*key: element.get(*key)}), &others);
                list
            }
            Shape::Set(texts) => {
                let list =
                    Value::from((0..self.random.below(4)).map(|_| *self.random.choose(texts)).collect::<Vec<_>>());
                let (others, deleted) = (value(self.random, shape), value(self.random, shape));
                self.order(beside, name, &list, Value::clone, &others);
                self.delete(beside, name, &list, &deleted);
                list
            }
            Shape::Whole(element) => {
                let mut list: Vec<Value> = (0..self.random.below(3)).map(|_| self.element(element, depth)).collect();
                if self.slips(30) {
                    list.push(json!({"$patch": "delete", "key": "a"}));
                }
                if self.slips(20) {
                    let others = value(self.random, shape);
                    self.delete(beside, name, &Value::Null, &others);
                }
                list.into()
            }
            Shape::Text(_) | Shape::Number(_) | Shape::Flag => value(self.random, shape),
        }
    }

    fn element(&mut self, shape: &Shape, depth: usize) -> Value {
        if let Shape::Map(fields) = shape
            && self.random.one_in(4)
        {
            return self.map(fields, depth + 1);
        }
        value(self.random, shape)
    }

    fn keyed(&mut self, key: &str, fields: &Fields, depth: usize) -> Value {
        let mut elements = Vec::new();
        for _ in 0..self.random.below(5) {
            let Value::Object(mut element) = self.map(fields, depth + 2) else { continue };
            element.remove("$patch");
            element.insert(key.to_owned(), value(self.random, shape_of(fields, key)));
            if self.random.one_in(5) {
                let only_the_key = self.random.one_in(2);
                element.retain(|name, _| name == key || !only_the_key);
                element.insert("$patch".to_owned(), "delete".into());
            }
            if self.slips(40) {
                element.insert(key.to_owned(), Value::Null);
            }
            if self.slips(40) {
                element.remove(key);
            }
            elements.push(element.into());
        }
        if self.random.one_in(25) {
            let word = if self.slips(3) { "merge" } else { "replace" };
            elements.insert(self.random.below(elements.len() + 1), json!({"$patch": word}));
        }
        if self.slips(60) {
            elements.push((*self.random.choose(&["text"])).into());
        }
        elements.into()
    }

    /// `$setElementOrder`: what the list sets, in its order, among others; sometimes in another.
    fn order(
        &mut self,
        beside: &mut Object<String, Value>,
        name: &str,
        list: &Value,
        shown: impl Fn(&Value) -> Value,
        others: &Value,
    ) {
        if !self.random.one_in(6) {
            return;
        }
        let is_set = |value: &&Value| value.get("$patch").is_none();
        let mut order: Vec<Value> = list.as_array().into_iter().flatten().filter(is_set).map(&shown).collect();
        for other in others.as_array().into_iter().flatten().map(&shown) {
            if !order.contains(&other) {
                order.insert(self.random.below(order.len() + 1), other);
            }
        }
        order.dedup();
        if self.slips(4) {
            self.random.shuffle(&mut order);
        }
        if self.slips(15) {
            order.clear();
        }
        beside.insert(format!("$setElementOrder/{name}"), order.into());
    }

    /// `$deleteFromPrimitiveList`: texts that the list does not set.
    fn delete(&mut self, beside: &mut Object<String, Value>, name: &str, list: &Value, others: &Value) {
        if !self.random.one_in(3) {
            return;
        }
        let mut deleted = others.as_array().cloned().unwrap_or_default();
        if !self.slips(5) {
            let list = list.as_array().cloned().unwrap_or_default();
            deleted.retain(|text| !list.contains(text));
        }
        let separator = if self.slips(20) { "" } else { "/" };
        let deleted = if self.slips(20) { Value::Null } else { deleted.into() };
        beside.insert(format!("$deleteFromPrimitiveList{separator}{name}"), deleted);
    }
}
