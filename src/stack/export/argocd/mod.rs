//! For Argo CD: the objects in the waves of their phases, the Application that syncs them, or for a hub the `ApplicationSet`
//! that makes one for each cluster with a label, and the project that allows them this and nothing else.
//!
//! | File | Subject |
//! |---|---|
//! | `application` | the Application, alone and as the template of an `ApplicationSet` |
//! | `project` | the `AppProject` |
//! | `waves` | what Argo CD reads from the annotations of an object |
//!
//! ```text
//! applications/NAME.yaml          what a person applies once, or what an Application of theirs syncs
//! applications/NAME-project.yaml  the same, where no project that exists already is named
//! objects/*.yaml                  the objects, a file for each phase
//! ```

mod application;
mod project;
mod waves;

use crate::export::argocd::application::Synced;
use crate::export::{ExportPart, ExportProblem, ExportSource, ExportedFile, ExportedFiles, Tool, objects};
use crate::object::Object;

/// The field manager of the rotation, which marks the pods that it restarts.
pub const ROTATION_MANAGER: &str = "newleaf";

/// The folder of the objects.
const OBJECTS: &str = "objects";

pub(super) fn files(source: &ExportSource<'_>) -> Result<ExportedFiles, ExportProblem> {
    let place = source.repository;
    let repository = place.url.as_deref().ok_or(ExportProblem::RepositoryMissing(Tool::Argocd.name()))?;
    let mut files = ExportedFiles::new();
    let annotated: Vec<Object> = source.objects().iter().map(waves::with_annotations).collect();
    for (phase, objects) in objects::by_phase(&annotated) {
        let path = format!("{OBJECTS}/{}.yaml", objects::phase_name(phase));
        files.insert(path, ExportedFile::of_export(objects::text(source, &objects)?));
    }
    let folder = place.path.trim_matches('/');
    let path = if folder.is_empty() { OBJECTS.to_owned() } else { format!("{folder}/{OBJECTS}") };
    let stack = source.settings.name.as_str();
    let name = match source.part {
        ExportPart::Stack => stack.to_owned(),
        ExportPart::Rotation => format!("{stack}-rotation"),
    };
    // Of its own name, for a project of the operator may have that of the stack.
    let own_project = format!("newleaf-{name}");
    let synced = Synced {
        name: &name,
        project: place.project.as_deref().unwrap_or(&own_project),
        namespace: source.settings.namespace.as_str(),
        repository,
        revision: place.revision.as_deref().unwrap_or("HEAD"),
        path: &path,
        has_workloads: source.part == ExportPart::Stack,
    };
    let application = match &place.spokes {
        None => application::application(&synced),
        Some(label) => application::application_set(&synced, label),
    };
    let text = objects::text(source, &[application])?;
    files.insert(format!("applications/{name}.yaml"), ExportedFile::of_export(text));
    if place.project.is_none() {
        let project = project::project(&own_project, &synced, &annotated, place.spokes.is_some());
        let text = objects::text(source, &[project])?;
        files.insert(format!("applications/{name}-project.yaml"), ExportedFile::of_export(text));
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
