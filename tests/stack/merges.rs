//! Thousands of random patches, merged by newleaf and by Kubernetes' own code.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};
use stack::merge::object_list::merge_object;
use stack::merge::problem::{MergeError, MergeProblem};
use stack::merge::tree::MergeTree;

use crate::helper::{answers, folder};
use crate::pairs::pair;
use crate::shapes::samples;

/// How many pairs; the seed of each is its number.
const PAIRS: u64 = 20_000;

/// What newleaf refuses, though Kubernetes takes it, and why.
fn reason_to_refuse(problem: &MergeProblem) -> Option<&'static str> {
    Some(match problem {
        MergeProblem::UnknownPatch(_) | MergeProblem::MalformedPatch => {
            "`$patch` with another word: where the map is new, Kubernetes drops it; in a replaced list, it keeps the word"
        }
        MergeProblem::PatchInWholeList => "`$patch` in a list without keys: Kubernetes leaves it in the object",
        MergeProblem::DirectiveInCustomResource(_) => {
            "a directive in a custom resource: Kubernetes leaves it in the object"
        }
        MergeProblem::MalformedDirective(..) | MergeProblem::UnknownDirective(..) => {
            "a directive of another form: Kubernetes ignores it, or leaves it in the object"
        }
        MergeProblem::NotAList(..) | MergeProblem::NotScalars(..) => {
            "a directive about another list: Kubernetes ignores it"
        }
        MergeProblem::NotRetained(_) => {
            "`$retainKeys` that is not whole, in a new map: Kubernetes leaves it in the object"
        }
        MergeProblem::OrderOfWholeList(..) => {
            "an order of a list without keys: Kubernetes sorts scalars, and panics at maps"
        }
        MergeProblem::OrderDiffers(_) | MergeProblem::NothingToOrder(_) => {
            "an order that is empty, or in a new map: Kubernetes reverses the list, or leaves the order in the object"
        }
        MergeProblem::AddedAndDeleted(_) => "added and deleted: which of the two Kubernetes does first is chance",
        MergeProblem::NoMergeKey(_) | MergeProblem::NotAMap(_) => {
            "an element without its key, or with null: Kubernetes minds only where it merges; the API server always does"
        }
        MergeProblem::MixedList | MergeProblem::BrokenOriginal | MergeProblem::NotAnObject => return None,
    })
}

/// Part of what Kubernetes says of an element that was nothing but `$patch: replace`.
const LEFT: &str = "$patch:replace] does not contain declared merge key";

/// What became of a pair in either.
enum Verdict {
    Same,
    BothRefuse,
    Deliberate(&'static str),
    Differs(String),
}

#[test]
fn patches_are_merged_as_kubernetes_merges_them() {
    let Some(program) = folder("strategic-merge", "a comparison with Kubernetes' strategic merge patch") else {
        return;
    };
    let samples = samples();
    let pairs: Vec<(Value, Value)> = (0..PAIRS).map(|seed| pair(&samples, seed)).collect();
    let inputs: Vec<Value> =
        pairs.iter().map(|(original, patch)| json!({"original": original, "patch": patch})).collect();
    let theirs = answers(Command::new(program.join("strategic-merge")).arg("merge"), &inputs);
    let mut tally: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut differences = Vec::new();
    for (seed, ((original, patch), theirs)) in (0_u64..).zip(pairs.iter().zip(&theirs)) {
        let what = match verdict(original, patch, theirs) {
            Verdict::Same if theirs["result"] == *original => "the same, and nothing changed".to_owned(),
            Verdict::Same => "the same".to_owned(),
            Verdict::BothRefuse => "refused by both".to_owned(),
            Verdict::Deliberate(why) => format!("deliberate: {why}"),
            Verdict::Differs(how) => {
                differences.push(format!(
                    "seed {seed}: {how}\n  original {original}\n  patch    {patch}\n  theirs   {theirs}"
                ));
                "a difference".to_owned()
            }
        };
        tally.entry(what).or_insert((0, seed)).0 += 1;
    }
    for (what, (count, seed)) in &tally {
        println!("{count:6} {what} (seed {seed})");
    }
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
    );
    let same = tally.get("the same").map_or(0, |(count, _)| *count);
    assert!(same > PAIRS / 2, "only {same} pairs show anything");
}

/// What newleaf makes of a pair.
pub(crate) fn ours(original: &Value, patch: &Value) -> Result<Value, MergeError> {
    let (original, patch) = (MergeTree::from_value(original.clone(), &()), MergeTree::from_value(patch.clone(), &()));
    merge_object(original, patch).map(|merged| merged.to_value())
}

fn verdict(original: &Value, patch: &Value, theirs: &Value) -> Verdict {
    let refused = theirs.get("refused").or(theirs.get("panicked"));
    match (ours(original, patch), refused, theirs.get("result")) {
        (Err(_), Some(_), _) => Verdict::BothRefuse,
        (Err(_), None, None) => {
            Verdict::Deliberate("Kubernetes does one thing now, another then: in the order of Go's maps")
        }
        (Err(error), None, _) => match reason_to_refuse(&error.problem) {
            Some(why) => Verdict::Deliberate(why),
            None => Verdict::Differs(format!("newleaf refuses: {error}")),
        },
        (Ok(ours), None, Some(theirs)) => compare(patch, &ours, theirs),
        (Ok(_), Some(Value::String(why)), _) if why.contains(LEFT) => Verdict::Deliberate(
            "an element that the patch adds and changes: Kubernetes stumbles over the directive it left",
        ),
        (Ok(ours), Some(why), _) => Verdict::Differs(format!("Kubernetes refuses: {why}; newleaf: {ours}")),
        (Ok(ours), None, None) => Verdict::Differs(format!("Kubernetes is unsteady; newleaf: {ours}")),
    }
}

fn compare(patch: &Value, ours: &Value, theirs: &Value) -> Verdict {
    if ours == theirs {
        return Verdict::Same;
    }
    if has_key(ours, &|key, value| value.is_null() || is_directive(key)) {
        return Verdict::Differs(format!("newleaf leaves a directive or a null: {ours}"));
    }
    let theirs = without_nulls(theirs.clone());
    if theirs == *ours {
        return Verdict::Deliberate("a null stays in an element that is new; to the API server it is an absent field");
    }
    if !agree(ours, &theirs, &[patch]) {
        return Verdict::Differs(format!("newleaf: {ours}"));
    }
    if has_key(&theirs, &|key, _| is_directive(key)) {
        return Verdict::Deliberate("a directive stays in the object where the map or the element is new");
    }
    Verdict::Deliberate("`$patch: replace` of a map that is not there: Kubernetes drops the new one, too")
}

/// Whether both agree wherever Kubernetes leaves no directive, and drops no map that the patch wants to replace what is not
/// there. `patches` is what the patch may have at this place.
fn agree(ours: &Value, theirs: &Value, patches: &[&Value]) -> bool {
    match (ours, theirs) {
        (Value::Object(_), Value::Object(theirs)) if theirs.keys().any(|key| is_directive(key)) => true,
        (Value::Object(ours), Value::Object(theirs)) => {
            let patches = |key: &str| patches.iter().filter_map(|patch| patch.get(key)).collect::<Vec<_>>();
            let replaces = |key: &str| patches(key).iter().any(|patch| patch["$patch"] == "replace");
            theirs.iter().all(|(key, value)| ours.contains_key(key) || value.get("$patch").is_some())
                && ours.iter().all(|(key, value)| match theirs.get(key) {
                    Some(theirs) => agree(value, theirs, &patches(key)),
                    None => replaces(key),
                })
        }
        (Value::Array(_), Value::Array(theirs)) if theirs.iter().any(|element| element.get("$patch").is_some()) => true,
        (Value::Array(ours), Value::Array(theirs)) => {
            let patches: Vec<&Value> = patches.iter().filter_map(|patch| patch.as_array()).flatten().collect();
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| agree(ours, theirs, &patches))
        }
        _ => ours == theirs,
    }
}

fn is_directive(key: &str) -> bool {
    ["$patch", "$retainKeys", "$setElementOrder", "$deleteFromPrimitiveList"].iter().any(|name| key.starts_with(name))
}

fn has_key(value: &Value, wanted: &dyn Fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| wanted(key, value) || has_key(value, wanted)),
        Value::Array(elements) => elements.iter().any(|element| has_key(element, wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(elements) => elements.into_iter().map(without_nulls).collect(),
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => scalar,
    }
}
