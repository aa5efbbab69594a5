//! A chart for Helm, made from the model by rendering it: nothing of what the stack is stands here a second time.
//!
//! ```text
//! document -> choices -> samples of the model -> what they have in common -> templates
//! ```
//!
//! | File | Subject |
//! |---|---|
//! | `offers` | the values that the chart offers |
//! | `choices` | a choice for each of them, and the document that it makes |
//! | `tokens` | texts that stand for values |
//! | `prepared` | rendered objects, with the tokens and the templates of items |
//! | `samples` | which combinations the model is asked for |
//! | `derived` | a tree over the choices that gives each sample |
//! | `template`, `actions` | the tree as a template, and what in it is Helm's |
//! | `hooks` | which objects are hooks |
//! | `document` | the document that the check of `helm test` reads |
//! | `schema`, `words` | the chart's schema, and what people read |

mod actions;
mod choices;
mod derived;
mod document;
mod hooks;
mod offers;
mod prepared;
mod samples;
mod schema;
mod template;
mod tokens;
mod words;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::export::helm::choices::{OfferedDocument, ValueChoice, choices};
use crate::export::helm::derived::{Learner, Node, evaluated};
use crate::export::helm::offers::{OfferedValue, ValueForm};
use crate::export::helm::prepared::{AMBIGUOUS, RenderedSample, outcome};
use crate::export::helm::samples::{Numbers, Samples};
use crate::export::helm::template::TemplateWriter;
use crate::export::{ExportProblem, ExportSource, ExportedFile, ExportedFiles};
use crate::object::text;

/// How often a tree that was wrong is learnt again with what it was wrong about.
const ROUNDS: usize = 12;
/// Around how many combinations that came out wrong every choice is tried.
const AROUND: usize = 3;
/// How many combinations must come out right that the tree was not learnt from.
const TRIALS: usize = 40;

/// What the model is, as far as the chart knows it.
#[derive(Debug)]
struct DerivedModel {
    offered: OfferedDocument,
    /// The default of each text that has one.
    defaults: Vec<Option<String>>,
    /// All objects as one list.
    objects: Node,
    /// What the model refuses: the message, and when.
    refusals: Vec<Node>,
}

/// The path of a file in the chart, and its text.
type ChartFile = (String, String);

/// The files of the chart.
pub(super) fn files(source: &ExportSource<'_>) -> Result<ExportedFiles, ExportProblem> {
    let model = derive(source)?;
    let mut files = words::files(source, &model);
    files.push(schema::file(source, &model));
    files.extend(templates(source, &model));
    files.extend(document::files(source, &model)?);
    Ok(files.into_iter().map(|(path, text)| (path, ExportedFile::of_export(text))).collect())
}

fn derive(source: &ExportSource<'_>) -> Result<DerivedModel, ExportProblem> {
    let (offered, defaults) = offered(source)?;
    let others: Vec<usize> = offered.offers.iter().map(other).collect();
    let mut samples = Samples::of(source, &offered);
    if let Some(what) = ambiguous(&samples) {
        return Err(unfollowed(what));
    }
    let mut numbers = Numbers(2);
    let mut wrong: Vec<usize> = Vec::new();
    for round in 0..ROUNDS {
        let learner = Learner { samples: &samples, others: &others, together: RefCell::default() };
        let objects = objects(&learner);
        let refusals = refusals(&learner);
        let together = learner.together.take();
        let tried: BTreeSet<usize> = (0..TRIALS).flat_map(|_| samples.draw(source, &offered, &mut numbers)).collect();
        wrong = mistakes(&samples, &tried, &objects, &refusals);
        // The first tree does not know yet what decides together.
        if wrong.is_empty() && round > 0 {
            return Ok(DerivedModel { offered, defaults, objects, refusals });
        }
        for (offers, base) in &together {
            samples.product(source, &offered, offers, *base);
        }
        for number in wrong.iter().take(AROUND) {
            samples.around(source, &offered, *number);
        }
    }
    let wrong = wrong.first().and_then(|number| samples.all.get(*number));
    Err(unfollowed(format!(
        "these values together: {}",
        wrong.map(|sample| offered.shown(&sample.choices)).unwrap_or_default()
    )))
}

const fn unfollowed(what: String) -> ExportProblem {
    ExportProblem::Unfollowed { what }
}

/// The choice that is for all others: a text that is no known word, or what holds where nothing is said.
fn other(offer: &OfferedValue) -> usize {
    match offer.form {
        ValueForm::Given { .. } => {
            choices(offer).iter().position(|choice| *choice == ValueChoice::Given).unwrap_or_default()
        }
        ValueForm::Text(_) | ValueForm::Words(_) | ValueForm::Items(_) => 0,
    }
}

/// The first object in which the items of a list have no template.
fn ambiguous(samples: &Samples) -> Option<String> {
    let mut objects = samples.accepted().into_iter().filter_map(|(_, objects)| objects.as_array()).flatten();
    let found = objects.find(|object| tokens::any_text(object, &|text| text.starts_with(AMBIGUOUS)));
    found.map(|object| format!("the items of a list in {} {}", text(object, "/kind"), text(object, "/metadata/name")))
}

fn objects(learner: &Learner<'_>) -> Node {
    learner.node(&learner.samples.accepted().into_iter().map(|(number, objects)| (number, Some(objects))).collect())
}

/// Each message by itself. Where the model refuses for another reason, it may not have come to this one.
fn refusals(learner: &Learner<'_>) -> Vec<Node> {
    let refused = learner.samples.all.iter().filter_map(|sample| sample.outcome.as_ref().err());
    let messages: BTreeSet<&String> = refused.flatten().collect();
    let refusal = |message: &&String| {
        let of_sample = |(number, outcome): (usize, &RenderedSample)| match outcome {
            Ok(_) => Some((number, false)),
            Err(messages) => messages.contains(message).then_some((number, true)),
        };
        let all = learner.samples.all.iter().map(|sample| &sample.outcome).enumerate();
        let known: Vec<(usize, bool)> = all.filter_map(of_sample).collect();
        learner.presence(&known, Node::Constant(Value::from(message.as_str())))
    };
    messages.iter().map(refusal).collect()
}

/// The combinations that come out otherwise than by the model, by what is not as ever in them.
fn mistakes(samples: &Samples, tried: &BTreeSet<usize>, objects: &Node, refusals: &[Node]) -> Vec<usize> {
    let is_right = |number: &&usize| {
        let Some(sample) = samples.all.get(**number) else { return true };
        let is_refused = refusals.iter().any(|node| evaluated(node, &sample.choices).is_some());
        match &sample.outcome {
            Ok(expected) => {
                !is_refused && sorted(evaluated(objects, &sample.choices).as_ref()) == sorted(Some(expected))
            }
            Err(_) => is_refused,
        }
    };
    tried.iter().filter(|number| !is_right(number)).copied().collect()
}

/// Objects have no order among each other.
fn sorted(objects: Option<&Value>) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for object in objects.and_then(Value::as_array).into_iter().flatten() {
        *all.entry(object.to_string()).or_default() += 1;
    }
    all
}

/// The values that the chart offers, and what each text is where it is left out. What the model does not accept left out, because something
/// fixed belongs to it, is not offered; and neither is a text that a raw layer replaces.
fn offered(source: &ExportSource<'_>) -> Result<(OfferedDocument, Vec<Option<String>>), ExportProblem> {
    let mut fixed: BTreeSet<&'static str> = BTreeSet::new();
    loop {
        let offered = OfferedDocument::of(source, &fixed);
        let Ok(with) = outcome(source, &offered, &offered.first(), None) else {
            let said = offered.offers.iter().zip(&offered.said).filter(|(_, said)| said.is_some());
            let said: Vec<&'static str> = said.map(|(offer, _)| offer.path).collect();
            if said.is_empty() {
                return Err(unfollowed("a stack that is not accepted as it is".to_owned()));
            }
            fixed.extend(said);
            continue;
        };
        let with = with.to_string();
        let of_offer = |(index, offer): (usize, &OfferedValue)| match offer.form {
            ValueForm::Text(_) => Some(default(source, &offered, index, &with)),
            ValueForm::Given { .. } | ValueForm::Words(_) | ValueForm::Items(_) => None,
        };
        let defaults: Vec<Option<Option<String>>> = offered.offers.iter().enumerate().map(of_offer).collect();
        let unknown = offered.offers.iter().zip(&defaults).filter(|(_, default)| **default == Some(None));
        let unknown: Vec<&'static str> = unknown.map(|(offer, _)| offer.path).collect();
        if unknown.is_empty() {
            return Ok((offered, defaults.into_iter().map(Option::flatten).collect()));
        }
        fixed.extend(unknown);
    }
}

/// What stands in the place of a text that is left out, if everything else is as with it.
fn default(source: &ExportSource<'_>, offered: &OfferedDocument, index: usize, with: &str) -> Option<String> {
    let without = outcome(source, offered, &offered.first(), Some(index)).ok()?.to_string();
    let token = tokens::value(index);
    let start = with.find(&token)?;
    let after = with.get(start.saturating_add(token.len())..)?.chars().next()?;
    let default = without.get(start..)?.split(after).next()?;
    (with.replace(&token, default) == without).then(|| default.to_owned())
}

/// A file for each part of the stack.
fn templates(source: &ExportSource<'_>, model: &DerivedModel) -> Vec<ChartFile> {
    let mut writer = TemplateWriter::new(&model.offered.offers, &model.defaults);
    let header = words::header(source);
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    let items = match &model.objects {
        Node::List(items) => items.clone(),
        Node::Constant(Value::Array(items)) => items.iter().map(|item| Node::Constant(item.clone())).collect(),
        Node::Constant(_) | Node::Map(_) | Node::Split(..) | Node::Absent => Vec::new(),
    };
    for item in &items {
        writer.object(item);
        parts.entry(words::part(item)).or_default().push_str(&writer.take());
    }
    let mut files: Vec<ChartFile> =
        parts.into_iter().map(|(part, text)| (format!("templates/{part}.yaml"), format!("{header}{text}"))).collect();
    let document = writer.document.take();
    let mut helpers = words::comment(source);
    if let Some(document) = document {
        writer.configuration(&document);
        helpers.push_str(&writer.take());
        helpers.push_str(&words::checksum(&model.offered));
    }
    files.push(("templates/_helpers.tpl".to_owned(), helpers));
    for refusal in &model.refusals {
        writer.refusal(refusal);
    }
    let text = format!("{}{}", words::comment(source), writer.take());
    files.push(("templates/refusals.yaml".to_owned(), text));
    files.extend(words::test(source, &items, &mut writer));
    files
}

#[cfg(test)]
mod tests;
