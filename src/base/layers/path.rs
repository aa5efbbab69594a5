//! Where a value stands in a document: `leaf.rotateAfter`, `server.names[0]`, `metadata.labels["app.kubernetes.io/name"]`.

use std::fmt;
use std::str::FromStr;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A key of a map.
    Name(String),
    /// A place in a list, counted from 0.
    Index(usize),
}

/// Where a value stands in a document. The empty path is the document itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(Vec<Segment>);

/// Why a text is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a path is names with `.` between them, `[0]` for a place in a list, and [\"a.b\"] for a name with other characters"
)]
pub struct NotAPath;

impl FieldPath {
    /// The steps from the document to the value.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether it is the document itself.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The path of a value below this one.
    #[must_use]
    pub fn child(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The path of a key of this map.
    #[must_use]
    pub fn name(&self, name: &str) -> Self {
        self.child(Segment::Name(name.to_owned()))
    }

    /// The path without the numbers of its places in lists: `consumers[].name`.
    pub fn pattern(&self) -> String {
        let mut text = String::new();
        for segment in &self.0 {
            match segment {
                Segment::Name(name) => push_name(&mut text, name),
                Segment::Index(_) => push_bracketed(&mut text, ""),
            }
        }
        text
    }
}

impl From<Vec<Segment>> for FieldPath {
    fn from(segments: Vec<Segment>) -> Self {
        Self(segments)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for segment in &self.0 {
            match segment {
                Segment::Name(name) => push_name(&mut text, name),
                Segment::Index(index) => push_bracketed(&mut text, &index.to_string()),
            }
        }
        f.write_str(&text)
    }
}

fn push_name(text: &mut String, name: &str) {
    if name.is_empty() || !name.chars().all(is_plain) {
        return push_bracketed(text, &serde_json::Value::from(name).to_string());
    }
    if !text.is_empty() {
        text.push('.');
    }
    text.push_str(name);
}

fn push_bracketed(text: &mut String, inside: &str) {
    text.push('[');
    text.push_str(inside);
    text.push(']');
}

/// Whether a name may hold this character without brackets and quotes.
fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || "-_/$".contains(character)
}

impl FromStr for FieldPath {
    type Err = NotAPath;

    fn from_str(text: &str) -> Result<Self, NotAPath> {
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (segment, tail) = match rest.strip_prefix('[') {
                Some(inside) => bracketed(inside)?,
                None => named(rest, segments.is_empty())?,
            };
            segments.push(segment);
            rest = tail;
        }
        Ok(Self(segments))
    }
}

/// A name up to the next `.` or `[`.
fn named(rest: &str, is_first: bool) -> Result<(Segment, &str), NotAPath> {
    let rest = if is_first { rest } else { rest.strip_prefix('.').ok_or(NotAPath)? };
    let end = rest.find(|character| !is_plain(character)).unwrap_or(rest.len());
    let (name, tail) = rest.split_at(end);
    if name.is_empty() { Err(NotAPath) } else { Ok((Segment::Name(name.to_owned()), tail)) }
}

/// What stands after an opening bracket: `0]` or `"a.b"]`, written as JSON writes a text.
fn bracketed(inside: &str) -> Result<(Segment, &str), NotAPath> {
    if inside.starts_with('"') {
        let mut texts = serde_json::Deserializer::from_str(inside).into_iter::<String>();
        let Some(Ok(name)) = texts.next() else { return Err(NotAPath) };
        let tail = inside.get(texts.byte_offset()..).unwrap_or_default();
        return Ok((Segment::Name(name), tail.strip_prefix(']').ok_or(NotAPath)?));
    }
    let (digits, tail) = inside.split_once(']').ok_or(NotAPath)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse() {
        Ok(index) if is_number => Ok((Segment::Index(index), tail)),
        Ok(_) | Err(_) => Err(NotAPath),
    }
}
