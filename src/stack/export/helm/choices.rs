//! A choice for each offered value, and the document that it makes.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::export::helm::offers::{FreeText, ItemForm, OFFERS, OfferedValue, ValueForm};
use crate::export::helm::prepared::rendered;
use crate::export::helm::tokens;
use crate::export::{ExportPart, ExportSource};

/// What an offered value is: as in a list of [`choices`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueChoice {
    /// It is left out.
    Absent,
    /// One of the words of the offer.
    Word(&'static str),
    /// Any other text, or a list that is not empty.
    Given,
}

/// A choice of each offer, by its number in [`choices`].
pub(super) type Choices = Vec<usize>;

/// What is tried for an offer; the first is what holds where nothing is said.
pub(super) fn choices(offer: &OfferedValue) -> Vec<ValueChoice> {
    match offer.form {
        // Its default is found out once.
        ValueForm::Text(_) => vec![ValueChoice::Given],
        ValueForm::Given { words, .. } => {
            let words = words.iter().map(|word| ValueChoice::Word(word));
            [ValueChoice::Absent].into_iter().chain(words).chain([ValueChoice::Given]).collect()
        }
        ValueForm::Words(words) => {
            let word =
                |word: &&'static str| if word.is_empty() { ValueChoice::Absent } else { ValueChoice::Word(word) };
            words.iter().map(word).collect()
        }
        ValueForm::Items(_) => vec![ValueChoice::Absent, ValueChoice::Given],
    }
}

/// A document with the offered values left out, and what of it the chart offers.
#[derive(Debug, Clone)]
pub(super) struct OfferedDocument {
    /// The offers that fit to the document.
    pub(super) offers: Vec<OfferedValue>,
    /// The document without them.
    pub(super) fixed: Value,
    /// What the document says for them, for the values of the chart.
    pub(super) said: Vec<Option<Value>>,
    /// What is rendered in the place of values, each with its token.
    pub(super) rendered: Vec<(String, String)>,
}

impl OfferedDocument {
    /// Of a stack. A value that the chart could not follow from what the document says now stays fixed.
    pub(super) fn of(source: &ExportSource<'_>, not_offered: &BTreeSet<&'static str>) -> Self {
        let mut fixed = source.document.clone();
        if !fixed.is_object() {
            fixed = Value::Object(Map::new());
        }
        let existing = fixed.pointer("/database/existing").is_some_and(|value| !value.is_null());
        let fits = |offer: &&OfferedValue| {
            let of_part = source.part == ExportPart::Stack || offer.path.starts_with("rotation.");
            let of_database = existing && (offer.path.starts_with("database.") || offer.path == "rotation.nudge");
            of_part && !of_database && !not_offered.contains(offer.path) && is_offered(offer, at(&fixed, offer.path))
        };
        let offers: Vec<OfferedValue> = OFFERS.iter().filter(fits).copied().collect();
        let said = offers.iter().map(|offer| at(&fixed, offer.path).cloned()).collect();
        for offer in &offers {
            set(&mut fixed, offer.path, None);
        }
        let rendered = rendered(&offers);
        Self { offers, fixed, said, rendered }
    }

    /// What holds where nothing is said.
    pub(super) fn first(&self) -> Choices {
        vec![0; self.offers.len()]
    }

    /// Choices in words, as far as they are not those that hold anyway.
    pub(super) fn shown(&self, chosen: &Choices) -> String {
        let word = |(offer, choice): (&OfferedValue, &usize)| match choices(offer).get(*choice) {
            Some(ValueChoice::Word(word)) => format!("{}={word}", offer.path),
            Some(ValueChoice::Given) => format!("{} given", offer.path),
            Some(ValueChoice::Absent) | None => format!("{} left out", offer.path),
        };
        let others = self.offers.iter().zip(chosen).filter(|(_, choice)| **choice != 0);
        others.map(word).collect::<Vec<_>>().join(", ")
    }

    /// The document with a choice for each offer. `without` is left out, whatever its choice.
    pub(super) fn document(&self, choices: &Choices, without: Option<usize>) -> Value {
        let mut document = self.fixed.clone();
        set(&mut document, "namespace", Some(Value::from(tokens::NAMESPACE)));
        for (index, offer) in self.offers.iter().enumerate() {
            let choice = choices.get(index).copied().unwrap_or_default();
            if without != Some(index) {
                set(&mut document, offer.path, value(index, offer, choice));
            }
        }
        document
    }
}

/// Whether what the document says is one of the values that the chart follows.
fn is_offered(offer: &OfferedValue, said: Option<&Value>) -> bool {
    let Some(said) = said else { return true };
    match offer.form {
        ValueForm::Text(_) => said.is_string() || said.is_number(),
        ValueForm::Given { .. } => said.is_string(),
        ValueForm::Words(words) => words.iter().any(|known| !known.is_empty() && plain(said) == *known),
        ValueForm::Items(_) => said.is_array(),
    }
}

/// A word as the document has it.
pub(super) fn word(text: &str) -> Value {
    serde_json::from_str(text).ok().filter(|value: &Value| !value.is_object()).unwrap_or_else(|| Value::from(text))
}

/// A value as a word.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn value(index: usize, offer: &OfferedValue, choice: usize) -> Option<Value> {
    let text = |text: FreeText| Value::from(text.stand_in.replace('@', &tokens::value(index)));
    match (offer.form, choices(offer).get(choice).copied().unwrap_or(ValueChoice::Absent)) {
        (ValueForm::Text(form) | ValueForm::Given { text: form, .. }, ValueChoice::Given) => Some(text(form)),
        (ValueForm::Items(forms), ValueChoice::Given) => Some(items(index, forms)),
        (_, ValueChoice::Word(known)) => Some(word(known)),
        (_, ValueChoice::Absent | ValueChoice::Given) => None,
    }
}

/// An item of each form, twice: what differs between the two follows from the place in the list.
fn items(index: usize, forms: &[ItemForm]) -> Value {
    let copies = tokens::COPIES.iter();
    let items = copies.flat_map(|copy| forms.iter().enumerate().map(move |(form, of)| item(index, form, *copy, of)));
    items.collect()
}

fn item(index: usize, form: usize, copy: char, of: &ItemForm) -> Value {
    let mut text = of.item.to_owned();
    for (field, name) in fields(of).iter().enumerate() {
        text = text.replace(&format!("@{name}\""), &format!("{}\"", tokens::item(index, form, copy, field)));
    }
    serde_json::from_str(&text).unwrap_or_default()
}

/// The fields of an item, in the order of their numbers.
pub(super) fn fields(form: &ItemForm) -> Vec<&'static str> {
    let mut fields: Vec<&str> = Vec::new();
    for part in form.item.split('@').skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        if !fields.contains(&name) {
            fields.push(name);
        }
    }
    fields
}

/// What stands at a path of a document.
pub(super) fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let found = path.split('.').try_fold(document, |value, key| value.get(key));
    found.filter(|value| !value.is_null())
}

/// Sets or removes what stands at a path. A map that becomes empty goes, too.
pub(super) fn set(document: &mut Value, path: &str, value: Option<Value>) {
    let Value::Object(map) = document else { return };
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    match (rest, value) {
        (None, Some(value)) => {
            map.insert(key.to_owned(), value);
        }
        (None, None) => {
            map.remove(key);
        }
        (Some(rest), value) => {
            let is_removal = value.is_none();
            let child = map.entry(key.to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if child.is_null() {
                *child = Value::Object(Map::new());
            }
            set(child, rest, value);
            if is_removal && child.as_object().is_some_and(Map::is_empty) {
                map.remove(key);
            }
        }
    }
}
