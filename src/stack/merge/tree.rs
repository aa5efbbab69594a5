//! A document in which every value knows where it came from.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use super::path::{Path, PathStep};

/// A value and its origin. What an origin is, for example a file with line and column, is up to the caller; merging only
/// carries it along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeTree<O> {
    /// Where the value came from. Of a map or a list that several layers share, the origin of the first of them.
    pub origin: O,
    /// The value.
    pub content: Content<O>,
}

/// A value of JSON, with trees inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<O> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number; 1 and 1.0 are two, as for Kubernetes.
    Number(Number),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<MergeTree<O>>),
    /// A map.
    Map(Map<O>),
}

/// The keys of a map with their values.
pub type Map<O> = BTreeMap<String, MergeTree<O>>;

impl<O: Clone> MergeTree<O> {
    /// A document of one layer: each value has the same origin.
    pub fn from_value(value: Value, origin: &O) -> Self {
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(is) => Content::Bool(is),
            Value::Number(number) => Content::Number(number),
            Value::String(text) => Content::Text(text),
            Value::Array(values) => {
                Content::List(values.into_iter().map(|value| Self::from_value(value, origin)).collect())
            }
            Value::Object(fields) => {
                Content::Map(fields.into_iter().map(|(key, value)| (key, Self::from_value(value, origin))).collect())
            }
        };
        Self { origin: origin.clone(), content }
    }
}

impl<O> MergeTree<O> {
    /// A map.
    pub const fn map(origin: O, fields: Map<O>) -> Self {
        Self { origin, content: Content::Map(fields) }
    }

    /// A list.
    pub const fn list(origin: O, elements: Vec<Self>) -> Self {
        Self { origin, content: Content::List(elements) }
    }

    /// The value without origins.
    pub fn to_value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(is) => Value::Bool(*is),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(elements) => Value::Array(elements.iter().map(Self::to_value).collect()),
            Content::Map(fields) => {
                Value::Object(fields.iter().map(|(key, value)| (key.clone(), value.to_value())).collect())
            }
        }
    }

    /// What is at a path.
    pub fn at(&self, path: &Path) -> Option<&Self> {
        let mut here = self;
        for step in path.steps() {
            here = match (step, &here.content) {
                (PathStep::Key(key), Content::Map(fields)) => fields.get(key)?,
                (PathStep::Index(index), Content::List(elements)) => elements.get(*index)?,
                _ => return None,
            };
        }
        Some(here)
    }

    /// The text at the keys, one in the other.
    pub fn text(&self, keys: &[&str]) -> Option<&str> {
        let path = keys.iter().map(|key| PathStep::Key((*key).to_owned())).collect();
        if let Content::Text(text) = &self.at(&path)?.content { Some(text) } else { None }
    }

    /// Every value that holds no others: scalars, and empty maps and lists.
    pub fn leaves(&self) -> Vec<(Path, &Self)> {
        let mut leaves = Vec::new();
        self.collect_leaves(&Path::root(), &mut leaves);
        leaves
    }

    /// Whether it is neither a map nor a list.
    pub const fn is_scalar(&self) -> bool {
        !matches!(self.content, Content::Map(_) | Content::List(_))
    }

    /// Whether it is `null`.
    pub const fn is_null(&self) -> bool {
        matches!(self.content, Content::Null)
    }

    fn collect_leaves<'a>(&'a self, here: &Path, leaves: &mut Vec<(Path, &'a Self)>) {
        match &self.content {
            Content::Map(fields) if !fields.is_empty() => {
                for (key, value) in fields {
                    value.collect_leaves(&here.key(key), leaves);
                }
            }
            Content::List(elements) if !elements.is_empty() => {
                for (index, element) in elements.iter().enumerate() {
                    element.collect_leaves(&here.index(index), leaves);
                }
            }
            Content::Map(_)
            | Content::List(_)
            | Content::Null
            | Content::Bool(_)
            | Content::Number(_)
            | Content::Text(_) => leaves.push((here.clone(), self)),
        }
    }
}
