//! The errors of a configuration. Every error names the value, its limits and its origin.

use std::path::PathBuf;

use base::diagnosis::{Code, Diagnose};
use base::layers::error::LayerError;
use base::layers::origin::Origin;
use thiserror::Error;

use crate::document::keys;

/// The configuration is unusable.
#[derive(Debug, Error)]
pub enum ConfigurationError {
    /// The file is missing, unreadable or not UTF-8.
    #[error("failed to read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file, or the YAML of a flag, does not have the documented shape.
    #[error("{place} does not have the documented shape: {problem}")]
    Shape {
        /// File, line and column; or the flag or variable.
        place: String,
        /// What was found and what is allowed there.
        problem: String,
    },
    /// A document from a cluster has a key that only a file on a machine may have.
    #[error("{place} is kept in a cluster, and says what only a file on a machine may say: {key}")]
    OfMachine {
        /// The ConfigMap, line and column.
        place: String,
        /// Where it stands in the document.
        key: String,
    },
    /// A ConfigMap names another namespace than its own.
    #[error("{place} names the namespace {named:?}, and is kept in {namespace:?}")]
    OtherNamespace {
        /// The ConfigMap.
        place: String,
        /// The namespace that it names.
        named: String,
        namespace: String,
    },
    /// One value is wrong by itself.
    #[error("{key} is {value:?} ({origin}): {limits}")]
    Value {
        key: String,
        value: String,
        origin: Origin,
        /// What is allowed.
        limits: String,
        /// What kind of value it is.
        code: Code,
    },
    /// Values that are allowed alone but not together.
    #[error("{problem}; {}", given.join(", "))]
    Contradiction {
        /// What does not fit.
        problem: String,
        /// The values concerned, with their origins.
        given: Vec<String>,
    },
    /// A consumer has no valid pick-up.
    #[error("consumer {name:?} ({origin}): {problem}")]
    Consumer {
        name: String,
        origin: Origin,
        /// What is wrong with it.
        problem: String,
    },
    /// Neither a directory nor a cluster is named.
    #[error("neither a namespace nor a directory was named, and no kubeconfig was found")]
    DirectoryMissing,
}

impl From<LayerError> for ConfigurationError {
    fn from(error: LayerError) -> Self {
        Self::Shape { place: error.origin.place(), problem: error.clause() }
    }
}

impl Diagnose for ConfigurationError {
    fn code(&self) -> Code {
        match self {
            Self::Read { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => Code::FileDenied,
            Self::Read { .. } => Code::ConfigurationUnreadable,
            Self::Shape { .. } => Code::ConfigurationInvalid,
            Self::OfMachine { .. } | Self::OtherNamespace { .. } => Code::ConfigurationForeign,
            Self::Value { code, .. } => *code,
            Self::Contradiction { .. } => Code::ValuesContradict,
            Self::Consumer { .. } => Code::ConsumerInvalid,
            Self::DirectoryMissing => Code::DirectoryMissing,
        }
    }

    fn object(&self) -> Option<String> {
        match self {
            Self::Read { path, .. } | Self::Value { origin: Origin::File { path, .. }, .. } => {
                Some(path.display().to_string())
            }
            Self::Shape { place, .. } | Self::OfMachine { place, .. } | Self::OtherNamespace { place, .. } => {
                Some(place.clone())
            }
            Self::Consumer { name, .. } => Some(format!("consumer {name}")),
            Self::Value { key, .. } => Some(key.clone()),
            Self::Contradiction { .. } | Self::DirectoryMissing => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Value { key, origin: Origin::Default, .. } => keys::of_path(key)
                .map(|known| format!("Set {key} in the file, or give `--set {key}=VALUE` or {}.", known.variable())),
            Self::OtherNamespace { named, .. } => Some(format!(
                "Give `--namespace {named}` to work there with the configuration that is kept there, or `--config FILE`."
            )),
            Self::Read { .. }
            | Self::Shape { .. }
            | Self::OfMachine { .. }
            | Self::Value { .. }
            | Self::Contradiction { .. }
            | Self::Consumer { .. }
            | Self::DirectoryMissing => None,
        }
    }
}
