//! A tree of values, each with its origin.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Number, Value};

use crate::layers::origin::Origin;
use crate::layers::path::{FieldPath, Segment};

/// A value and everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    pub value: TreeValue,
    pub origin: Origin,
    /// Where the values were given that it replaced, the lowest first.
    pub overridden: Vec<Origin>,
}

/// What stands at one place of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeValue {
    /// Nothing: it deletes what a lower layer gives.
    Null,
    Text(String),
    /// What means more than its text, as `true` and `0600` without quotes. It stays text for a field that takes text.
    Plain {
        /// As it was written.
        text: String,
        /// What YAML makes of it.
        meaning: Meaning,
    },
    List(Vec<Tree>),
    Map(BTreeMap<String, Branch>),
}

/// What YAML makes of a value without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Yes or no.
    Bool(bool),
    Number(Number),
}

/// One entry of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Where its key stands.
    pub key: Origin,
    /// Its value.
    pub tree: Tree,
}

impl Default for TreeValue {
    /// An empty map: a layer that gives nothing.
    fn default() -> Self {
        Self::Map(BTreeMap::new())
    }
}

impl Tree {
    /// A value from one place.
    pub const fn new(value: TreeValue, origin: Origin) -> Self {
        Self { value, origin, overridden: Vec::new() }
    }

    /// A layer of typed defaults.
    pub fn of(value: &impl Serialize, origin: &Origin) -> Result<Self, serde_json::Error> {
        Ok(Self::of_json(serde_json::to_value(value)?, origin))
    }

    fn of_json(value: Value, origin: &Origin) -> Self {
        let value = match value {
            Value::Null => TreeValue::Null,
            Value::Bool(value) => TreeValue::Plain { text: value.to_string(), meaning: Meaning::Bool(value) },
            Value::Number(number) => TreeValue::Plain { text: number.to_string(), meaning: Meaning::Number(number) },
            Value::String(text) => TreeValue::Text(text),
            Value::Array(values) => {
                TreeValue::List(values.into_iter().map(|value| Self::of_json(value, origin)).collect())
            }
            Value::Object(values) => {
                let branch = |value| Branch { key: origin.clone(), tree: Self::of_json(value, origin) };
                TreeValue::Map(values.into_iter().map(|(key, value)| (key, branch(value))).collect())
            }
        };
        Self::new(value, origin.clone())
    }

    /// A layer that gives this value alone, as the key `name` of a map.
    #[must_use]
    pub fn below(self, name: &str) -> Self {
        let origin = self.origin.clone();
        let branch = Branch { key: origin.clone(), tree: self };
        Self::new(TreeValue::Map([(name.to_owned(), branch)].into()), origin)
    }

    /// The value at a path, if one is given there.
    pub fn get(&self, path: &FieldPath) -> Option<&Self> {
        let mut tree = self;
        for segment in path.segments() {
            tree = tree.child(segment)?;
        }
        if tree.value == TreeValue::Null { None } else { Some(tree) }
    }

    /// The value at a path that is written out, as `leaf.rotateAfter`.
    pub fn find(&self, path: &str) -> Option<&Self> {
        self.get(&path.parse().ok()?)
    }

    pub(super) fn child(&self, segment: &Segment) -> Option<&Self> {
        match (&self.value, segment) {
            (TreeValue::Map(branches), Segment::Name(name)) => branches.get(name).map(|branch| &branch.tree),
            (TreeValue::List(items), Segment::Index(index)) => items.get(*index),
            _ => None,
        }
    }

    /// The text of a value that is neither list nor map.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            TreeValue::Text(text) | TreeValue::Plain { text, .. } => Some(text),
            TreeValue::Null | TreeValue::List(_) | TreeValue::Map(_) => None,
        }
    }

    /// The values of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            TreeValue::List(items) => items,
            TreeValue::Null | TreeValue::Text(_) | TreeValue::Plain { .. } | TreeValue::Map(_) => &[],
        }
    }

    /// Every key of a map and every value of a list, at any depth: its path, where it stands, and its value.
    pub fn places(&self) -> Vec<(FieldPath, &Origin, &Self)> {
        let mut places = Vec::new();
        self.collect_places(&FieldPath::default(), &mut places);
        places
    }

    fn collect_places<'a>(&'a self, path: &FieldPath, places: &mut Vec<(FieldPath, &'a Origin, &'a Self)>) {
        match &self.value {
            TreeValue::Null | TreeValue::Text(_) | TreeValue::Plain { .. } => {}
            TreeValue::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let path = path.child(Segment::Index(index));
                    places.push((path.clone(), &item.origin, item));
                    item.collect_places(&path, places);
                }
            }
            TreeValue::Map(branches) => {
                for (name, branch) in branches {
                    let path = path.name(name);
                    places.push((path.clone(), &branch.key, &branch.tree));
                    branch.tree.collect_places(&path, places);
                }
            }
        }
    }
}
