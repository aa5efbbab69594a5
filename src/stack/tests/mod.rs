//! Whole documents, from their text to their objects. What must hold is tested, not the text that comes out.

mod app_config;
mod backstage;
mod bad_documents;
mod certificates;
mod checks;
mod combinations;
mod database;
mod documents;
mod hostile;
mod network;
mod operations;
mod pairwise;
mod policies;
mod probes;
mod render;

use serde_json::Value;

use crate::document;
use crate::object::{Object, Phase};
use crate::policies::{Rendered, Violation, external, inspect};
use crate::problem::Problem;
use crate::render::render;
use crate::settings::Settings;

fn settings(text: &str) -> Settings {
    let document = document::parse(text).unwrap_or_else(|problems| panic!("{text}\n{problems:?}"));
    Settings::of(&document).unwrap_or_else(|problems| panic!("{text}\n{problems:?}"))
}

fn problems(text: &str) -> Vec<Problem> {
    match document::parse(text) {
        Ok(document) => Settings::of(&document).expect_err(text),
        Err(problems) => problems,
    }
}

fn objects(text: &str) -> Vec<Object> {
    render(&settings(text))
}

fn violations(settings: &Settings, objects: &[Object]) -> Vec<Violation> {
    inspect(Rendered { objects, external: &external(settings) })
}

fn find<'a>(objects: &'a [Object], kind: &str, name: &str) -> &'a Object {
    let found = objects.iter().find(|object| object.kind() == kind && object.name() == name);
    found.unwrap_or_else(|| panic!("no {kind} {name}"))
}

fn has(objects: &[Object], kind: &str, name: &str) -> bool {
    objects.iter().any(|object| object.kind() == kind && object.name() == name)
}

/// What stands below a path; null where nothing does.
fn at<'a>(object: &'a Object, pointer: &str) -> &'a Value {
    object.value().pointer(pointer).unwrap_or(&Value::Null)
}

fn pod<'a>(object: &'a Object, pointer: &str) -> &'a Value {
    at(object, &format!("/spec/template/spec{pointer}"))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
