//! The document of the stack, from files to settings.

use std::path::Path;

use base::diagnosis::Failure;
use stack::document::{self, StackDocument};
use stack::settings::Settings;

use crate::error::DeployError;

/// What flags say about the stack.
#[derive(Debug, Clone, Copy, Default)]
pub struct StackOverrides<'a> {
    /// `--namespace`
    pub namespace: Option<&'a str>,
}

/// The settings of a stack: of one file, or the defaults.
pub async fn settings(path: Option<&Path>, overrides: StackOverrides<'_>) -> Result<Settings, Failure> {
    let (place, text) = match path {
        Some(path) => (path.display().to_string(), read(path).await?),
        None => ("of the defaults".to_owned(), String::new()),
    };
    let invalid = |problems| DeployError::Invalid { place: place.clone(), problems };
    let mut document: StackDocument = document::parse(&text).map_err(invalid)?;
    if let Some(namespace) = overrides.namespace {
        document.namespace = Some(namespace.to_owned());
    }
    Ok(Settings::of(&document).map_err(invalid)?)
}

async fn read(path: &Path) -> Result<String, DeployError> {
    let owned = path.to_path_buf();
    let unreadable = |source| DeployError::Unreadable { path: path.to_path_buf(), source };
    // `-f -` is standard input, as for kubectl.
    let reading = tokio::task::spawn_blocking(move || {
        if owned.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin())
        } else {
            std::fs::read_to_string(owned)
        }
    });
    reading.await.map_err(|error| unreadable(std::io::Error::other(error)))?.map_err(unreadable)
}
