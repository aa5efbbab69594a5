//! For Flux: a folder of objects for each phase, and for each folder a Kustomization that the kustomize-controller applies once the
//! phase before is ready. Flux has no hooks, so the order is that of the Kustomizations.
//!
//! ```text
//! clusters/NAME/NAME-PHASE.yaml        the Kustomizations; no kustomization.yaml, because `flux bootstrap` writes its own files there
//! PHASE/kustomization.yaml             the list of files, for changes of the operator's own
//! PHASE/objects.yaml                   the objects
//! ```
//!
//! With a chart, `clusters/NAME/NAME.yaml` has a `HelmRelease` instead.

mod marks;
mod release;
mod source;

use serde_json::{Map, Value, json};

pub use source::{FluxSource, FluxSourceKind, UnknownFluxSource};

use crate::export::{ExportProblem, ExportSource, ExportedFile, ExportedFiles, objects};
use crate::object::{Object, Phase};
use crate::settings::Settings;

/// The namespace of Flux, where `flux bootstrap` puts it.
const FLUX_NAMESPACE: &str = "flux-system";
/// The file with the objects of a phase.
const OBJECTS: &str = "objects.yaml";
/// How often Flux compares the cluster with the files.
const INTERVAL: &str = "10m";
/// How soon Flux tries again after a failure.
const RETRY_INTERVAL: &str = "1m";
/// How long a phase may take: pulling images included.
const TIMEOUT_SECONDS: u32 = 600;
/// How many starts of Backstage the Deployment's own deadline allows for; Flux waits for both and then as long as for any phase.
const STARTS: u32 = 2;
/// Kinds that say nothing until their controller has seen them: to Flux, an object without a condition is ready.
const CONDITIONED: [(&str, &str); 1] = [("external-secrets.io/v1", "ExternalSecret")];
/// Ready by its own word.
const IS_READY: &str = "has(status.conditions) && status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')";

pub(super) fn files(source: &ExportSource<'_>) -> Result<ExportedFiles, ExportProblem> {
    let mut files = ExportedFiles::new();
    let name = &source.settings.name;
    if let Some(chart) = &source.repository.chart {
        let documents = release::documents(source, chart);
        let text = objects::text(source, &documents)?;
        files.insert(format!("clusters/{name}/{name}.yaml"), ExportedFile::of_export(text));
        return Ok(files);
    }
    let mut before = None;
    for (phase, of_phase) in objects::by_phase(&source.objects()) {
        let folder = objects::phase_name(phase);
        let kustomization = kustomization(source, phase, before, &of_phase);
        let path = format!("clusters/{name}/{}.yaml", kustomization_name(source.settings, phase));
        files.insert(path, ExportedFile::of_export(objects::text(source, &[kustomization])?));
        let objects: Vec<Object> = of_phase.into_iter().map(marks::marked).collect();
        files.insert(format!("{folder}/{OBJECTS}"), ExportedFile::of_export(objects::text(source, &objects)?));
        let list = objects::kustomization(json!({ "resources": [OBJECTS] }));
        let text = objects::text(source, &[list])?;
        files.insert(format!("{folder}/kustomization.yaml"), ExportedFile::of_export(text));
        before = Some(phase);
    }
    Ok(files)
}

fn kustomization_name(settings: &Settings, phase: Phase) -> String {
    format!("{}-{}", settings.name, objects::phase_name(phase))
}

/// What tells the kustomize-controller to apply a phase, and to wait for it.
fn kustomization(source: &ExportSource<'_>, phase: Phase, before: Option<Phase>, objects: &[Object]) -> Value {
    let settings = source.settings;
    let folder = objects::phase_name(phase);
    let mut spec = Map::new();
    if let Some(before) = before {
        spec.insert("dependsOn".to_owned(), json!([{ "name": kustomization_name(settings, before) }]));
    }
    let expressions = health_expressions(objects);
    if !expressions.is_empty() {
        spec.insert("healthCheckExprs".to_owned(), json!(expressions));
    }
    spec.insert("interval".to_owned(), json!(INTERVAL));
    spec.insert("path".to_owned(), json!(source.repository.below(folder)));
    spec.insert("prune".to_owned(), json!(true));
    spec.insert("retryInterval".to_owned(), json!(RETRY_INTERVAL));
    spec.insert("sourceRef".to_owned(), source.repository.flux.reference());
    spec.insert("timeout".to_owned(), json!(timeout(settings, phase)));
    spec.insert("wait".to_owned(), json!(true));
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": { "name": kustomization_name(settings, phase), "namespace": FLUX_NAMESPACE },
        "spec": spec,
    })
}

fn timeout(settings: &Settings, phase: Phase) -> String {
    let starts = match phase {
        Phase::Backstage => settings.backstage.startup_seconds.saturating_mul(STARTS),
        Phase::Configuration | Phase::Certificates | Phase::Database | Phase::Rest => 0,
    };
    format!("{}s", starts.saturating_add(TIMEOUT_SECONDS))
}

/// How Flux finds out that objects of other controllers are ready.
fn health_expressions(objects: &[Object]) -> Vec<Value> {
    let has = |version: &str, kind: &str| {
        objects.iter().any(|object| object.api_version() == version && object.kind() == kind)
    };
    let present = CONDITIONED.into_iter().filter(|(version, kind)| has(version, kind));
    present.map(|(version, kind)| json!({ "apiVersion": version, "kind": kind, "current": IS_READY })).collect()
}

#[cfg(test)]
mod tests;
