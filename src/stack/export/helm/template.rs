//! A tree as a template: YAML with Helm's actions.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::export::helm::actions::{ChartValues, joined};
use crate::export::helm::derived::Node;
use crate::export::helm::offers::{OfferedValue, ValueForm};
use crate::export::helm::prepared::{DOCUMENT, FORMS, LINE, LINES, LOOP, PAIR};
use crate::export::helm::tokens::{Piece, pieces};

/// The named template of Backstage's configuration.
pub(super) const CONFIGURATION: &str = "newleaf.app-config";
/// The named template of its checksum.
pub(super) const CHECKSUM: &str = "newleaf.app-config-checksum";

/// Writes templates.
#[derive(Debug)]
pub(super) struct TemplateWriter<'a> {
    values: ChartValues<'a>,
    lines: Vec<String>,
    /// YAML inside of an object, which gets a template of its own.
    pub(super) document: Option<Node>,
    is_document: bool,
}

impl<'a> TemplateWriter<'a> {
    /// For these values, with the default of each text that has one.
    pub(super) const fn new(offers: &'a [OfferedValue], defaults: &'a [Option<String>]) -> Self {
        let values = ChartValues { offers, defaults, item: None };
        Self { values, lines: Vec::new(), document: None, is_document: false }
    }

    /// What was written so far.
    pub(super) fn take(&mut self) -> String {
        let lines = std::mem::take(&mut self.lines);
        let mut text = joined(lines).join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// An object as a document of its own.
    pub(super) fn object(&mut self, node: &Node) {
        match node {
            Node::Split(offer, branches) => self.branches(*offer, branches, &mut |writer, node| writer.object(node)),
            Node::Constant(value) if value.get(LOOP).is_some() => {
                self.looped(value, &mut |writer, element| writer.object(&Node::Constant(element.clone())));
            }
            Node::Constant(Value::Object(map)) => {
                self.object(&Node::Map(
                    map.iter().map(|(key, value)| (key.clone(), Node::Constant(value.clone()))).collect(),
                ));
            }
            Node::Map(entries) => {
                self.lines.push("---".to_owned());
                self.entries_in_order(entries, 0);
            }
            Node::Absent | Node::Constant(_) | Node::List(_) => {}
        }
    }

    /// A line that is an action.
    pub(super) fn action(&mut self, action: &str) {
        self.lines.push(format!("{{{{- {action} }}}}"));
    }

    /// The configuration of Backstage as a named template.
    pub(super) fn configuration(&mut self, document: &Node) {
        self.lines.push(format!("{{{{- define \"{CONFIGURATION}\" -}}}}"));
        self.is_document = true;
        if let Node::Map(entries) = expanded(document) {
            self.entries(&entries, 0);
        }
        self.is_document = false;
        self.action("end");
    }

    /// What the model refuses: a message, and when.
    pub(super) fn refusal(&mut self, node: &Node) {
        match node {
            Node::Split(offer, branches) => self.branches(*offer, branches, &mut |writer, node| writer.refusal(node)),
            Node::Constant(message) => self.action(&format!("fail {}", json!(message))),
            Node::Absent | Node::Map(_) | Node::List(_) => {}
        }
    }

    /// `apiVersion`, `kind` and `metadata` first, as people write them.
    fn entries_in_order(&mut self, entries: &BTreeMap<String, Node>, indent: usize) {
        const FIRST: [&str; 3] = ["apiVersion", "kind", "metadata"];
        for key in FIRST {
            if let Some(node) = entries.get(key) {
                self.entry(key, node, indent);
            }
        }
        for (key, node) in entries.iter().filter(|(key, _)| !FIRST.contains(&key.as_str())) {
            self.entry(key, node, indent);
        }
    }

    fn entries(&mut self, entries: &BTreeMap<String, Node>, indent: usize) {
        for (key, node) in entries {
            self.entry(key, node, indent);
        }
    }

    fn entry(&mut self, key: &str, node: &Node, indent: usize) {
        match node {
            Node::Absent => {}
            Node::Split(offer, branches) => {
                self.branches(*offer, branches, &mut |writer, node| writer.entry(key, node, indent));
            }
            Node::Constant(value) if is_plain(value) => {
                if self.is_inline(value) {
                    self.written(&format!("{key}: |"), indent);
                    self.action(&format!("toYaml $item.inline | nindent {}", indent.saturating_add(2)));
                } else {
                    self.yaml(&json!({ key: value }), indent);
                }
            }
            Node::Constant(_) | Node::Map(_) | Node::List(_) => match expanded(node) {
                Node::Map(entries) => match entries.get(DOCUMENT) {
                    Some(document) => {
                        self.document = Some(document.clone());
                        self.written(&format!("{key}: |"), indent);
                        self.action(&format!("include \"{CONFIGURATION}\" $ | nindent {}", indent.saturating_add(2)));
                    }
                    None if entries.contains_key(LINES) => {
                        self.written(&format!("{key}: |"), indent);
                        if let Some(Node::List(lines)) = entries.get(LINES).map(expanded) {
                            for line in &lines {
                                self.line(line, indent.saturating_add(2));
                            }
                        }
                    }
                    None => {
                        self.written(&format!("{key}:"), indent);
                        self.entries(&entries, indent.saturating_add(2));
                    }
                },
                Node::List(items) => {
                    self.written(&format!("{key}:"), indent);
                    for item in &items {
                        self.element(item, indent);
                    }
                }
                Node::Constant(_) | Node::Split(..) | Node::Absent => {}
            },
        }
    }

    fn element(&mut self, node: &Node, indent: usize) {
        match node {
            Node::Absent => {}
            Node::Split(offer, branches) => {
                self.branches(*offer, branches, &mut |writer, node| writer.element(node, indent));
            }
            Node::Constant(value) if is_plain(value) => self.yaml(&json!([value]), indent),
            Node::Constant(value) if value.get(LOOP).is_some() => {
                self.looped(value, &mut |writer, element| writer.element(&Node::Constant(element.clone()), indent));
            }
            Node::Constant(value) if value.get(PAIR).is_some() => {
                for one in value.get(PAIR).and_then(Value::as_array).into_iter().flatten() {
                    self.element(&Node::Constant(one.clone()), indent);
                }
            }
            Node::Constant(_) | Node::Map(_) | Node::List(_) => match expanded(node) {
                Node::Map(entries) => self.map_element(&entries, indent),
                // Lists of lists have no place in these objects; what is written is judged by the parity test.
                Node::List(_) | Node::Constant(_) | Node::Split(..) | Node::Absent => {}
            },
        }
    }

    /// A line of a text.
    fn line(&mut self, node: &Node, indent: usize) {
        match node {
            Node::Split(offer, branches) => {
                self.branches(*offer, branches, &mut |writer, node| writer.line(node, indent));
            }
            Node::Constant(value) => {
                let line = value.get(LINE).and_then(Value::as_str).unwrap_or_default();
                let line = self.values.line(line, true);
                self.written(&line, indent);
            }
            Node::Map(_) | Node::List(_) | Node::Absent => {}
        }
    }

    /// The dash stands before an entry that is always there.
    fn map_element(&mut self, entries: &BTreeMap<String, Node>, indent: usize) {
        let inner = indent.saturating_add(2);
        let always = |node: &&Node| !matches!(node, Node::Split(..) | Node::Absent);
        let first = ["name"].into_iter().find(|key| entries.get(*key).is_some_and(|node| always(&node)));
        let first = first.or_else(|| entries.iter().find(|(_, node)| always(node)).map(|(key, _)| key.as_str()));
        let start = self.lines.len();
        match first {
            Some(first) => {
                if let Some(node) = entries.get(first) {
                    self.entry(first, node, inner);
                }
                if let Some(line) = self.lines.get_mut(start) {
                    line.replace_range(indent..inner, "- ");
                }
            }
            None => self.written("-", indent),
        }
        for (key, node) in entries.iter().filter(|(key, _)| Some(key.as_str()) != first) {
            self.entry(key, node, inner);
        }
    }

    fn branches(
        &mut self,
        offer: usize,
        branches: &[(BTreeSet<usize>, Node)],
        write: &mut dyn FnMut(&mut Self, &Node),
    ) {
        let is_there = |(_, node): &&(BTreeSet<usize>, Node)| *node != Node::Absent;
        let Some(((_, last), named)) = branches.split_last() else { return };
        // What is not there needs no branch, if only one thing is.
        if let ([(choices, only)], Node::Absent) = (named.iter().filter(is_there).collect::<Vec<_>>().as_slice(), last)
        {
            self.action(&format!("if {}", self.values.condition(offer, choices)));
            write(self, only);
            self.action("end");
            return;
        }
        if let ([(choices, Node::Absent)], _) = (named, last) {
            self.action(&format!("if not ({})", self.values.condition(offer, choices)));
            write(self, last);
            self.action("end");
            return;
        }
        for (index, (choices, node)) in named.iter().enumerate() {
            let start = if index == 0 { "if" } else { "else if" };
            self.action(&format!("{start} {}", self.values.condition(offer, choices)));
            write(self, node);
        }
        if *last != Node::Absent {
            self.action("else");
            write(self, last);
        }
        self.action("end");
    }

    fn looped(&mut self, value: &Value, write: &mut dyn FnMut(&mut Self, &Value)) {
        let offer =
            value.get(LOOP).and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok()).unwrap_or_default();
        let Some(OfferedValue { form: ValueForm::Items(forms), .. }) = self.values.offers.get(offer) else { return };
        self.action(&format!("range $index, $item := {}", self.values.path(offer)));
        self.values.item = Some(forms);
        let elements = value.get(FORMS).and_then(Value::as_array).into_iter().flatten();
        for (form, elements) in forms.iter().zip(elements) {
            let elements = elements.as_array().map(Vec::as_slice).unwrap_or_default();
            if elements.is_empty() {
                continue;
            }
            if !form.key.is_empty() {
                self.action(&format!("if hasKey $item \"{}\"", form.key));
            }
            for element in elements {
                write(self, element);
            }
            if !form.key.is_empty() {
                self.action("end");
            }
        }
        self.values.item = None;
        self.action("end");
    }

    /// Something constant, but for its tokens.
    fn yaml(&mut self, value: &impl Serialize, indent: usize) {
        let text = serde_saphyr::to_string(value).unwrap_or_default();
        for line in text.trim_end_matches('\n').split('\n') {
            let line = self.values.line(line, self.is_document);
            self.written(&line, indent);
        }
    }

    fn written(&mut self, line: &str, indent: usize) {
        if line.is_empty() {
            self.lines.push(String::new());
        } else {
            self.lines.push(format!("{}{line}", " ".repeat(indent)));
        }
    }

    fn is_inline(&self, value: &Value) -> bool {
        let Some(text) = value.as_str() else { return false };
        match pieces(text).as_slice() {
            [Piece::Field(form, field)] => self.values.field(*form, *field) == "$item.inline",
            _ => false,
        }
    }
}

/// Whether no part of a value needs actions around it.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            ![DOCUMENT, LINES, LOOP, PAIR].iter().any(|marker| map.contains_key(*marker))
                && map.values().all(is_plain)
                && !map.values().any(has_inline)
        }
        Value::Array(items) => items.iter().all(is_plain),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// A text that is nothing but a field may be a whole YAML text.
fn has_inline(value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    matches!(pieces(text).as_slice(), [Piece::Field(..)])
}

/// One level of a constant as a tree.
fn expanded(node: &Node) -> Node {
    match node {
        Node::Constant(Value::Object(map)) => {
            Node::Map(map.iter().map(|(key, value)| (key.clone(), Node::Constant(value.clone()))).collect())
        }
        Node::Constant(Value::Array(items)) => {
            Node::List(items.iter().map(|item| Node::Constant(item.clone())).collect())
        }
        Node::Constant(_) | Node::Map(_) | Node::List(_) | Node::Split(..) | Node::Absent => node.clone(),
    }
}
