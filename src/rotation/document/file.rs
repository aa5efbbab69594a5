//! The configuration file as the lowest layer.

use std::path::Path;

use crate::document::cluster_document::ClusterFile;
use crate::document::error::{ConfigurationError, Origin};
use crate::document::keys::Key;
use crate::document::layers::{Given, Layers};
use crate::document::shape::{File, SpannedText, from_yaml};

/// Reads the text of a file of this machine into a layer. Unknown and repeated keys are errors.
pub fn parse(path: &Path, text: &str) -> Result<Layers, ConfigurationError> {
    Ok(layers(path, from_yaml(text, &path.display().to_string())?))
}

/// Reads the text of a document from a cluster into a layer. It has fewer keys than a file of this machine.
pub fn parse_of_cluster(path: &Path, text: &str) -> Result<Layers, ConfigurationError> {
    let place = path.display().to_string();
    match from_yaml::<ClusterFile>(text, &place) {
        Ok(file) => Ok(layers(path, file.into())),
        // Parse again only to find the real reason.
        Err(ConfigurationError::Shape { place, problem }) if from_yaml::<File>(text, &place).is_ok() => {
            Err(ConfigurationError::OfMachine { place, problem })
        }
        Err(error) => Err(error),
    }
}

/// The same for the ConfigMap of a namespace, which may name only its own namespace.
pub fn parse_config_map(path: &Path, text: &str, namespace: &str) -> Result<Layers, ConfigurationError> {
    let layers = parse_of_cluster(path, text)?;
    match layers.get(Key::Namespace) {
        Some(given) if given.text() != namespace => Err(ConfigurationError::OtherNamespace {
            place: path.display().to_string(),
            named: given.text().to_owned(),
            namespace: namespace.to_owned(),
        }),
        Some(_) | None => Ok(layers),
    }
}

fn layers(path: &Path, file: File) -> Layers {
    let place = |line, column| Origin::File { path: path.to_path_buf(), line, column };
    let mut layers = Layers::default();
    for (key, text) in file.scalars() {
        layers.set(key, Given { texts: vec![text.value.clone()], origin: origin(text, &place) });
    }
    for (key, texts) in [(Key::ServerNames, &file.server.names), (Key::DatabaseEndpoints, &file.database.endpoints)] {
        if let Some(texts) = texts {
            let first = texts.first().map_or_else(|| place(1, 1), |text| origin(text, &place));
            layers.set(key, Given { texts: texts.iter().map(|text| text.value.clone()).collect(), origin: first });
        }
    }
    if let Some(consumers) = file.consumers {
        let origin = place(consumers.referenced.line(), consumers.referenced.column());
        layers.set_consumers(consumers.value, origin);
    }
    layers
}

fn origin(text: &SpannedText, place: &impl Fn(u64, u64) -> Origin) -> Origin {
    place(text.referenced.line(), text.referenced.column())
}
