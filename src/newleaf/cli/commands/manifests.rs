//! `manifests`: prints the objects that let a cluster run newleaf. Does not contact a cluster.

use base::diagnosis::{Code, Diagnose, Failure};
use base::layers::merge::{merge, replace};
use base::layers::tree::Tree;
use rotation::document::error::ConfigurationError;
use rotation::document::resolve::{Environment, resolve};
use rotation::document::{Place, shape, written};
use rotation::manifests::object::{List, Manifest, yaml};
use rotation::manifests::{Options, parts};
use terminal::console::{Console, Format};
use terminal::exit::Verdict;

use crate::cli::arguments::{Global, ManifestArguments};
use crate::cli::configuration_file;
use crate::cli::hooks;

/// The default namespace of kubectl.
const NAMESPACE: &str = "default";

/// The objects cannot be serialized.
#[derive(Debug, thiserror::Error)]
#[error("failed to write the manifests: {0}")]
struct Unwritable(String);

impl Diagnose for Unwritable {
    fn code(&self) -> Code {
        Code::OutputFailed
    }
}

/// Prints the objects: YAML for kubectl, or one List as JSON.
pub async fn manifests(global: &Global, console: &Console, wanted: &ManifestArguments) -> Result<Verdict, Failure> {
    let layers = match &global.config {
        Some(path) => configuration_file::read(path).await?.layer,
        None => Tree::default(),
    };
    let layers = merge(layers, global.overrides.layer()?, &replace);
    let objects: Vec<Manifest> = make(&layers, wanted)?.into_iter().flat_map(|(_, objects)| objects).collect();
    let text = match console.format() {
        Format::Table | Format::Yaml => stream(&objects)?,
        Format::Json => {
            let list = serde_json::to_string_pretty(&List::new(objects));
            format!("{}\n", list.map_err(|error| Unwritable(error.to_string()))?)
        }
    };
    console.print(&text)?;
    Ok(Verdict::Done)
}

/// The objects by subject.
pub fn make(layers: &Tree, wanted: &ManifestArguments) -> Result<Vec<(&'static str, Vec<Manifest>)>, Failure> {
    let configuration = resolve(layers, Environment { host: None, namespace: Some(NAMESPACE) })?;
    let Place::Cluster(place) = &configuration.place else {
        let given = layers
            .find("directory")
            .map(|given| format!("directory is {:?} ({})", given.text().unwrap_or_default(), given.origin));
        let problem =
            "manifests are for a cluster, but a directory is on one machine: leave out `directory`".to_owned();
        return Err(ConfigurationError::Contradiction { problem, given: given.into_iter().collect() }.into());
    };
    let written = written::write(&shape::read(layers)?).map_err(|error| Unwritable(error.to_string()))?;
    let options = Options {
        image: &wanted.image,
        schedule: &wanted.schedule,
        configuration: &written,
        deadlines: configuration.deadlines,
        policies: wanted.admission_policy,
        metrics: wanted.metrics,
    };
    let hooked = |objects: Vec<Manifest>| objects.into_iter().map(hooks::hooked).collect();
    Ok(parts(place, &options).into_iter().map(|(subject, objects)| (subject, hooked(objects))).collect())
}

/// Objects as YAML.
pub fn stream(objects: &[Manifest]) -> Result<String, Failure> {
    yaml(objects).map_err(|error| Unwritable(error.to_string()).into())
}
