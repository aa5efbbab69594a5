//! `export`: writes the files of another tool into a folder, which is then that export's. A record in it says which files the export
//! made and how they were: so the next one changes only what changed, removes only what it made, and never overwrites what a
//! person wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base::diagnosis::{Code, Diagnose, Failure};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use stack::export::{ExportPart, ExportSource, ExportedFile, FileKeeper, RepositoryPlace, Tool, files, oci};
use stack::layers::convert::document_value;

use crate::bring::BringError;
use crate::error::DeployError;
use crate::load::LoadedStack;
use crate::text;

/// The record in the folder of an export.
pub const RECORD: &str = ".newleaf-export.json";
/// A file while it is written.
const PARTIAL: &str = ".newleaf-export.partial";

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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record {
    format: String,
    stack: String,
    version: String,
    /// Each file that the export keeps, with the SHA-256 of what it writes, in Base64 for URLs.
    files: BTreeMap<String, String>,
    /// While an export writes: the files of the one before. An export that died is then ended by the next one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    former: BTreeMap<String, String>,
}

impl Record {
    /// Whether an export wrote this.
    fn has(&self, path: &str, present: &[u8]) -> bool {
        let hash = hash(present);
        [&self.files, &self.former].into_iter().any(|files| files.get(path) == Some(&hash))
    }

    /// Every path that an export kept.
    fn paths(&self) -> BTreeSet<&String> {
        self.files.keys().chain(self.former.keys()).collect()
    }
}

/// What is exported, and how.
#[derive(Debug, Clone, Copy)]
pub struct Exporting<'a> {
    /// The tool.
    pub format: Tool,
    /// How much of the stack.
    pub part: ExportPart,
    /// Where the folder is in Git.
    pub repository: &'a RepositoryPlace,
    /// Whether a chart is written as an OCI image layout.
    pub oci: bool,
}

/// A file as it is written.
#[derive(Debug)]
struct WrittenFile {
    bytes: Vec<u8>,
    keeper: FileKeeper,
}

/// Exports a stack into a folder.
pub fn run(stack: &LoadedStack, exporting: Exporting<'_>, folder: &Path) -> Result<ExportReport, Failure> {
    let Exporting { format, part, repository, oci } = exporting;
    let document = document_value(&stack.document.tree);
    let version = env!("CARGO_PKG_VERSION");
    let source = ExportSource { settings: &stack.settings, document: &document, part, repository, version };
    let files = files(format, &source).map_err(|problem| DeployError::Unwritable(problem.to_string()))?;
    let files: BTreeMap<String, WrittenFile> = if oci {
        let layout = oci::layout(&files).map_err(|error| DeployError::Unwritable(error.to_string()))?;
        let of_export = |bytes| WrittenFile { bytes, keeper: FileKeeper::Export };
        layout.into_iter().map(|(path, bytes)| (path, of_export(bytes))).collect()
    } else {
        let written = |file: ExportedFile| WrittenFile { bytes: file.text.into_bytes(), keeper: file.keeper };
        files.into_iter().map(|(path, file)| (path, written(file))).collect()
    };
    let kept = files.iter().filter(|(_, file)| file.keeper == FileKeeper::Export);
    let record = Record {
        format: format.name().to_owned(),
        stack: stack.settings.name.as_str().to_owned(),
        version: version.to_owned(),
        files: kept.map(|(path, file)| (path.clone(), hash(&file.bytes))).collect(),
        former: BTreeMap::new(),
    };
    write(folder, &record, &files)
}

/// Writes the files. Everything is checked before the first one is written.
fn write(folder: &Path, record: &Record, files: &BTreeMap<String, WrittenFile>) -> Result<ExportReport, Failure> {
    let former = former(folder, record)?;
    let paths: BTreeSet<&String> = files.keys().chain(former.paths()).collect();
    let mut present = BTreeMap::new();
    for path in &paths {
        let place = folder.join(path);
        let found = read(&place)?;
        let is_free = match (&found, files.get(*path)) {
            (None, _) => true,
            (Some(found), Some(file)) => {
                file.keeper == FileKeeper::Operator || former.has(path, found) || *found == file.bytes
            }
            (Some(found), None) => former.has(path, found),
        };
        if !is_free {
            return Err(ExportError::Edited { path: place }.into());
        }
        present.insert((*path).clone(), found);
    }
    let mut report = ExportReport::default();
    // First, so that files without a record are never left: a later export would take them for a person's.
    let before = former.former.iter().chain(&former.files).map(|(path, hash)| (path.clone(), hash.clone())).collect();
    put_record(folder, &Record { former: before, ..record.clone() })?;
    for (path, file) in files {
        match (present.get(path).and_then(Option::as_ref), file.keeper) {
            (Some(present), _) if *present == file.bytes => report.unchanged += 1,
            (Some(_), FileKeeper::Operator) => report.left.push(path.clone()),
            (Some(_), FileKeeper::Export) | (None, _) => {
                put(folder, path, &file.bytes)?;
                report.written.push(path.clone());
            }
        }
    }
    for path in former.paths().into_iter().filter(|path| !files.contains_key(*path)) {
        remove(folder, path)?;
        report.removed.push(path.clone());
    }
    put_record(folder, record)?;
    Ok(report)
}

fn put_record(folder: &Path, record: &Record) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(record).map_err(|error| DeployError::Unwritable(error.to_string()))?;
    Ok(put(folder, RECORD, format!("{text}\n").as_bytes())?)
}

/// The record of the export that is there: an empty one in a folder that is absent or empty.
fn former(folder: &Path, wanted: &Record) -> Result<Record, Failure> {
    let place = folder.join(RECORD);
    let Some(bytes) = read(&place)? else {
        return match foreign(folder)? {
            Some(name) => Err(ExportError::Foreign { folder: folder.to_path_buf(), name }.into()),
            None => Ok(Record::default()),
        };
    };
    let record: Record = serde_json::from_slice(&bytes)
        .map_err(|error| ExportError::Record { path: place.clone(), problem: error.to_string() })?;
    if record.format != wanted.format || record.stack != wanted.stack {
        return Err(ExportError::Other {
            folder: folder.to_path_buf(),
            present: record.format,
            stack: record.stack,
            wanted: wanted.format.clone(),
            name: wanted.stack.clone(),
        }
        .into());
    }
    if let Some(outside) = record.paths().into_iter().find(|path| !is_below(path)) {
        return Err(
            ExportError::Record { path: place, problem: format!("{outside:?} is outside of the folder") }.into()
        );
    }
    Ok(record)
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
        if name != ".git" && name != PARTIAL {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DeployError::Unreadable { path: path.to_path_buf(), source }.into()),
        Ok(found) if found.is_file() => Ok(Some(text::read_bytes(path)?)),
        // Through a link the export would write somewhere else.
        Ok(_) => Err(ExportError::Edited { path: path.to_path_buf() }.into()),
    }
}

fn hash(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(digest(&SHA256, bytes).as_ref())
}

/// Writes a file whole, or not at all: an export that dies leaves no half of one.
fn put(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), BringError> {
    let (place, partial) = (folder.join(path), folder.join(PARTIAL));
    let failed = |source: io::Error| BringError::Write { path: place.clone(), source };
    fs::create_dir_all(place.parent().unwrap_or(folder)).map_err(failed)?;
    fs::write(&partial, bytes).map_err(failed)?;
    fs::rename(&partial, &place).map_err(failed)
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
