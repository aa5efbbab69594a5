//! YAML as a tree, with line and column of every value. Bounded in size, depth and what aliases make of it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::{Error, Location, NonFiniteFloatPolicy, Options, Spanned};

use crate::layers::error::LayerError;
use crate::layers::origin::Origin;
use crate::layers::path::FieldPath;
use crate::layers::tree::{Branch, Meaning, Tree, TreeValue};

/// The longest text, in bytes: what etcd holds of one object. A configuration with a hundred consumers has 20 KiB.
const TEXT_MAX: usize = 1 << 20;
/// The most values of one text, and the most that aliases write out.
const VALUES_MAX: usize = 100_000;
/// The most lists and maps inside of each other. A Pod has a dozen.
const DEPTH_MAX: usize = 64;

/// Reads one YAML document. Repeated keys are errors; the error names line and column.
pub fn parse(text: &str, origin: &Origin) -> Result<Tree, LayerError> {
    if text.len() > TEXT_MAX {
        return Err(LayerError { origin: origin.clone(), path: FieldPath::default(), problem: too_large() });
    }
    // The library counts bytes after a byte order mark.
    let source = Source { text: text.trim_start_matches('\u{feff}'), origin };
    match serde_saphyr::from_str_with_options::<Spanned<Written>>(source.text, options()) {
        Ok(written) => Ok(source.tree(written)),
        Err(error) => Err(source.refuse(&error)),
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        with_snippet: false,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        budget: serde_saphyr::budget! { max_depth: DEPTH_MAX, max_nodes: VALUES_MAX },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: VALUES_MAX },
    }
}

fn too_large() -> String {
    format!("it is too large: at most {DEPTH_MAX} levels, {VALUES_MAX} values with aliases written out, and 1 MiB")
}

/// The text that is read, and where it was given.
struct Source<'a> {
    text: &'a str,
    origin: &'a Origin,
}

impl Source<'_> {
    fn tree(&self, written: Spanned<Written>) -> Tree {
        let Spanned { value, referenced, defined } = written;
        let plain = |meaning| TreeValue::Plain { text: self.text_of(&defined, &meaning), meaning };
        let value = match value {
            Written::Null => TreeValue::Null,
            Written::Text(text) => TreeValue::Text(text),
            Written::Bool(value) => plain(Meaning::Bool(value)),
            Written::Number(number) => plain(Meaning::Number(number)),
            Written::List(items) => TreeValue::List(items.into_iter().map(|item| self.tree(item)).collect()),
            Written::Map(entries) => TreeValue::Map(
                entries.into_iter().map(|(key, value)| (key.value, self.branch(&key.referenced, value))).collect(),
            ),
        };
        Tree::new(value, self.origin_at(&referenced))
    }

    fn branch(&self, key: &Location, value: Spanned<Written>) -> Branch {
        Branch { key: self.origin_at(key), tree: self.tree(value) }
    }

    fn origin_at(&self, location: &Location) -> Origin {
        self.origin.at(location.line(), location.column())
    }

    /// A value without quotes as it was written: `0600` is text for a field that takes text.
    fn text_of(&self, location: &Location, meaning: &Meaning) -> String {
        let span = location.span();
        let start = span.byte_offset().and_then(|start| usize::try_from(start).ok());
        let length = span.byte_len().and_then(|length| usize::try_from(length).ok());
        let written = match (start, length) {
            (Some(start), Some(length)) => self.text.get(start..start.saturating_add(length)),
            _ => None,
        };
        match (written, meaning) {
            (Some(written), _) => written.trim().to_owned(),
            (None, Meaning::Bool(value)) => value.to_string(),
            (None, Meaning::Number(number)) => number.to_string(),
        }
    }

    fn refuse(&self, error: &Error) -> LayerError {
        let problem = problem(error);
        let (origin, problem) = match (error.location(), self.origin) {
            (None, _) => (self.origin.clone(), problem),
            (Some(location), Origin::File { .. }) => (self.origin_at(&location), problem),
            (Some(location), Origin::Default | Origin::Variable(_) | Origin::Flag(_)) => {
                let place = format!("line {}, column {}", location.line(), location.column());
                (self.origin.clone(), format!("{place}: {problem}"))
            }
        };
        LayerError { origin, path: FieldPath::default(), problem }
    }
}

/// What is wrong, without its place and without the library's own advice.
fn problem(error: &Error) -> String {
    if let Error::AliasError { error, .. } = error {
        return problem(error);
    }
    if let Error::DuplicateMappingKey { key: Some(key), .. } = error {
        return format!("duplicate key {key}");
    }
    if let Error::MultipleDocuments { .. } = error {
        return "it holds more than one document".to_owned();
    }
    if let Error::Budget { .. }
    | Error::AliasReplayLimitExceeded { .. }
    | Error::AliasExpansionLimitExceeded { .. }
    | Error::AliasReplayStackDepthExceeded { .. } = error
    {
        return too_large();
    }
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().trim_end_matches('.').to_owned()
}

/// A value as the library reads it.
enum Written {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<String>, Spanned<Self>)>),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor)
    }
}

struct WrittenVisitor;

impl<'de> Visitor<'de> for WrittenVisitor {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Written, E> {
        Ok(Written::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Written, E> {
        Ok(Written::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Written, E> {
        Ok(Written::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Written, E> {
        Ok(Written::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Written, E> {
        match Number::from_f64(value) {
            Some(number) => Ok(Written::Number(number)),
            None => Ok(Written::Text(value.to_string())),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Written, E> {
        Ok(Written::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Written, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Written::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Written, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Written::Map(entries))
    }
}
