//! Records of consumers that show nothing by themselves: the material of their successful pick-ups.
//!
//! newleaf writes a record only after a successful pick-up, with the hash of the material at its start. A record contains no
//! certificate: newleaf compares its hash with that of the stored material, so a lost or old record leads to one pick-up too
//! many, never to one too few.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rotation::pki::digest::sha256_hex;
use serde::{Deserialize, Serialize};

use crate::host::blocking::within;
use crate::host::directory::Directory;
use crate::host::error::HostError;

/// The directory of the records.
const RECORDS: &str = ".consumers";
/// The largest record, in bytes: two hashes in hexadecimal and a path.
const RECORD_MAX: u64 = 8192;
/// How long reading or writing a record may take. A working disk needs milliseconds.
const LIMIT: Duration = Duration::from_secs(1);

/// The record of a consumer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PickUpRecord {
    /// The hash of the material whose pick-up succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) picked_up: Option<String>,
    /// The hash of the material for which newleaf restarted it. newleaf restarts it once per content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) restarted: Option<String>,
    /// The pid file at which newleaf last saw the process. The absence of a file that newleaf never saw proves nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pid_file: Option<PathBuf>,
}

impl PickUpRecord {
    /// Parses a record. An unreadable text counts as an empty record.
    fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The records of a directory.
#[derive(Debug)]
pub(crate) struct PickUpRecords {
    directory: PathBuf,
}

impl PickUpRecords {
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_path_buf() }
    }

    /// The record of a consumer. Empty if there is none or it is unreadable, which means the same for a decision.
    pub(crate) fn read(&self, consumer: &str) -> PickUpRecord {
        let (directory, name) = (self.directory.clone(), file_name(consumer));
        match within(LIMIT, &self.directory, move || read(&directory, &name)) {
            Some(Ok(Some(text))) => PickUpRecord::parse(&text),
            Some(Ok(None) | Err(_)) | None => PickUpRecord::default(),
        }
    }

    /// Writes the record of a consumer with one rename. It does not rewrite an equal record.
    pub(crate) fn write(&self, consumer: &str, record: &PickUpRecord) -> Result<(), HostError> {
        let (directory, name, text) = (self.directory.clone(), file_name(consumer), record.text());
        match within(LIMIT, &self.directory, move || write(&directory, &name, &text)) {
            Some(written) => written,
            None => Err(HostError::slow(&self.directory.join(RECORDS), LIMIT)),
        }
    }
}

fn read(directory: &Path, name: &str) -> Result<Option<String>, HostError> {
    let Some(records) = open(directory)? else { return Ok(None) };
    let Some(file) = records.file(name)? else { return Ok(None) };
    file.refuse_other_than(None)?;
    let bytes = file.read(RECORD_MAX)?;
    Ok(std::str::from_utf8(bytes.expose()).ok().map(|text| text.trim().to_owned()))
}

fn open(directory: &Path) -> Result<Option<Directory>, HostError> {
    match Directory::open(directory)? {
        Some(directory) => directory.subdirectory(RECORDS),
        None => Ok(None),
    }
}

fn write(directory: &Path, name: &str, text: &str) -> Result<(), HostError> {
    if read(directory, name)?.as_deref() == Some(text) {
        return Ok(());
    }
    let records = Directory::create(directory)?.create_subdirectory(RECORDS, 0o755)?;
    let next = format!(".{name}.next");
    records.remove(&next)?;
    records.write_new(&next, format!("{text}\n").as_bytes(), |file| {
        file.set_permissions(PermissionsExt::from_mode(0o644))
    })?;
    records.rename(&next, &records, name)?;
    records.sync()
}

/// Refuses records that another user could have written.
pub(crate) fn check(directory: &Path) -> Result<(), HostError> {
    let Some(records) = open(directory)? else { return Ok(()) };
    records.names()?.iter().try_for_each(|name| records.check_file(name))
}

/// A file name for any consumer's name: the name itself if it is plain, otherwise a hash of it.
fn file_name(consumer: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if consumer.len() <= 64 && !consumer.starts_with('.') && !consumer.is_empty() && consumer.bytes().all(plain) {
        consumer.to_owned()
    } else {
        sha256_hex(consumer.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_anything_else_is_none() {
        let record =
            PickUpRecord { picked_up: Some("ab".to_owned()), restarted: None, pid_file: Some("/run/it.pid".into()) };
        assert_eq!(PickUpRecord::parse(&record.text()), record);
        for other in ["", "0123456789abcdef", "[]", "{\"pickedUp\": 1}"] {
            assert_eq!(PickUpRecord::parse(other), PickUpRecord::default(), "{other}");
        }
    }
}
