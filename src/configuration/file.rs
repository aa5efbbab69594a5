//! The file as the lowest layer of what was given.

use std::path::Path;

use crate::configuration::document::{File, Text, from_yaml};
use crate::configuration::error::{Error, Origin};
use crate::configuration::keys::Key;
use crate::configuration::layers::{Given, Layers};

/// Reads the text of a file into a layer. Unknown and repeated keys are errors.
pub fn parse(path: &Path, text: &str) -> Result<Layers, Error> {
    let file: File = from_yaml(text, &path.display().to_string())?;
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
    Ok(layers)
}

fn origin(text: &Text, place: &impl Fn(u64, u64) -> Origin) -> Origin {
    place(text.referenced.line(), text.referenced.column())
}
