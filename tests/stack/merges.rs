//! Thousands of random patches, merged by newleaf and by Kubernetes' own code.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};
use stack::merge::object_list::merge_object;
use stack::merge::problem::{MergeError, Problem};
use stack::merge::tree::Tree;

use crate::helper::{answers, folder};
use crate::pairs::pair;
use crate::shapes::kinds;

/// How many pairs; the seed of each is its number.
const PAIRS: u64 = 20_000;

/// What newleaf refuses, though Kubernetes takes it, and why.
fn reason_to_refuse(problem: &Problem) -> Option<&'static str> {
    Some(match problem {
        Problem::UnknownPatch(_) | Problem::MalformedPatch => {
            "a word after `$patch` that means nothing: Kubernetes drops the map where it is new, and keeps it where a list is replaced"
        }
        Problem::PatchInWholeList => "Kubernetes leaves `$patch` in the object, which the API server refuses then",
        Problem::MalformedDirective(..) => "a directive of another form: Kubernetes ignores it, or takes it for a field",
        Problem::UnknownDirective(..) => "the same where the map is new",
        Problem::NotAList(..) => "a directive about a list where there is none: Kubernetes ignores it",
        Problem::NotRetained(_) => "`$retainKeys` that is not whole, in a map that is new: Kubernetes leaves it in the object",
        Problem::OrderOfWholeList(..) => "an order for a list that the patch gives in its order anyway",
        Problem::OrderDiffers(_) => "an empty order, or one in a map that is new: Kubernetes reverses the list, or leaves the order in the object",
        Problem::NothingToOrder(_) => "the same",
        Problem::AddedAndDeleted(_) => "Kubernetes does it in the order of Go's maps: one thing now, another then",
        Problem::NoMergeKey(_) | Problem::NotAMap(_) => {
            "an element without its key, or with null: the API server refuses it; Kubernetes merges where the list is new or replaced"
        }
        Problem::MixedList | Problem::BrokenOriginal | Problem::NotAnObject => return None,
    })
}

/// What became of a pair in either.
enum Verdict {
    Same,
    BothRefuse,
    Deliberate(&'static str),
    Differs(String),
}

#[test]
fn patches_are_merged_as_kubernetes_merges_them() {
    let Some(program) = folder("strategic-merge", "a comparison with Kubernetes' strategic merge patch") else { return };
    let kinds = kinds();
    let pairs: Vec<(Value, Value)> = (0..PAIRS).map(|seed| pair(&kinds, seed)).collect();
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
                differences.push(format!("seed {seed}: {how}\n  original {original}\n  patch    {patch}\n  theirs   {theirs}"));
                "a difference".to_owned()
            }
        };
        tally.entry(what).or_insert((0, seed)).0 += 1;
    }
    for (what, (count, seed)) in &tally {
        println!("{count:6} {what} (seed {seed})");
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.iter().take(5).cloned().collect::<Vec<_>>().join("\n"));
    let same = tally.get("the same").map_or(0, |(count, _)| *count);
    assert!(same > PAIRS / 2, "only {same} pairs show anything");
}

/// What newleaf makes of a pair.
pub(crate) fn ours(original: &Value, patch: &Value) -> Result<Value, MergeError> {
    let (original, patch) = (Tree::from_value(original.clone(), &()), Tree::from_value(patch.clone(), &()));
    merge_object(original, patch).map(|merged| merged.to_value())
}

fn verdict(original: &Value, patch: &Value, theirs: &Value) -> Verdict {
    let refused = theirs.get("refused").or(theirs.get("panicked"));
    match (ours(original, patch), refused, theirs.get("result")) {
        (Err(_), Some(_), _) => Verdict::BothRefuse,
        (Err(error), None, _) => match reason_to_refuse(&error.problem) {
            Some(why) => Verdict::Deliberate(why),
            None => Verdict::Differs(format!("newleaf refuses: {error}")),
        },
        (Ok(ours), None, Some(theirs)) => compare(original, patch, &ours, theirs),
        (Ok(ours), Some(why), _) => Verdict::Differs(format!("Kubernetes refuses: {why}; newleaf: {ours}")),
        (Ok(ours), None, None) => Verdict::Differs(format!("Kubernetes is unsteady; newleaf: {ours}")),
    }
}

fn compare(original: &Value, patch: &Value, ours: &Value, theirs: &Value) -> Verdict {
    if ours == theirs {
        return Verdict::Same;
    }
    if has_key(ours, &|key, value| value.is_null() || is_directive(key)) {
        return Verdict::Differs(format!("newleaf leaves a directive or a null: {ours}"));
    }
    if without_nulls(theirs.clone()) == *ours {
        return Verdict::Deliberate("a null stays in an element that is new; to the API server it is an absent field");
    }
    if has_key(theirs, &|key, _| is_directive(key)) {
        return Verdict::Deliberate("a directive stays in the object where the map or the element is new");
    }
    if replaces_nothing(patch, Some(original)) {
        return Verdict::Deliberate("`$patch: replace` of a map that is not there: Kubernetes drops the new one, too");
    }
    Verdict::Differs(format!("newleaf: {ours}"))
}

fn is_directive(key: &str) -> bool {
    ["$patch", "$retainKeys", "$setElementOrder", "$deleteFromPrimitiveList"].iter().any(|name| key.starts_with(name))
}

fn has_key(value: &Value, wanted: &dyn Fn(&str, &Value) -> bool) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| wanted(key, value) || has_key(value, wanted)),
        Value::Array(elements) => elements.iter().any(|element| has_key(element, wanted)),
        _ => false,
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
        scalar => scalar,
    }
}

/// Whether a map of the patch has `$patch: replace` and no counterpart. Elements of lists are not followed: whatever is in
/// them may be new.
fn replaces_nothing(patch: &Value, original: Option<&Value>) -> bool {
    match patch {
        Value::Object(fields) => {
            let is_new = !original.is_some_and(Value::is_object);
            (is_new && fields.get("$patch") == Some(&"replace".into()))
                || fields.iter().any(|(key, value)| replaces_nothing(value, original.and_then(|map| map.get(key))))
        }
        Value::Array(elements) => elements.iter().any(|element| has_key(element, &|key, value| key == "$patch" && value == "replace")),
        _ => false,
    }
}
