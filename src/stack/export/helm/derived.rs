//! What the samples have in common, as one tree: values, and where they differ, the choices that decide.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::export::helm::prepared::{LINE, LOOP, PAIR};
use crate::export::helm::samples::Samples;

/// A value of the chart, for every combination of choices.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Always the same.
    Constant(Value),
    /// A map whose entries differ.
    Map(BTreeMap<String, Self>),
    /// A list whose elements differ.
    List(Vec<Self>),
    /// An offer decides: for each set of its choices another value. The last one is for all other choices.
    Split(usize, Vec<(BTreeSet<usize>, Self)>),
    /// It is not there.
    Absent,
}

/// The samples that know a value, and which one.
type Family<'a> = Vec<(usize, Option<&'a Value>)>;

/// A class of each sample: samples of one class have the same value.
type Classes = Vec<(usize, usize)>;

enum DecisionTree {
    Class(usize),
    Split(usize, Vec<(BTreeSet<usize>, Self)>),
}

/// Learns from samples.
pub(super) struct Learner<'a> {
    pub(super) samples: &'a Samples,
    /// What a choice of each offer is for all others: the choice that templates cannot name, or the first.
    pub(super) others: &'a [usize],
    /// Sets of offers that decide something together, each with a sample in which they do.
    pub(super) together: RefCell<BTreeMap<BTreeSet<usize>, usize>>,
}

impl Learner<'_> {
    /// The tree of a value.
    pub(super) fn node(&self, family: &Family<'_>) -> Node {
        let Some((_, first)) = family.first() else { return Node::Absent };
        if family.iter().all(|(_, value)| value == first) {
            return first.map_or(Node::Absent, |value| Node::Constant(value.clone()));
        }
        let present: Family<'_> = family.iter().copied().filter(|(_, value)| value.is_some()).collect();
        let node = self.map(&present).or_else(|| self.list(&present));
        let Some(node) = node else { return self.alternatives(family) };
        if present.len() == family.len() {
            return node;
        }
        let classes = family.iter().map(|(sample, value)| (*sample, usize::from(value.is_some()))).collect();
        self.split(self.decide(&classes), &[Node::Absent, node])
    }

    fn map(&self, family: &Family<'_>) -> Option<Node> {
        let maps: Option<Vec<(usize, &Map<String, Value>)>> =
            family.iter().map(|(sample, value)| Some((*sample, value.as_ref()?.as_object()?))).collect();
        let maps = maps?;
        let keys: BTreeSet<&String> = maps.iter().flat_map(|(_, map)| map.keys()).collect();
        if [LINE, LOOP, PAIR].iter().any(|marker| keys.iter().any(|key| key == marker)) {
            return None;
        }
        let entry = |key: &String| {
            let family = maps.iter().map(|(sample, map)| (*sample, map.get(key))).collect();
            (key.clone(), self.node(&family))
        };
        Some(Node::Map(keys.into_iter().map(entry).collect()))
    }

    fn list(&self, family: &Family<'_>) -> Option<Node> {
        let lists: Option<Vec<(usize, &Vec<Value>)>> =
            family.iter().map(|(sample, value)| Some((*sample, value.as_ref()?.as_array()?))).collect();
        let named: Vec<(usize, Vec<(String, &Value)>)> =
            lists?.into_iter().map(|(sample, list)| (sample, identities(list))).collect();
        let order = order(named.iter().map(|(_, list)| list.iter().map(|(name, _)| name.as_str()).collect()))?;
        let element = |name: &str| {
            let mut family = Family::new();
            for (sample, list) in &named {
                let found = list.iter().find(|(known, _)| known == name);
                family.push((*sample, found.map(|(_, value)| *value)));
            }
            self.node(&family)
        };
        Some(Node::List(order.iter().map(|name| element(name)).collect()))
    }

    /// Whole values, one for each of several combinations.
    fn alternatives(&self, family: &Family<'_>) -> Node {
        let mut values: Vec<Option<&Value>> = Vec::new();
        let mut classes = Classes::new();
        for (sample, value) in family {
            let class = values.iter().position(|known| known == value).unwrap_or_else(|| {
                values.push(*value);
                values.len().saturating_sub(1)
            });
            classes.push((*sample, class));
        }
        let nodes: Vec<Node> =
            values.iter().map(|value| value.map_or(Node::Absent, |value| Node::Constant(value.clone()))).collect();
        self.split(self.decide(&classes), &nodes)
    }

    fn split(&self, decision: DecisionTree, nodes: &[Node]) -> Node {
        match decision {
            DecisionTree::Class(class) => nodes.get(class).cloned().unwrap_or(Node::Absent),
            DecisionTree::Split(offer, branches) => {
                // Choices with the same value are one branch, and the last is for what is not named.
                let mut merged: Vec<(BTreeSet<usize>, Node)> = Vec::new();
                for (choices, decision) in branches {
                    let node = self.split(decision, nodes);
                    match merged.iter_mut().find(|(_, known)| *known == node) {
                        Some((known, _)) => known.extend(choices),
                        None => merged.push((choices, node)),
                    }
                }
                if merged.len() == 1 {
                    return merged.pop().map_or(Node::Absent, |(_, node)| node);
                }
                let other = self.others.get(offer).copied().unwrap_or_default();
                let last = merged.iter().position(|(choices, _)| choices.contains(&other));
                if let Some(last) = last {
                    let branch = merged.remove(last);
                    merged.push(branch);
                }
                Node::Split(offer, merged)
            }
        }
    }

    /// Whether something is there, for each combination: which offers decide, and how.
    pub(super) fn presence(&self, known: &[(usize, bool)], then: Node) -> Node {
        let classes: Classes = known.iter().map(|(sample, is)| (*sample, usize::from(*is))).collect();
        self.split(self.decide(&classes), &[Node::Absent, then])
    }

    fn decide(&self, classes: &Classes) -> DecisionTree {
        let of_sample: BTreeMap<usize, usize> = classes.iter().copied().collect();
        let mut deciding: BTreeSet<usize> = BTreeSet::new();
        for (offer, one, other) in &self.samples.neighbours {
            if let (Some(one), Some(other)) = (of_sample.get(one), of_sample.get(other))
                && one != other
            {
                deciding.insert(*offer);
            }
        }
        if let (2.., Some((sample, _))) = (deciding.len(), classes.first()) {
            self.together.borrow_mut().entry(deciding.clone()).or_insert(*sample);
        }
        self.decision(classes, &deciding)
    }

    /// The offer that leaves least open comes first.
    fn decision(&self, classes: &Classes, deciding: &BTreeSet<usize>) -> DecisionTree {
        let Some((_, first)) = classes.first() else { return DecisionTree::Class(0) };
        if classes.iter().all(|(_, class)| class == first) {
            return DecisionTree::Class(*first);
        }
        let best = self.best(classes, deciding.iter().copied());
        let every = 0..self.others.len();
        let Some((_, offer, parts)) = best.or_else(|| self.best(classes, every)) else {
            return DecisionTree::Class(*first);
        };
        let branches =
            parts.into_iter().map(|(choice, part)| (BTreeSet::from([choice]), self.decision(&part, deciding)));
        DecisionTree::Split(offer, branches.collect())
    }

    fn best(
        &self,
        classes: &Classes,
        offers: impl Iterator<Item = usize>,
    ) -> Option<(usize, usize, BTreeMap<usize, Classes>)> {
        let mut best: Option<(usize, usize, BTreeMap<usize, Classes>)> = None;
        for offer in offers {
            let mut parts: BTreeMap<usize, Classes> = BTreeMap::new();
            for (sample, class) in classes {
                let choice = self.samples.all.get(*sample).and_then(|sample| sample.choices.get(offer)).copied();
                parts.entry(choice.unwrap_or_default()).or_default().push((*sample, *class));
            }
            if parts.len() < 2 {
                continue;
            }
            // Many parts are small because they are many, not because something is decided.
            let open = parts.values().map(open).sum::<usize>().saturating_mul(parts.len().saturating_add(2));
            if best.as_ref().is_none_or(|(least, _, _)| open < *least) {
                best = Some((open, offer, parts));
            }
        }
        best
    }
}

/// How many pairs of samples are still of different classes.
fn open(classes: &Classes) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, class) in classes {
        *counts.entry(*class).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    // Relative to their number, so that a large part that is nearly decided does not weigh more than a small open one.
    let pairs = counts.values().map(|count| count.saturating_mul(all.saturating_sub(*count))).sum::<usize>();
    pairs.saturating_mul(16) / all.max(1)
}

/// A name of each element, by which it is found in other lists: unique in its list.
fn identities(list: &[Value]) -> Vec<(String, &Value)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let name = |value| {
        let name = identity(value);
        let count = seen.entry(name.clone()).or_default();
        *count = count.saturating_add(1);
        (format!("{name}#{count}"), value)
    };
    list.iter().map(name).collect()
}

fn identity(value: &Value) -> String {
    if let Some(line) = value.get(LINE).and_then(Value::as_str) {
        return line.split_inclusive(':').next().unwrap_or_default().to_owned();
    }
    if let Some(pair) = value.get(PAIR) {
        let text = pair.to_string();
        return text.split('=').next().unwrap_or_default().to_owned();
    }
    if let Some(kind) = value.get("kind").and_then(Value::as_str)
        && let Some(name) = value.pointer("/metadata/name")
    {
        return format!("{kind} {name}");
    }
    for key in [LOOP, "name", "mountPath", "topologyKey", "message"] {
        if let Some(name) = value.get(key) {
            return name.to_string();
        }
    }
    value.to_string()
}

/// One order of all names that holds in each list; none where there is none.
fn order<'a>(lists: impl Iterator<Item = Vec<&'a str>> + Clone) -> Option<Vec<String>> {
    let mut before: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for list in lists {
        for (place, name) in list.iter().enumerate() {
            let known = places.entry(name).or_default();
            *known = place.max(*known);
            before.entry(name).or_default().extend(list.iter().take(place).copied());
        }
    }
    let mut order: Vec<String> = Vec::new();
    while !before.is_empty() {
        let free = before.iter().filter(|(_, earlier)| earlier.iter().all(|name| !before.contains_key(name)));
        let next = *free.min_by_key(|(name, _)| (places.get(*name), **name))?.0;
        before.remove(next);
        order.push(next.to_owned());
    }
    Some(order)
}

/// What a tree gives for a combination of choices; nothing where it is not there.
pub(super) fn evaluated(node: &Node, choices: &[usize]) -> Option<Value> {
    match node {
        Node::Constant(value) => Some(value.clone()),
        Node::Absent => None,
        Node::Map(entries) => {
            let entry = |(key, node): (&String, &Node)| Some((key.clone(), evaluated(node, choices)?));
            Some(Value::Object(entries.iter().filter_map(entry).collect()))
        }
        Node::List(items) => Some(items.iter().filter_map(|item| evaluated(item, choices)).collect()),
        Node::Split(offer, branches) => {
            let choice = choices.get(*offer).copied().unwrap_or_default();
            let branch = branches.iter().find(|(known, _)| known.contains(&choice)).or_else(|| branches.last());
            branch.and_then(|(_, node)| evaluated(node, choices))
        }
    }
}
