//! YAML as a tree, with line and column of every value. Bounded in size, depth and what aliases make of it.

use std::cell::Cell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
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
/// The most levels of lists and maps, with aliases written out. A Deployment has fifteen; the stack of a thread holds sixty.
const LEVELS_MAX: usize = 32;

thread_local! {
    /// The level that is being read: the library counts levels before it writes aliases out, and hands nothing down.
    static LEVEL: Cell<usize> = const { Cell::new(0) };
}

/// Reads one YAML document. Repeated keys are errors; the error names line and column.
pub fn parse(text: &str, origin: &Origin) -> Result<Tree, LayerError> {
    if text.len() > TEXT_MAX {
        return Err(LayerError { origin: origin.clone(), path: FieldPath::default(), problem: too_large() });
    }
    // The library counts bytes after a byte order mark.
    let source = YamlText { text: text.trim_start_matches('\u{feff}'), origin };
    match serde_saphyr::from_str_with_options::<Spanned<Written>>(source.text, options()) {
        Ok(written) => Ok(source.tree(written)),
        Err(error) => Err(source.refuse(&error)),
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        with_snippet: false,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        budget: serde_saphyr::budget! { max_depth: LEVELS_MAX, max_nodes: VALUES_MAX },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: VALUES_MAX },
    }
}

fn too_large() -> String {
    format!("it is too large: at most {LEVELS_MAX} levels, {VALUES_MAX} values with aliases written out, and 1 MiB")
}

/// The text that is read, and where it was given.
struct YamlText<'a> {
    text: &'a str,
    origin: &'a Origin,
}

impl YamlText<'_> {
    fn tree(&self, written: Spanned<Written>) -> Tree {
        let Spanned { value, referenced, defined } = written;
        let plain = |text: String, meaning| TreeValue::Plain { text: self.text_at(&defined).unwrap_or(text), meaning };
        let value = match value {
            Written::Null => TreeValue::Null,
            Written::Text(text) => TreeValue::Text(text),
            Written::Bool(value) => plain(value.to_string(), Meaning::Bool(value)),
            Written::Number(number) => plain(number.to_string(), Meaning::Number(number)),
            Written::Infinite(number) => TreeValue::Text(self.text_at(&defined).unwrap_or(number.to_string())),
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
    fn text_at(&self, location: &Location) -> Option<String> {
        let span = location.span();
        let start = usize::try_from(span.byte_offset()?).ok()?;
        let length = usize::try_from(span.byte_len()?).ok()?;
        let written = self.text.get(start..start.checked_add(length)?)?;
        Some(written.trim().to_owned())
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
    if let Error::RecursiveReferencesRequireWeakTypes { .. } = error {
        return "an alias stands inside of what it stands for".to_owned();
    }
    let text = error.to_string();
    match text.split(" at line ").next().unwrap_or_default().trim_end_matches('.') {
        // The parser's own limit, where it looks ahead.
        "recursion limit exceeded" => too_large(),
        text => text.to_owned(),
    }
}

/// A value as the library reads it.
enum Written {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    /// No number of JSON: `.inf`, `.nan` and `1e999`.
    Infinite(f64),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<String>, Spanned<Self>)>),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let level = LEVEL.get();
        if level > LEVELS_MAX {
            return Err(D::Error::custom(too_large()));
        }
        LEVEL.set(level + 1);
        let written = deserializer.deserialize_any(WrittenVisitor);
        LEVEL.set(level);
        written
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
            None => Ok(Written::Infinite(value)),
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
