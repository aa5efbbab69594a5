//! The parts of a template that are Helm's: values, conditions, and lines with their tokens replaced.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::json;

use crate::export::helm::choices::{ValueChoice, choices, fields};
use crate::export::helm::offers::{FreeText, ItemForm, OfferedValue, ValueForm};
use crate::export::helm::template::CHECKSUM;
use crate::export::helm::tokens::{Piece, pieces};

/// What the values of a chart are.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChartValues<'a> {
    /// The offers.
    pub(super) offers: &'a [OfferedValue],
    /// The default of each text that has one.
    pub(super) defaults: &'a [Option<String>],
    /// The forms of the item that a loop is at.
    pub(super) item: Option<&'static [ItemForm]>,
}

impl ChartValues<'_> {
    /// Whether an offer has one of these choices.
    pub(super) fn condition(&self, offer: usize, chosen: &BTreeSet<usize>) -> String {
        let path = self.path(offer);
        let known = self.offers.get(offer).map(choices).unwrap_or_default();
        let chosen: Vec<ValueChoice> = chosen.iter().filter_map(|choice| known.get(*choice).copied()).collect();
        if known.len() == 2 && known.contains(&ValueChoice::Given) {
            return if chosen == [ValueChoice::Given] { path } else { format!("not {path}") };
        }
        let mut words: Vec<String> = Vec::new();
        for choice in chosen {
            match choice {
                ValueChoice::Word(word) => words.push(json!(word).to_string()),
                ValueChoice::Absent => words.push("\"<nil>\"".to_owned()),
                ValueChoice::Given => {}
            }
            if known.first() == Some(&choice) && matches!(choice, ValueChoice::Word(_)) {
                words.push("\"<nil>\"".to_owned());
            }
        }
        match words.as_slice() {
            [word] => format!("eq (toString {path}) {word}"),
            words => format!("has (toString {path}) (list {})", words.join(" ")),
        }
    }

    /// A value of the chart; nothing where a map above it is not there.
    pub(super) fn path(&self, offer: usize) -> String {
        let path = self.offers.get(offer).map_or("", |offer| offer.path);
        let keys: Vec<&str> = path.split('.').collect();
        let Some((last, above)) = keys.split_last() else { return String::new() };
        let above = above.iter().fold("$.Values".to_owned(), |path, key| format!("({path}.{key})"));
        format!("{above}.{last}")
    }

    /// A line with actions in the place of its tokens. A text is quoted where YAML could take it for something else: not in a text that is
    /// YAML itself, whose texts the schema keeps plain.
    pub(super) fn line(&self, line: &str, is_document: bool) -> String {
        let parts = pieces(line);
        let count = parts.len();
        let mut text = String::new();
        for (index, piece) in parts.into_iter().enumerate() {
            let before = text.trim_end();
            let is_whole = index.saturating_add(1) == count
                && (before.is_empty()
                    || (before.len() < text.len() && (before.ends_with(':') || before.ends_with('-'))));
            let (expression, is_text) = match piece {
                Piece::Literal(literal) => {
                    text.push_str(&literal.replace("{{", "{{ \"{{\" }}"));
                    continue;
                }
                Piece::Namespace => ("$.Release.Namespace".to_owned(), true),
                Piece::Checksum => (format!("include \"{CHECKSUM}\" $"), true),
                Piece::Value(offer) => (self.value(offer), true),
                Piece::Field(form, field) => (self.field(form, field), true),
                Piece::Place(offset, digits) => (format!("add $index {offset} | printf \"%0{digits}d\""), false),
            };
            let quote = if is_whole && is_text && !is_document { " | quote" } else { "" };
            let _ = write!(text, "{{{{ {expression}{quote} }}}}");
        }
        text
    }

    fn value(&self, offer: usize) -> String {
        let path = self.path(offer);
        let is_number = matches!(
            self.offers.get(offer).map(|offer| offer.form),
            Some(
                ValueForm::Text(FreeText { is_number: true, .. })
                    | ValueForm::Given { text: FreeText { is_number: true, .. }, .. }
            )
        );
        let text = if is_number { " | toString" } else { "" };
        match self.defaults.get(offer).and_then(Option::as_ref) {
            Some(default) => format!("{path} | default {}{text}", json!(default)),
            None => format!("{path}{text}"),
        }
    }

    /// A field of the item that a loop is at.
    pub(super) fn field(&self, form: usize, field: usize) -> String {
        let form = self.item.and_then(|forms| forms.get(form));
        let name = form.and_then(|form| fields(form).get(field).copied()).unwrap_or_default();
        if name.is_empty() { "$item".to_owned() } else { format!("$item.{name}") }
    }
}

/// Neighbours under the same condition stand under it together.
pub(super) fn joined(lines: Vec<String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut closed: Option<String> = None;
    for line in lines {
        let before = closed.take();
        if line.starts_with("{{- if ") || line.starts_with("{{- range ") || line.starts_with("{{- define ") {
            if before.as_ref() == Some(&line) {
                all.pop();
                open.push((line, false));
                continue;
            }
            open.push((line.clone(), false));
        } else if line.starts_with("{{- else") {
            if let Some((_, has_else)) = open.last_mut() {
                *has_else = true;
            }
        } else if line == "{{- end }}" {
            closed = open
                .pop()
                .filter(|(start, has_else)| start.starts_with("{{- if ") && !has_else)
                .map(|(start, _)| start);
        }
        all.push(line);
    }
    all
}
