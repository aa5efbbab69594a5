//! The configuration file: read with checks, parsed into a layer.

use std::io;
use std::path::Path;

use base::diagnosis::Failure;
use base::layers::tree::Tree;
use rotation::document::error::ConfigurationError;
use rotation::document::file;

use crate::host::error::HostError;
use crate::host::text::{self, FileText};

/// A parsed configuration file.
#[derive(Debug)]
pub struct ConfigurationFile {
    /// The values of the file.
    pub layer: Tree,
    /// The error if another user could have written the file: a host must then refuse it, because it names commands and files.
    pub trusted: Result<(), HostError>,
}

/// Reads a file that the operator named. It must exist.
pub async fn read(path: &Path) -> Result<ConfigurationFile, Failure> {
    let FileText { bytes, trusted } = text(path).await?.ok_or_else(|| absent(path))?;
    Ok(ConfigurationFile { layer: parse(path, bytes, file::parse)?, trusted })
}

/// Reads a file from a cluster. It must not contain values for this machine.
pub async fn of_cluster(path: &Path) -> Result<ConfigurationFile, Failure> {
    let FileText { bytes, .. } = text(path).await?.ok_or_else(|| absent(path))?;
    Ok(ConfigurationFile { layer: parse(path, bytes, file::parse_of_cluster)?, trusted: Ok(()) })
}

/// Reads the file of a host's directory, if there is one. It does not even parse a file that another user could have written.
pub async fn of_host(path: &Path) -> Result<Option<ConfigurationFile>, Failure> {
    let Some(FileText { bytes, trusted }) = text(path).await? else { return Ok(None) };
    trusted?;
    Ok(Some(ConfigurationFile { layer: parse(path, bytes, file::parse)?, trusted: Ok(()) }))
}

async fn text(path: &Path) -> Result<Option<FileText>, Failure> {
    let read = |source| ConfigurationError::Read { path: path.to_path_buf(), source };
    match text::read(path).await {
        Ok(text) => Ok(text),
        Err(HostError::Read { source, .. }) => Err(read(source).into()),
        Err(error @ (HostError::Slow { .. } | HostError::Interrupted(_))) => Err(error.into()),
        Err(error) => Err(read(io::Error::other(error)).into()),
    }
}

fn absent(path: &Path) -> ConfigurationError {
    ConfigurationError::Read { path: path.to_path_buf(), source: io::ErrorKind::NotFound.into() }
}

fn parse(
    path: &Path,
    bytes: Vec<u8>,
    of_text: fn(&Path, &str) -> Result<Tree, ConfigurationError>,
) -> Result<Tree, ConfigurationError> {
    let not_text = |error| ConfigurationError::Read { path: path.to_path_buf(), source: io::Error::other(error) };
    of_text(path, &String::from_utf8(bytes).map_err(not_text)?)
}
