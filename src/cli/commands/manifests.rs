//! `manifests`: what a cluster needs to run newleaf by itself. Asks no cluster.

use crate::cli::arguments::{Global, ManifestArguments};
use crate::cli::configuration_file;
use crate::cli::console::{Console, Format};
use crate::cli::exit::{MEANINGS, Verdict};
use crate::configuration::error::ConfigurationError;
use crate::configuration::resolve::{Environment, resolve};
use crate::configuration::{Place, document, written};
use crate::diagnosis::{Code, Diagnose, Failure};
use crate::kubernetes::manifests::object::{List, Object, yaml};
use crate::kubernetes::manifests::{Options, parts};
use crate::layers::merge::{merge, replace};
use crate::layers::tree::Tree;

/// The default namespace, as kubectl has it.
const NAMESPACE: &str = "default";

/// The objects cannot be written down.
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
    let objects: Vec<Object> = make(&layers, wanted)?.into_iter().flat_map(|(_, objects)| objects).collect();
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

/// The objects by the subject that they belong to.
pub fn make(layers: &Tree, wanted: &ManifestArguments) -> Result<Vec<(&'static str, Vec<Object>)>, Failure> {
    let configuration = resolve(layers, Environment { host: None, namespace: Some(NAMESPACE) })?;
    let Place::Cluster(place) = &configuration.place else {
        let given = layers
            .find("directory")
            .map(|given| format!("directory is {:?} ({})", given.text().unwrap_or_default(), given.origin));
        let problem =
            "manifests are for a cluster, and a directory is on one machine; leave out `directory`".to_owned();
        return Err(ConfigurationError::Contradiction { problem, given: given.into_iter().collect() }.into());
    };
    let written =
        written::write(&document::read(layers)?, &place.namespace).map_err(|error| Unwritable(error.to_string()))?;
    let options = Options {
        image: &wanted.image,
        schedule: &wanted.schedule,
        configuration: &written,
        deadlines: configuration.deadlines,
        policies: wanted.admission_policy,
        exit_codes: MEANINGS,
    };
    Ok(parts(place, &options))
}

/// Objects as YAML.
pub fn stream(objects: &[Object]) -> Result<String, Failure> {
    yaml(objects).map_err(|error| Unwritable(error.to_string()).into())
}
