//! The rendered objects as YAML files, one for each phase.

use serde_json::{Value, json};

use crate::export::{ExportProblem, ExportSource};
use crate::object::{Object, Phase, yaml};

/// The name of a phase: of its file or folder.
pub(super) const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Configuration => "configuration",
        Phase::Certificates => "certificates",
        Phase::Database => "database",
        Phase::Backstage => "backstage",
        Phase::Rest => "rest",
    }
}

/// The objects of each phase that has any, in order.
pub(super) fn by_phase(objects: &[Object]) -> Vec<(Phase, Vec<Object>)> {
    let of_phase = |phase| {
        let objects: Vec<Object> = objects.iter().filter(|object| object.phase() == phase).cloned().collect();
        (phase, objects)
    };
    Phase::ALL.into_iter().map(of_phase).filter(|(_, objects)| !objects.is_empty()).collect()
}

/// Objects as the text of a file.
pub(super) fn text(source: &ExportSource<'_>, objects: &[Object]) -> Result<String, ExportProblem> {
    Ok(format!("# {}{}", source.notice(), yaml(objects)?))
}

/// One document that is no object of the stack, as the text of a file.
pub(super) fn document(source: &ExportSource<'_>, value: &Value) -> Result<String, ExportProblem> {
    Ok(format!("# {}{}", source.notice(), serde_saphyr::to_string(value)?))
}

/// Several such documents.
pub(super) fn documents(source: &ExportSource<'_>, values: &[Value]) -> Result<String, ExportProblem> {
    let written: Result<Vec<String>, _> = values.iter().map(serde_saphyr::to_string).collect();
    let written: Vec<String> = written?.iter().map(|text| format!("{}\n", text.trim_end())).collect();
    Ok(format!("# {}{}", source.notice(), written.join("---\n")))
}

/// A list of files for kustomize.
pub(super) fn kustomization(fields: Value) -> Value {
    let mut kustomization = json!({ "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization" });
    if let (Value::Object(kustomization), Value::Object(fields)) = (&mut kustomization, fields) {
        kustomization.extend(fields);
    }
    kustomization
}
