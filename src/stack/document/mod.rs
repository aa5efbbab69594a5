//! The document `kind: Stack` as it is written: typed, and all of it may be left out. Layers are merged before; one value is read.
//!
//! | File | Subject |
//! |---|---|
//! | [`stack`] | the whole document |
//! | [`backstage`], [`database`], [`rotation`], [`network`], [`features`], [`operations`] | its sections |
//! | [`shape`] | what the schema says about a value: unknown keys with the nearest known one, wrong types, wrong words |

pub mod backstage;
pub mod database;
pub mod features;
pub mod network;
pub mod operations;
pub mod rotation;
pub mod shape;
pub mod stack;

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Number, Value};

use crate::problem::Problem;
pub use stack::StackDocument;

/// A text, a number or a truth value: YAML reads `17`, `on` and `10Gi` as it likes, and all of them mean text here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` and `false`, which PostgreSQL calls `on` and `off`.
    Switch(bool),
    /// A number.
    Number(Number),
    /// Anything else.
    Text(String),
}

impl Scalar {
    /// As text.
    pub fn text(&self) -> String {
        match self {
            Self::Switch(true) => "on".to_owned(),
            Self::Switch(false) => "off".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

/// A key of a Secret or of a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyReference {
    /// The object.
    pub name: String,
    /// The key in it.
    pub key: String,
}

/// Made once.
static SCHEMA: LazyLock<schemars::Schema> = LazyLock::new(|| {
    let mut schema = schemars::schema_for!(StackDocument);
    schema.insert("$id".to_owned(), "https://newleaf.dev/v1alpha1/stack.schema.json".into());
    schema
});

/// The JSON Schema of the document.
pub fn schema() -> &'static schemars::Schema {
    &SCHEMA
}

/// Reads a document that has been merged. All problems of its shape are found at once; nothing at all is a document.
pub fn read(value: &Value) -> Result<StackDocument, Vec<Problem>> {
    if value.is_null() {
        return Ok(StackDocument::default());
    }
    let problems = shape::problems(value, SCHEMA.as_value());
    if !problems.is_empty() {
        return Err(problems);
    }
    serde_json::from_value(value.clone()).map_err(|error| {
        let limits = "not what the schema of the document describes";
        vec![Problem::new("the document", &error.to_string(), limits, "compare it with the schema")]
    })
}

/// Reads a document from one text.
pub fn parse(text: &str) -> Result<StackDocument, Vec<Problem>> {
    let options = serde_saphyr::options! { with_snippet: false };
    let value: Option<Value> = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = match error.location() {
            Some(location) => format!("line {}, column {}", location.line(), location.column()),
            None => "the document".to_owned(),
        };
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default().trim_end_matches('.').to_owned();
        vec![Problem::new(&place, "not readable", &said, "write one YAML document with unique keys")]
    })?;
    read(&value.unwrap_or_default())
}
