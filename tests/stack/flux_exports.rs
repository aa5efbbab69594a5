//! What Flux builds of an exported stack, a folder after the other, is what newleaf-deploy renders, but for what Flux must know.

use std::fs;

use serde_json::{Value, json};
use stack::export::{ExportPart, Tool};
use stack::render::render;

use crate::combinations::stacks;
use crate::exports::{Named, document, exported, kustomized, named, put, settings};
use crate::flux_marks;
use crate::helper::folder;

/// Every so many of the combinations: each costs a process for each phase.
const STEP: usize = 20;
fn plain(objects: Named) -> Named {
    objects.into_iter().map(|(name, object)| (name, flux_marks::plain(object))).collect()
}

#[test]
fn the_folders_of_the_phases_together_are_the_stack() {
    let Some(program) = folder("strategic-merge", "a comparison with `kubectl kustomize`") else { return };
    let program = program.join("strategic-merge");
    let mut compared = 0;
    for row in stacks().iter().step_by(STEP) {
        let document = document(row);
        let into = tempfile::tempdir().expect("a folder");
        put(&exported(Tool::Flux, &document, ExportPart::Stack), into.path());
        let folders = fs::read_dir(into.path()).expect("it can be read").map(|entry| entry.expect("an entry").path());
        let phases = folders.filter(|path| path.join("kustomization.yaml").exists());
        let built: Named = phases.flat_map(|path| kustomized(&program, &path)).collect();
        let rendered = named(render(&settings(&document)).iter().map(|object| object.value().clone()));
        assert_eq!(plain(built), plain(rendered), "{document}");
        compared += 1;
    }
    println!("{compared} stacks");
    assert!(compared > 10, "{compared}");
}

#[test]
fn the_kustomizations_name_folders_and_one_another() {
    for row in stacks().iter().step_by(STEP) {
        let files = exported(Tool::Flux, &document(row), ExportPart::Stack);
        let mut names = Vec::new();
        for (path, file) in files.iter().filter(|(path, _)| path.starts_with("clusters/")) {
            let kustomization: Value = serde_saphyr::from_str(&file.text).expect("YAML");
            let folder = kustomization["spec"]["path"].as_str().expect("a path").trim_start_matches("./");
            assert!(files.contains_key(&format!("{folder}/kustomization.yaml")), "{path}: {folder}");
            names.push((kustomization["metadata"]["name"].clone(), kustomization["spec"]["dependsOn"].clone()));
        }
        let first = names.iter().filter(|(_, before)| *before == Value::Null).count();
        assert_eq!(first, 1, "{names:?}");
        for (_, before) in names.iter().filter(|(_, before)| *before != Value::Null) {
            assert!(names.iter().any(|(name, _)| *before == json!([{ "name": name }])), "{before}: {names:?}");
        }
    }
}
