//! Some of the pairs through `kubectl patch` itself, which costs a process each.

use std::process::Command;

use serde_json::{Value, json};

use crate::helper::{answers, folder};
use crate::merges::ours;
use crate::pairs::pair;
use crate::shapes::samples;

/// How many pairs; other seeds than those that only the library merges.
const PAIRS: u64 = 60;
const FIRST_SEED: u64 = 1_000_000;

#[test]
fn the_same_comes_out_as_of_kubectl() {
    let Some(program) = folder("strategic-merge", "a comparison with `kubectl patch --local`") else { return };
    let program = program.join("strategic-merge");
    let samples = samples();
    let pairs: Vec<(Value, Value)> = (FIRST_SEED..FIRST_SEED + PAIRS).map(|seed| pair(&samples, seed)).collect();
    let inputs: Vec<Value> =
        pairs.iter().map(|(original, patch)| json!({"original": original, "patch": patch})).collect();
    let merged = answers(Command::new(&program).arg("merge"), &inputs);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("object.json");
    let (mut same, mut compared) = (0, 0);
    for (seed, ((original, patch), merged)) in (FIRST_SEED..).zip(pairs.iter().zip(&merged)) {
        std::fs::write(&file, original.to_string()).expect("a file");
        // Of a kind that it does not know, kubectl asks for this type.
        let merge = if original["kind"] == "ServiceMonitor" { "merge" } else { "strategic" };
        let output = Command::new(&program)
            .args(["kubectl", "patch", "--local", "--output=json", "--type", merge, "--patch", &patch.to_string()])
            .arg("--filename")
            .arg(&file)
            .env("KUBECONFIG", folder.path().join("none"))
            .output()
            .expect("kubectl runs");
        let is_object = merged.get("result").is_none_or(|result| result.get("kind").is_some());
        if merged.get("unsteady").is_some() || !is_object {
            continue;
        }
        let printed: Option<Value> =
            output.status.success().then(|| serde_json::from_slice(&output.stdout).expect("JSON"));
        assert_eq!(
            printed.as_ref(),
            merged.get("result"),
            "seed {seed}: kubectl does not what the library does: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        compared += 1;
        same += u64::from(ours(original, patch).ok() == printed);
    }
    println!("{compared} pairs through kubectl, of which newleaf does the same with {same}");
    assert!(compared > PAIRS / 2 && same > compared / 2, "hardly any pair shows anything");
}
