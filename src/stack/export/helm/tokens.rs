//! Texts that occur nowhere else: they stand for values while the model renders, and for templates until those are written. Each
//! is a name that every kind of value admits: lower-case letters and digits.

use serde_json::Value;

/// Stands for the namespace.
pub(super) const NAMESPACE: &str = "zqnamespacezq";
/// Stands for the checksum of Backstage's configuration.
pub(super) const CHECKSUM: &str = "zqchecksumzq";
/// Each list is rendered with two copies of each item.
pub(super) const COPIES: [char; 2] = ['a', 'b'];

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// As it is.
    Literal(&'a str),
    /// The namespace of the release.
    Namespace,
    /// The checksum of Backstage's configuration.
    Checksum,
    /// The value of an offer.
    Value(usize),
    /// A field of an item of a list, by the numbers of its form and of the field.
    Field(usize, usize),
    /// The place of an item in its list, plus an offset, in so many digits.
    Place(usize, usize),
}

/// Stands for the value of an offer.
pub(super) fn value(index: usize) -> String {
    format!("zqv{index:02}zq")
}

/// Stands for a field of an item of a list.
pub(super) fn item(index: usize, form: usize, copy: char, field: usize) -> String {
    format!("zqi{index:02}{copy}{form}{field}zq")
}

/// Stands for the place of an item in its list.
pub(super) fn place(offset: usize, digits: usize) -> String {
    format!("zqp{offset}{digits}zq")
}

/// Whether a copy of an item of a list is in a value.
pub(super) fn holds_item(value: &Value, index: usize, copy: char) -> bool {
    let start = format!("zqi{index:02}{copy}");
    any_text(value, &|text| text.contains(&start))
}

/// Whether a copy of an item of this form is in a value.
pub(super) fn holds_form(value: &Value, index: usize, form: usize, copy: char) -> bool {
    let start = format!("zqi{index:02}{copy}{form}");
    any_text(value, &|text| text.contains(&start))
}

/// Whether a text or a key of a value fits.
pub(super) fn any_text(value: &Value, holds: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => holds(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, holds)),
        Value::Object(map) => map.iter().any(|(key, item)| holds(key) || any_text(item, holds)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The pieces of a text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((start, length, piece)) = next(rest) {
        if start > 0 {
            pieces.extend(rest.get(..start).map(Piece::Literal));
        }
        pieces.push(piece);
        rest = rest.get(start.saturating_add(length)..).unwrap_or_default();
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

/// The next token of a text: where it begins, how long it is, and what it stands for.
fn next(text: &str) -> Option<(usize, usize, Piece<'static>)> {
    for (start, _) in text.match_indices("zq") {
        let rest = text.get(start..).unwrap_or_default();
        let inner = rest.get(2..).and_then(|rest| rest.split_once("zq")).map(|(inner, _)| inner);
        let Some(inner) = inner else { continue };
        let number = |from: usize, to: usize| inner.get(from..to).and_then(|digits| digits.parse::<usize>().ok());
        let piece = match inner.chars().next() {
            Some('n') if inner == "namespace" => Some(Piece::Namespace),
            Some('c') if inner == "checksum" => Some(Piece::Checksum),
            Some('v') => number(1, 3).map(Piece::Value),
            Some('i') => number(4, 5).zip(number(5, 6)).map(|(form, field)| Piece::Field(form, field)),
            Some('p') => number(1, 2).zip(number(2, 3)).map(|(offset, digits)| Piece::Place(offset, digits)),
            Some(_) | None => None,
        };
        if let Some(piece) = piece {
            return Some((start, inner.len().saturating_add(4), piece));
        }
    }
    None
}
