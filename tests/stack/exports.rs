//! What another tool makes of an exported stack is what newleaf-deploy renders.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use stack::document;
use stack::export::{ExportPart, ExportSource, ExportedFiles, RepositoryPlace, Tool, files};
use stack::render::render;
use stack::settings::Settings;

use crate::combinations::{document_of, stacks};
use crate::helper::folder;

/// Every so many of the combinations, each of which costs a process: enough for each platform and each option.
const STEP: usize = 5;

/// Objects by kind and name.
pub(crate) type Named = BTreeMap<(String, String), Value>;

pub(crate) fn settings(document: &Value) -> Settings {
    Settings::of(&document::read(document).expect("a document")).expect("a valid stack")
}

pub(crate) fn exported(format: Tool, document: &Value, part: ExportPart) -> ExportedFiles {
    let url = Some("https://git.example.org/platform.git".to_owned());
    let repository = RepositoryPlace { url, ..RepositoryPlace::default() };
    let settings = settings(document);
    let source = ExportSource { settings: &settings, document, part, repository: &repository, version: "0" };
    files(format, &source).expect("it can be exported")
}

pub(crate) fn put(files: &ExportedFiles, into: &Path) {
    for (path, file) in files {
        let place = into.join(path);
        fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        fs::write(place, &file.text).expect("a file");
    }
}

pub(crate) fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).expect("YAML")
}

pub(crate) fn named(objects: impl IntoIterator<Item = Value>) -> Named {
    let text =
        |object: &Value, pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    objects.into_iter().map(|object| ((text(&object, "/kind"), text(&object, "/metadata/name")), object)).collect()
}

/// What the stack is in a namespace, without the namespace itself.
fn rendered(document: &Value, namespace: &str) -> Named {
    let mut there = document.clone();
    there["namespace"] = json!(namespace);
    let objects = render(&settings(&there)).into_iter().filter(|object| object.kind() != "Namespace");
    named(objects.map(|object| object.value().clone()))
}

pub(crate) fn kustomized(program: &Path, overlay: &Path) -> Named {
    let output = Command::new(program).args(["kubectl", "kustomize"]).arg(overlay).output().expect("kubectl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut objects = documents(&String::from_utf8_lossy(&output.stdout));
    for object in &mut objects {
        // kustomize takes a kind that its own list lacks for one with a namespace; the API server drops it.
        if object["kind"].as_str().is_some_and(|kind| kind.starts_with("ValidatingAdmissionPolicy")) {
            object["metadata"].as_object_mut().expect("a map").remove("namespace");
        }
    }
    named(objects)
}

pub(crate) fn document(row: &[usize]) -> Value {
    let document: Option<Value> = serde_saphyr::from_str(&document_of(&row.to_vec())).expect("YAML");
    document.unwrap_or_else(|| json!({}))
}

#[test]
fn kustomize_moves_a_stack_to_another_namespace_and_nothing_of_it_breaks() {
    let Some(program) = folder("strategic-merge", "a comparison with `kubectl kustomize`") else { return };
    let program = program.join("strategic-merge");
    let mut compared = 0;
    for row in stacks().iter().step_by(STEP) {
        let document = document(row);
        let into = tempfile::tempdir().expect("a folder");
        put(&exported(Tool::Kustomize, &document, ExportPart::Stack), into.path());
        let name = document["name"].as_str().unwrap_or("backstage");
        let overlay = into.path().join("overlays").join(name);
        let here = document["namespace"].as_str().unwrap_or("backstage");
        assert_eq!(kustomized(&program, &overlay), rendered(&document, here), "{document}");
        let file = overlay.join("kustomization.yaml");
        let text = fs::read_to_string(&file).expect("the overlay");
        fs::write(&file, text.replace(&format!("namespace: {here}\n"), "namespace: elsewhere\n")).expect("a file");
        assert_eq!(kustomized(&program, &overlay), rendered(&document, "elsewhere"), "{document}");
        compared += 1;
    }
    println!("{compared} stacks, each in two namespaces");
    assert!(compared > 40, "{compared}");
}

#[test]
fn kustomize_changes_an_image_wherever_it_is() {
    let Some(program) = folder("strategic-merge", "images through `kubectl kustomize`") else { return };
    let into = tempfile::tempdir().expect("a folder");
    put(&exported(Tool::Kustomize, &json!({}), ExportPart::Stack), into.path());
    let overlay = into.path().join("overlays/backstage");
    let file = overlay.join("kustomization.yaml");
    let image = "ghcr.io/backstage/backstage";
    let text = fs::read_to_string(&file).expect("the overlay");
    let images = format!("images:\n- {{name: {image}, newName: registry.example.org/portal, newTag: \"7\"}}\n");
    fs::write(&file, text + &images).expect("a file");
    let objects = kustomized(&program.join("strategic-merge"), &overlay);
    let text = json!(objects.values().collect::<Vec<_>>()).to_string();
    assert!(!text.contains(image), "{text}");
    assert_eq!(text.matches("registry.example.org/portal:7").count(), 2, "Backstage, and its wait");
}

#[test]
fn every_export_is_the_same_bytes_each_time_and_has_no_secret() {
    for format in Tool::ALL {
        // A chart renders the stack some two thousand times.
        let step = if format == Tool::Helm { STEP * 24 } else { STEP * 4 };
        for row in stacks().iter().step_by(step) {
            let document = document(row);
            for part in [ExportPart::Stack, ExportPart::Rotation] {
                let files = exported(format, &document, part);
                assert_eq!(files, exported(format, &document, part), "{document}");
                for (path, file) in &files {
                    assert!(!file.text.contains("kind: Secret\n"), "{path}");
                    assert!(!file.text.contains("PRIVATE KEY"), "{path}");
                    assert!(file.text.contains("newleaf-deploy 0: "), "{path} says what made it: {}", file.text);
                }
            }
        }
    }
}

#[test]
fn the_rotation_alone_has_the_objects_of_the_rotation_alone() {
    for format in Tool::ALL {
        let files = exported(format, &json!({}), ExportPart::Rotation);
        let text: String = files.values().map(|file| file.text.as_str()).collect();
        assert!(text.contains("kind: CronJob\n") && text.contains("kind: Job\n"), "{text}");
        for other in ["kind: StatefulSet\n", "kind: Deployment\n", "kind: NetworkPolicy\n", "kind: Namespace\n"] {
            assert!(!text.contains(other), "{other}: {text}");
        }
    }
}
