//! `export`: writes the files of another tool into a folder, which is then that export's. A record in it says which files the export
//! made and how they were: so the next one changes only what changed, removes only what it made, and never overwrites what a
//! person wrote.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base::diagnosis::{Code, Diagnose, Failure};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use stack::export::{ExportFormat, ExportPart, ExportSource, ExportedFiles, FileKeeper, RepositoryPlace, files};
use stack::layers::convert::document_value;

use crate::bring::BringError;
use crate::error::DeployError;
use crate::load::LoadedStack;
use crate::text;

/// The record in the folder of an export.
pub const RECORD: &str = ".newleaf-export.json";

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder has other files, and no record.
    #[error("{} is no export, and {name} is in it", folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// A file of it.
        name: String,
    },
    /// The folder has the export of another stack or for another tool.
    #[error("{} is the {present} export of stack {stack}, and not the {wanted} export of stack {name}", folder.display())]
    Other {
        /// The folder.
        folder: PathBuf,
        /// The format of the export that is there.
        present: String,
        /// Its stack.
        stack: String,
        /// The format of this export.
        wanted: String,
        /// This stack.
        name: String,
    },
    /// A person changed a file, or wrote one where the export writes its own.
    #[error("{} was not written by the last export, or was changed since", path.display())]
    Edited {
        /// The file.
        path: PathBuf,
    },
    /// The record cannot be read.
    #[error("{} is not the record of an export: {problem}", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A raw layer is in the cluster, and an export asks no cluster.
    #[error("the raw layer in ConfigMap {name} is in the cluster, and an export contacts none")]
    LayerInCluster {
        /// The ConfigMap.
        name: String,
    },
}

impl Diagnose for ExportError {
    fn code(&self) -> Code {
        match self {
            Self::Foreign { .. } => Code::ExportFolderForeign,
            Self::Other { .. } => Code::ExportFolderOther,
            Self::Edited { .. } => Code::ExportEdited,
            Self::Record { .. } => Code::ExportRecordBroken,
            Self::LayerInCluster { .. } => Code::ExportLayerInCluster,
        }
    }

    fn object(&self) -> Option<String> {
        match self {
            Self::Foreign { folder, .. } | Self::Other { folder, .. } => Some(folder.display().to_string()),
            Self::Edited { path } | Self::Record { path, .. } => Some(path.display().to_string()),
            Self::LayerInCluster { name } => Some(format!("ConfigMap {name}")),
        }
    }
}

/// What an export did to its folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportReport {
    /// Files that were made or changed.
    pub written: Vec<String>,
    /// Files that this stack no longer has.
    pub removed: Vec<String>,
    /// Files that are as they were.
    pub unchanged: usize,
    /// Files of the operator, which the export left alone.
    pub left: Vec<String>,
}

/// What the record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record {
    format: String,
    stack: String,
    version: String,
    /// Each file that the export keeps, with the SHA-256 of what it wrote, in Base64 for URLs.
    files: BTreeMap<String, String>,
}

/// Exports a stack into a folder.
pub fn run(
    stack: &LoadedStack,
    format: ExportFormat,
    part: ExportPart,
    repository: &RepositoryPlace,
    folder: &Path,
) -> Result<ExportReport, Failure> {
    let document = document_value(&stack.document.tree);
    let version = env!("CARGO_PKG_VERSION");
    let source = ExportSource { settings: &stack.settings, document: &document, part, repository, version };
    let files = files(format, &source).map_err(|problem| DeployError::Unwritable(problem.to_string()))?;
    write(folder, Exported { format, stack: stack.settings.name.as_str(), version }, &files)
}

/// What is to be exported: the tool, the stack's name, the version of this program.
#[derive(Debug, Clone, Copy)]
pub struct Exported<'a> {
    /// The tool.
    pub format: ExportFormat,
    /// The name of the stack.
    pub stack: &'a str,
    /// The version of this program.
    pub version: &'a str,
}

/// Writes the files. Everything is checked before the first one is written.
pub fn write(folder: &Path, what: Exported<'_>, files: &ExportedFiles) -> Result<ExportReport, Failure> {
    let former = former(folder, what)?;
    for (path, file) in files {
        let place = folder.join(path);
        let present = present(&place)?;
        let is_free = match (&present, file.keeper) {
            (None, _) | (_, FileKeeper::Operator) => true,
            (Some(present), FileKeeper::Export) => is_ours(&former, path, present) || *present == file.text,
        };
        if !is_free {
            return Err(ExportError::Edited { path: place }.into());
        }
    }
    let gone: Vec<&String> = former.keys().filter(|path| !files.contains_key(*path)).collect();
    for path in &gone {
        let place = folder.join(path);
        if present(&place)?.is_some_and(|present| !is_ours(&former, path, &present)) {
            return Err(ExportError::Edited { path: place }.into());
        }
    }
    let mut report = ExportReport::default();
    let mut record = BTreeMap::new();
    for (path, file) in files {
        let place = folder.join(path);
        let present = present(&place)?;
        if file.keeper == FileKeeper::Export {
            record.insert(path.clone(), hash(&file.text));
        }
        match (present, file.keeper) {
            (Some(present), _) if present == file.text => report.unchanged += 1,
            (Some(_), FileKeeper::Operator) => report.left.push(path.clone()),
            (Some(_), FileKeeper::Export) | (None, _) => {
                put(&place, &file.text)?;
                report.written.push(path.clone());
            }
        }
    }
    for path in gone {
        remove(folder, path)?;
        report.removed.push(path.clone());
    }
    let record = Record {
        format: what.format.name().to_owned(),
        stack: what.stack.to_owned(),
        version: what.version.to_owned(),
        files: record,
    };
    let text = serde_json::to_string_pretty(&record).map_err(|error| DeployError::Unwritable(error.to_string()))?;
    put(&folder.join(RECORD), &format!("{text}\n"))?;
    Ok(report)
}

/// The files of the export that is there: none in a folder that is absent or empty.
fn former(folder: &Path, what: Exported<'_>) -> Result<BTreeMap<String, String>, Failure> {
    let place = folder.join(RECORD);
    let Some(text) = present(&place)? else {
        return match foreign(folder)? {
            Some(name) => Err(ExportError::Foreign { folder: folder.to_path_buf(), name }.into()),
            None => Ok(BTreeMap::new()),
        };
    };
    let record: Record = serde_json::from_str(&text)
        .map_err(|error| ExportError::Record { path: place.clone(), problem: error.to_string() })?;
    if record.format != what.format.name() || record.stack != what.stack {
        return Err(ExportError::Other {
            folder: folder.to_path_buf(),
            present: record.format,
            stack: record.stack,
            wanted: what.format.name().to_owned(),
            name: what.stack.to_owned(),
        }
        .into());
    }
    if let Some(outside) = record.files.keys().find(|path| !is_below(path)) {
        return Err(
            ExportError::Record { path: place, problem: format!("{outside:?} is outside of the folder") }.into()
        );
    }
    Ok(record.files)
}

/// A path that stays below the folder: a record may have been edited, too.
fn is_below(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// A file of the folder, if it has any. That it is the root of a Git repository does no harm.
fn foreign(folder: &Path) -> Result<Option<String>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(DeployError::Unreadable { path: folder.to_path_buf(), source }.into()),
    };
    for entry in entries {
        let entry = entry.map_err(|source| DeployError::Unreadable { path: folder.to_path_buf(), source })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != ".git" {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn present(path: &Path) -> Result<Option<String>, Failure> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DeployError::Unreadable { path: path.to_path_buf(), source }.into()),
        Ok(found) if found.is_file() => Ok(Some(text::read(path)?)),
        // Through a link the export would write somewhere else.
        Ok(_) => Err(ExportError::Edited { path: path.to_path_buf() }.into()),
    }
}

fn is_ours(former: &BTreeMap<String, String>, path: &str, present: &str) -> bool {
    former.get(path).is_some_and(|written| *written == hash(present))
}

fn hash(text: &str) -> String {
    Base64UrlUnpadded::encode_string(digest(&SHA256, text.as_bytes()).as_ref())
}

fn put(path: &Path, text: &str) -> Result<(), BringError> {
    let failed = |source: io::Error| BringError::Write { path: path.to_path_buf(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

/// Removes a file, and the folders that are empty without it.
fn remove(folder: &Path, path: &str) -> Result<(), BringError> {
    let place = folder.join(path);
    match fs::remove_file(&place) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(BringError::Write { path: place, source });
        }
        Ok(()) | Err(_) => {}
    }
    let above = place.ancestors().skip(1).take_while(|above| *above != folder);
    for above in above {
        if fs::remove_dir(above).is_err() {
            break;
        }
    }
    Ok(())
}
