//! `init` and `import`: a document for a person to go on with. Nothing that exists is ever written over.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base::diagnosis::{Code, Diagnose, Failure};
use serde_json::Value;
use stack::import::{Imported, chart, operator};

use crate::error::DeployError;
use crate::text;

/// A file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BringError {
    /// It is there already.
    #[error("{} exists already, and newleaf-deploy never overwrites it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("failed to write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no YAML.
    #[error("{} is not readable as YAML: {problem}", path.display())]
    NotYaml {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Something has no equivalent.
    #[error("{left} of the values have no equivalent; each is listed with its reason")]
    Incomplete {
        /// How many.
        left: usize,
    },
}

impl Diagnose for BringError {
    fn code(&self) -> Code {
        match self {
            Self::Exists { .. } => Code::OutputExists,
            Self::Write { .. } => Code::OutputFailed,
            Self::NotYaml { .. } => Code::ConfigurationInvalid,
            Self::Incomplete { .. } => Code::ImportIncomplete,
        }
    }

    fn object(&self) -> Option<String> {
        match self {
            Self::Exists { path } | Self::Write { path, .. } | Self::NotYaml { path, .. } => {
                Some(path.display().to_string())
            }
            Self::Incomplete { .. } => None,
        }
    }
}

/// Writes a new file, with the folders above it.
pub fn write_new(path: &Path, text: &str) -> Result<(), BringError> {
    let failed = |source: io::Error| {
        if source.kind() == io::ErrorKind::AlreadyExists {
            BringError::Exists { path: path.to_path_buf() }
        } else {
            BringError::Write { path: path.to_path_buf(), source }
        }
    };
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// Reads the configuration of another installer: a folder of the Backstage operator, or a file of values of the chart.
pub fn read(source: &Path) -> Result<Imported, Failure> {
    let unreadable = |error| DeployError::Unreadable { path: source.to_path_buf(), source: error };
    if !source.is_dir() {
        let values = documents(source)?.into_iter().next().unwrap_or_default();
        return Ok(chart::import(&values));
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(source).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() && name != "kustomization.yaml" {
            files.push((name, path));
        }
    }
    files.sort();
    let mut read = Vec::new();
    for (name, path) in files {
        read.push((name, documents(&path)?));
    }
    Ok(operator::import(&read))
}

fn documents(path: &Path) -> Result<Vec<Value>, Failure> {
    let text = text::read(path)?;
    let options = serde_saphyr::options! { with_snippet: false };
    let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(&text, options)
        .map_err(|error| BringError::NotYaml { path: path.to_path_buf(), problem: error.to_string() })?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

/// Writes what was imported: the document, and beside it the raw layer that it names.
pub fn write(imported: &Imported, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unwritable = |error: serde_saphyr::ser::Error| DeployError::Unwritable(error.to_string());
    let mut document = imported.document.clone();
    let mut raw = String::new();
    for object in &imported.raw {
        raw.push_str("---\n");
        raw.push_str(&serde_saphyr::to_string(object).map_err(unwritable)?);
    }
    let mut written = Vec::new();
    if !raw.is_empty() {
        if let Value::Object(fields) = &mut document {
            fields.insert("raw".to_owned(), serde_json::json!([{ "path": "raw" }]));
        }
        let path = folder.join("raw/imported.yaml");
        write_new(&path, &raw)?;
        written.push(path);
    }
    let path = folder.join("stack.yaml");
    write_new(&path, &serde_saphyr::to_string(&document).map_err(unwritable)?)?;
    written.push(path);
    Ok(written)
}
