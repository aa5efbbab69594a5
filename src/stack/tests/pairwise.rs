//! Every combination of options keeps every policy.

use super::combinations::{document_of, stacks};
use super::*;
use crate::object::yaml;

#[test]
fn every_combination_keeps_every_policy_and_is_always_the_same() {
    let stacks = stacks();
    assert!(stacks.len() >= 200, "{}", stacks.len());
    for row in &stacks {
        let text = document_of(row);
        let settings = settings(&text);
        let objects = render(&settings);
        assert_eq!(violations(&settings, &objects), [], "{text}");
        assert!(objects.is_sorted_by_key(Object::phase));
        let again = render(&super::settings(&text));
        assert_eq!(yaml(&objects).expect("YAML"), yaml(&again).expect("YAML"), "{text}");
    }
}

#[test]
fn the_combinations_are_the_same_in_each_run() {
    assert_eq!(stacks(), stacks());
}
