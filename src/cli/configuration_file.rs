//! The configuration file: read with care, parsed into a layer.

use std::io;
use std::path::Path;

use crate::configuration::error::Error;
use crate::configuration::file;
use crate::configuration::layers::Layers;
use crate::diagnosis::Failure;
use crate::host::error::HostError;
use crate::host::text::{self, Text};

/// What a file gives.
#[derive(Debug)]
pub struct ConfigurationFile {
    /// Its values.
    pub layers: Layers,
    /// An error where another user could have written it: a host must refuse it then, as it names commands and files.
    pub trusted: Result<(), HostError>,
}

/// Reads a file that was named, so that it must be there.
pub async fn read(path: &Path) -> Result<ConfigurationFile, Failure> {
    let absent = || Error::Read { path: path.to_path_buf(), source: io::ErrorKind::NotFound.into() };
    let Text { bytes, trusted } = text(path).await?.ok_or_else(absent)?;
    Ok(ConfigurationFile { layers: parse(path, bytes)?, trusted })
}

/// Reads the file of a host's directory, if there is one. One that another user could have written is not even parsed.
pub async fn of_host(path: &Path) -> Result<Option<ConfigurationFile>, Failure> {
    let Some(Text { bytes, trusted }) = text(path).await? else { return Ok(None) };
    trusted?;
    Ok(Some(ConfigurationFile { layers: parse(path, bytes)?, trusted: Ok(()) }))
}

async fn text(path: &Path) -> Result<Option<Text>, Failure> {
    let read = |source| Error::Read { path: path.to_path_buf(), source };
    match text::read(path).await {
        Ok(text) => Ok(text),
        Err(HostError::Read { source, .. }) => Err(read(source).into()),
        Err(error @ (HostError::Slow { .. } | HostError::Interrupted(_))) => Err(error.into()),
        Err(error) => Err(read(io::Error::other(error)).into()),
    }
}

fn parse(path: &Path, bytes: Vec<u8>) -> Result<Layers, Error> {
    let not_text = |error| Error::Read { path: path.to_path_buf(), source: io::Error::other(error) };
    file::parse(path, &String::from_utf8(bytes).map_err(not_text)?)
}
