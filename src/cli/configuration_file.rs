//! The configuration file: read with care, parsed into a layer.

use std::io;
use std::path::Path;

use crate::configuration::error::Error;
use crate::configuration::file;
use crate::configuration::layers::Layers;
use crate::diagnosis::Failure;
use crate::host::error::HostError;
use crate::host::text::{self, Text};

/// What the file gives.
#[derive(Debug)]
pub struct ConfigurationFile {
    /// Its values.
    pub layers: Layers,
    /// An error where another user could have written it.
    pub trusted: Result<(), HostError>,
}

/// Reads a file that was named, so that it must be there.
pub async fn read(path: &Path) -> Result<ConfigurationFile, Failure> {
    let absent = || Error::Read { path: path.to_path_buf(), source: io::ErrorKind::NotFound.into() };
    find(path).await?.ok_or_else(|| absent().into())
}

/// Reads a file; `None` where it is not there.
pub async fn find(path: &Path) -> Result<Option<ConfigurationFile>, Failure> {
    let read = |source| Error::Read { path: path.to_path_buf(), source };
    match text::read(path).await {
        Ok(None) => Ok(None),
        Ok(Some(Text { bytes, trusted })) => {
            let text = String::from_utf8(bytes).map_err(|error| read(io::Error::other(error)))?;
            Ok(Some(ConfigurationFile { layers: file::parse(path, &text)?, trusted }))
        }
        Err(HostError::Read { source, .. }) => Err(read(source).into()),
        Err(error @ HostError::Slow { .. }) => Err(error.into()),
        Err(error) => Err(read(io::Error::other(error)).into()),
    }
}
