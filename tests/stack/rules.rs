//! The table of merge keys against Kubernetes' own types.

use std::process::Command;

use stack::merge::keys::{Fields, Strategy, kinds};

use crate::helper::folder;

#[test]
fn every_field_has_the_strategy_that_kubernetes_types_give_it() {
    let Some(program) = folder("strategic-merge", "a comparison of the merge keys with Kubernetes' types") else {
        return;
    };
    let output = Command::new(program.join("strategic-merge")).arg("rules").output().expect("the helper runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut theirs: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    let mut ours = Vec::new();
    for kind in kinds() {
        collect(&format!("{} {}", kind.api_version, kind.kind), "", kind.fields, &mut ours);
    }
    theirs.sort();
    ours.sort();
    assert!(theirs.len() > 300, "only {} rules", theirs.len());
    println!("{} rules of {} kinds", ours.len(), kinds().len());
    assert_eq!(ours, theirs, "src/stack/merge/key_table.rs: make it anew, as its first line says");
}

fn collect(kind: &str, path: &str, fields: Fields, rules: &mut Vec<String>) {
    for field in fields.0 {
        let name = field.name;
        match field.strategy {
            Strategy::Default => {}
            Strategy::Whole => rules.push(format!("{kind} {path}{name} whole")),
            Strategy::Set => rules.push(format!("{kind} {path}{name} set")),
            Strategy::Keyed(key) => rules.push(format!("{kind} {path}{name} keyed {key}")),
        }
        collect(kind, &format!("{path}{name}."), field.inside, rules);
    }
}
