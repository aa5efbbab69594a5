//! The rendered objects as YAML files, one for each phase.

use serde::Serialize;
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

/// Objects of the stack, or documents of the tool, as the text of a file.
pub(super) fn text<T: Serialize>(source: &ExportSource<'_>, documents: &[T]) -> Result<String, ExportProblem> {
    Ok(format!("# {}{}", source.notice(), yaml(documents)?))
}

/// A list of files for kustomize.
pub(super) fn kustomization(fields: Value) -> Value {
    let mut kustomization = json!({ "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization" });
    if let (Value::Object(kustomization), Value::Object(fields)) = (&mut kustomization, fields) {
        kustomization.extend(fields);
    }
    kustomization
}
