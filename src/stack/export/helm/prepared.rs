//! Rendered objects, prepared for being compared: every text that stands for a value is its token, Backstage's configuration is read,
//! and the items of a list are one template of an item.

use serde_json::{Value, json};

use crate::checksum::{CONFIGURATION, Checksum};
use crate::components::Component;
use crate::components::app_config::GENERATED;
use crate::components::check;
use crate::export::helm::choices::{Choices, OfferedDocument, ValueChoice, choices};
use crate::export::helm::hooks;
use crate::export::helm::offers::{ItemForm, OfferedValue, ValueForm};
use crate::export::helm::tokens;
use crate::export::{ExportPart, ExportSource};
use crate::object::{Object, text};
use crate::problem::Problem;
use crate::render::render;
use crate::settings::Settings;

/// The key of a map that stands for a YAML text inside of an object.
pub(super) const DOCUMENT: &str = "\u{0}document";
/// The key of a map that stands for the items of a list: the number of its offer, and the elements of each form.
pub(super) const LOOP: &str = "\u{0}loop";
/// The elements of each form of a loop.
pub(super) const FORMS: &str = "\u{0}forms";
/// The key of a map that stands for two neighbours of a list: a flag and its value.
pub(super) const PAIR: &str = "\u{0}pair";
/// The key of a map that stands for the lines of a text, each below [`LINE`].
pub(super) const LINES: &str = "\u{0}lines";
/// The key of a map that stands for a line.
pub(super) const LINE: &str = "\u{0}line";
/// Begins where two items of a list have no template in common.
pub(super) const AMBIGUOUS: &str = "\u{0}ambiguous";
/// The key of the configuration in its ConfigMap.
pub(super) const KEY: &str = "app-config.yaml";

/// For each form of an item, the elements of both copies.
type FormElements<'a> = Vec<[Vec<&'a Value>; 2]>;

/// What came out: the list of objects, or why the model refuses the choices.
pub(super) type RenderedSample = Result<Value, Vec<String>>;

/// Asks the model.
pub(super) fn outcome(
    source: &ExportSource<'_>,
    of: &OfferedDocument,
    chosen: &Choices,
    without: Option<usize>,
) -> RenderedSample {
    let refused = |problems: Vec<Problem>| {
        let message = |problem: Problem| format!("{}: {}; {}", problem.path, problem.limits, problem.way_out);
        problems.into_iter().map(message).collect::<Vec<_>>()
    };
    let settings = source.settings_of(&of.document(chosen, without)).map_err(refused)?;
    Ok(prepared(source, &settings, of, chosen))
}

fn prepared(source: &ExportSource<'_>, settings: &Settings, of: &OfferedDocument, chosen: &Choices) -> Value {
    let objects = render(settings);
    let checksum = configuration_checksum(&objects);
    // The document of a check is that of a whole stack.
    let check = match source.part {
        ExportPart::Stack => check::objects(settings, &objects),
        ExportPart::Rotation => Vec::new(),
    };
    let kept = source.part_of(objects);
    let kept = kept.iter().filter(|object| object.component() != Component::Namespace);
    let mut all: Value = kept.chain(&check).map(|object| prepare(object, &checksum, of)).collect();
    for (index, offer) in of.offers.iter().enumerate() {
        let choice = chosen.get(index).and_then(|choice| choices(offer).get(*choice).copied());
        if let (ValueForm::Items(forms), Some(ValueChoice::Given)) = (offer.form, choice) {
            all = looped(all, index, forms);
        }
    }
    all
}

/// The checksum as the chart makes it: over the `ConfigMap`s of Backstage's configuration.
fn configuration_checksum(objects: &[Object]) -> String {
    let own = objects.iter().filter(|object| object.component() == Component::AppConfig);
    let sum = own.fold(Checksum::default(), |sum, object| {
        sum.with(object.name(), KEY, text(object.value(), &format!("/data/{KEY}")))
    });
    sum.to_string()
}

fn prepare(object: &Object, checksum: &str, of: &OfferedDocument) -> Value {
    let mut value = object.value().clone();
    let annotation = format!("/spec/template/metadata/annotations/{}", CONFIGURATION.replace('/', "~1"));
    if let Some(annotation) = value.pointer_mut(&annotation).filter(|found| found.as_str() == Some(checksum)) {
        *annotation = Value::from(tokens::CHECKSUM);
    }
    hooks::annotate(&mut value, object);
    if object.component() == Component::AppConfig
        && object.name() == GENERATED
        && let Some(data) = value.pointer_mut(&format!("/data/{KEY}"))
        && let Ok(read) = serde_saphyr::from_str::<Value>(data.as_str().unwrap_or_default())
    {
        *data = json!({ DOCUMENT: read });
    }
    let mut value = with_tokens(value, of);
    if let ("ConfigMap", Some(Value::Object(data))) = (object.kind(), value.get_mut("data")) {
        data.values_mut().for_each(in_lines);
    }
    value
}

/// A text of several lines as its lines: what differs is a line.
fn in_lines(value: &mut Value) {
    let Some(text) = value.as_str().and_then(|text| text.strip_suffix('\n')) else { return };
    if text.contains('\n')
        && text.lines().all(|line| line == line.trim_end() && !line.is_empty())
        && !text.starts_with(' ')
    {
        let lines: Vec<Value> = text.lines().map(|line| json!({ LINE: line })).collect();
        *value = json!({ LINES: lines });
    }
}

/// Texts that were rendered in the place of values become their tokens, and a flag stands with its value.
fn with_tokens(value: Value, of: &OfferedDocument) -> Value {
    match value {
        Value::String(text) => Value::String(tokens_of(text, of)),
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().map(|item| with_tokens(item, of)).collect();
            Value::Array(paired(items))
        }
        Value::Object(map) => map.into_iter().map(|(key, item)| (key, with_tokens(item, of))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn tokens_of(mut text: String, of: &OfferedDocument) -> String {
    for (rendered, token) in &of.rendered {
        if text.contains(rendered) {
            text = text.replace(rendered, token);
        }
    }
    // The path of a mounted object is whole in its item.
    match text.strip_prefix('/').filter(|rest| rest.starts_with("zqi")) {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// What is rendered in the place of values, each with its token, where it is not the token itself.
pub(super) fn rendered(offers: &[OfferedValue]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (index, offer) in offers.iter().enumerate() {
        match offer.form {
            ValueForm::Text(form) | ValueForm::Given { text: form, .. } => {
                let token = tokens::value(index);
                all.push((form.stand_in.replace('@', &token), token));
            }
            ValueForm::Items(forms) => {
                let inline = forms.iter().enumerate().filter(|(_, form)| form.key == "inline");
                for (form, _) in inline {
                    let of_copy = tokens::COPIES.map(|copy| tokens::item(index, form, copy, 0));
                    all.extend(of_copy.map(|token| (format!("{token}: {token}\n"), token)));
                }
            }
            ValueForm::Words(_) => {}
        }
    }
    all.retain(|(rendered, token)| rendered != token);
    all
}

fn is_flag(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with('-') && !text.contains('\n'))
}

fn paired(items: Vec<Value>) -> Vec<Value> {
    let mut paired = Vec::new();
    let mut items = items.into_iter().peekable();
    while let Some(item) = items.next() {
        match items.next_if(|next| is_flag(&item) && next.is_string() && !is_flag(next)) {
            Some(next) => paired.push(json!({ PAIR: [item, next] })),
            None => paired.push(item),
        }
    }
    paired
}

/// The elements of each list that come from the items of an offer, as one template of an item.
fn looped(value: Value, index: usize, forms: &[ItemForm]) -> Value {
    match value {
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().map(|item| looped(item, index, forms)).collect();
            let of_copy = |item: &Value, copy: char| tokens::holds_item(item, index, copy);
            let [first, second] = tokens::COPIES;
            let (from, to) = (
                items.iter().position(|item| of_copy(item, first)),
                items.iter().rposition(|item| of_copy(item, second)),
            );
            let (Some(from), Some(to)) = (from, to) else { return Value::Array(items) };
            let (from, to, elements) = elements(&items, (from, to), index, forms.len());
            let template = |(form, [first, second]): (usize, &[Vec<&Value>; 2])| {
                let places = [form, form.saturating_add(forms.len())];
                first.iter().zip(second).map(|(one, other)| common(one, other, places)).collect::<Value>()
            };
            let elements: Vec<Value> = elements.iter().enumerate().map(template).collect();
            let mut all = items.get(..from).unwrap_or_default().to_vec();
            all.push(json!({ LOOP: index, FORMS: elements }));
            all.extend_from_slice(items.get(to..).unwrap_or_default());
            Value::Array(all)
        }
        Value::Object(map) if map.contains_key(LOOP) => Value::Object(map),
        Value::Object(map) => map.into_iter().map(|(key, item)| (key, looped(item, index, forms))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// The elements of each form, a list for each copy, and between which places of the list they are.
fn elements(
    items: &[Value],
    (from, last): (usize, usize),
    index: usize,
    forms: usize,
) -> (usize, usize, FormElements<'_>) {
    if let Some(from) = by_place(items, from, index, forms) {
        let at = |place: usize| items.get(from.saturating_add(place)).into_iter().collect::<Vec<_>>();
        let of = |form: usize| [form, form.saturating_add(forms)].map(at);
        return (from, from.saturating_add(forms.saturating_mul(2)), (0..forms).map(of).collect());
    }
    let to = last.saturating_add(1);
    let middle = items.get(from..to).unwrap_or_default();
    let of = |form: usize| tokens::COPIES.map(|copy| of_item(middle, index, form, copy));
    (from, to, (0..forms).map(of).collect())
}

/// Where the items begin, if each gives one element: then an element is an item's by its place, even if nothing of it is in there.
fn by_place(items: &[Value], first: usize, index: usize, forms: usize) -> Option<usize> {
    let holds = |item: &Value, place: usize| {
        let copy = tokens::COPIES.get(place / forms.max(1)).copied().unwrap_or_default();
        !of_item(std::slice::from_ref(item), index, place % forms.max(1), copy).is_empty()
    };
    let form = (0..forms).find(|form| items.get(first).is_some_and(|item| holds(item, *form)))?;
    let from = first.checked_sub(form)?;
    let elements = items.get(from..from.saturating_add(forms.saturating_mul(2)))?;
    let others = items.iter().skip(from.saturating_add(elements.len()));
    let is_foreign = |item: &Value| !tokens::COPIES.iter().any(|copy| tokens::holds_item(item, index, *copy));
    let fits = |(place, item): (usize, &Value)| holds(item, place) || is_foreign(item);
    (elements.iter().enumerate().all(fits) && others.into_iter().all(is_foreign)).then_some(from)
}

/// The elements in which a copy of an item of this form is.
fn of_item(elements: &[Value], index: usize, form: usize, copy: char) -> Vec<&Value> {
    elements.iter().filter(|element| tokens::holds_form(element, index, form, copy)).collect()
}

/// Two copies as one. Where they cannot be one, both stand there, and no evaluation of it gives either.
pub(super) fn common(one: &Value, other: &Value, places: [usize; 2]) -> Value {
    match (one, other) {
        (Value::String(one), Value::String(other)) => Value::String(common_text(one, other, places)),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).map(|(one, other)| common(one, other, places)).collect()
        }
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            let both = one.iter().zip(other.values());
            both.map(|((key, one), other)| (key.clone(), common(one, other, places))).collect()
        }
        (one, other) if one == other => one.clone(),
        (one, _) => json!({ AMBIGUOUS: one }),
    }
}

fn common_text(one: &str, other: &str, places: [usize; 2]) -> String {
    let [first, second] = tokens::COPIES;
    // A token names its copy in the sixth place: `zqi` and the two digits of the offer come before.
    let normal = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        let starts: Vec<usize> = text.match_indices("zqi").map(|(start, _)| start).collect();
        for start in starts {
            if let Some(letter) = letters.get_mut(start.saturating_add(5)).filter(|letter| **letter == second) {
                *letter = first;
            }
        }
        letters.into_iter().collect::<String>()
    };
    let (mut one, mut other) = (normal(one), normal(other));
    while one != other {
        match with_place(&one, &other, places) {
            Some(both) => (one, other) = both,
            None => return format!("{AMBIGUOUS}{one}"),
        }
    }
    one
}

/// Both texts with the place of the item as a token, where they differ first.
fn with_place(one: &str, other: &str, places: [usize; 2]) -> Option<(String, String)> {
    let first = one.bytes().zip(other.bytes()).position(|(one, other)| one != other)?;
    for (offset, digits) in [(1, 2), (1, 1), (0, 2), (0, 1)] {
        let [number, of_other] = places.map(|place| format!("{:0digits$}", place.saturating_add(offset)));
        for start in first.saturating_sub(digits.saturating_sub(1))..=first {
            let with = |text: &str, number: &str| {
                let (before, rest) = text.split_at_checked(start)?;
                Some(format!("{before}{}{}", tokens::place(offset, digits), rest.strip_prefix(number)?))
            };
            if let (Some(one), Some(other)) = (with(one, &number), with(other, &of_other)) {
                return Some((one, other));
            }
        }
    }
    None
}
