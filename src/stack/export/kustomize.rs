//! For kustomize and `kubectl apply -k`: a base with all objects, and an overlay that is the operator's.
//!
//! kustomize's own transformers change the images and the namespace. Where a transformer does not reach, because the namespace is
//! a part of a name or of a text, the overlay has replacements: they are found by rendering the stack for another namespace.
//!
//! ```text
//! namespace.yaml                     the namespace, which `kubectl delete -k` must not delete: the volumes would go with it
//! base/kustomization.yaml, *.yaml    the objects, a file for each phase
//! overlays/NAME/kustomization.yaml   the operator's
//! overlays/NAME/replacements.yaml    what follows the namespace
//! ```

use serde_json::{Value, json};

use crate::export::{ExportPart, ExportProblem, ExportSource, ExportedFile, ExportedFiles, objects};
use crate::object::Object;

/// No namespace of a stack: what has it after rendering follows the namespace.
const OTHER: &str = "another-namespace-of-this-stack";
/// What stands around a namespace in a text: quotes of an expression, those of JSON within a text, parts of a name.
const DELIMITERS: [&str; 3] = ["\"", "\\\"", "."];
/// The account whose namespace the replacements take; each export has it.
const ACCOUNT: &str = "newleaf";

pub(super) fn files(source: &ExportSource<'_>) -> Result<ExportedFiles, ExportProblem> {
    let (namespaces, objects): (Vec<Object>, Vec<Object>) =
        source.objects().into_iter().partition(|object| object.kind() == "Namespace");
    let mut files = ExportedFiles::new();
    if source.part == ExportPart::Stack {
        files.insert("namespace.yaml".to_owned(), ExportedFile::of_export(objects::text(source, &namespaces)?));
    }
    let mut names = Vec::new();
    for (phase, objects) in objects::by_phase(&objects) {
        let name = format!("{}.yaml", objects::phase_name(phase));
        files.insert(format!("base/{name}"), ExportedFile::of_export(objects::text(source, &objects)?));
        names.push(name);
    }
    let mut add = |path: String, value: &Value, file: fn(String) -> ExportedFile| -> Result<(), ExportProblem> {
        files.insert(path, file(objects::text(source, &[value])?));
        Ok(())
    };
    let base = objects::kustomization(json!({ "resources": names }));
    add("base/kustomization.yaml".to_owned(), &base, ExportedFile::of_export)?;
    let overlay = format!("overlays/{}", source.settings.name);
    let own = objects::kustomization(json!({
        "namespace": source.settings.namespace.as_str(),
        "replacements": [{ "path": "replacements.yaml" }],
        "resources": ["../../base"],
    }));
    add(format!("{overlay}/kustomization.yaml"), &own, ExportedFile::of_operator)?;
    let replacements = replacements(&objects, &elsewhere(source)?);
    add(format!("{overlay}/replacements.yaml"), &replacements, ExportedFile::of_export)?;
    Ok(files)
}

/// The same stack in another namespace.
fn elsewhere(source: &ExportSource<'_>) -> Result<Vec<Object>, ExportProblem> {
    let mut document = source.document.clone();
    if document.is_null() {
        document = json!({});
    }
    if let Value::Object(fields) = &mut document {
        fields.insert("namespace".to_owned(), OTHER.into());
    }
    let mut objects = source.objects_of(&document, &format!("namespace: {OTHER}"))?;
    objects.retain(|object| object.kind() != "Namespace");
    Ok(objects)
}

/// What follows the namespace and is no field that kustomize knows as a namespace.
fn replacements(here: &[Object], elsewhere: &[Object]) -> Value {
    let mut targets = Vec::new();
    for (here, there) in here.iter().zip(elsewhere) {
        let mut fields = Vec::new();
        differing(here.value(), there.value(), &mut Vec::new(), &mut fields);
        for (path, text) in fields {
            for delimiter in DELIMITERS {
                let parts = text.split(delimiter).enumerate();
                targets.extend(parts.filter(|(_, part)| *part == OTHER).map(|(index, _)| {
                    json!({
                        "select": { "kind": here.kind(), "name": here.name() },
                        "fieldPaths": [path],
                        "options": { "delimiter": delimiter, "index": index },
                    })
                }));
            }
        }
    }
    if targets.is_empty() {
        return json!([]);
    }
    let source = json!({ "kind": "ServiceAccount", "name": ACCOUNT, "fieldPath": "metadata.namespace" });
    json!([{ "source": source, "targets": targets }])
}

/// The texts that differ, each with its path as kustomize writes it and as it is elsewhere.
fn differing(here: &Value, there: &Value, path: &mut Vec<String>, found: &mut Vec<(String, String)>) {
    let mut below = |key: String, here: &Value, there: &Value| {
        path.push(key);
        differing(here, there, path, found);
        path.pop();
    };
    match (here, there) {
        (Value::Object(here), Value::Object(there)) => {
            for (key, value) in here {
                let is_namespace = key == "namespace" && there.get(key).and_then(Value::as_str) == Some(OTHER);
                if let (false, Some(other)) = (is_namespace, there.get(key)) {
                    let is_plain = !key.contains(['.', '/']);
                    below(if is_plain { key.clone() } else { format!("[{key}]") }, value, other);
                }
            }
        }
        (Value::Array(here), Value::Array(there)) => {
            for (index, (value, other)) in here.iter().zip(there).enumerate() {
                below(index.to_string(), value, other);
            }
        }
        (Value::String(here), Value::String(there)) if here != there => found.push((path.join("."), there.clone())),
        _ => {}
    }
}
