//! Notes about consumers that show nothing by themselves: the hash of the material whose pick-up ended well.
//!
//! A mark is written only after the pick-up has ended well, and only with the hash of what was stored when it began. It
//! says nothing about certificates: it is compared with the hash of what is stored now, so a lost or old mark leads to
//! one pick-up too many, never to one too few.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::host::blocking::within;
use crate::host::directory::Directory;
use crate::host::error::HostError;
use crate::postgres::certificate::sha256_hex;

/// The directory of the marks.
const MARKS: &str = ".consumers";
/// The largest mark, in bytes: two hashes in hexadecimal and a path.
const MARK_MAX: u64 = 8192;
/// How long a mark may take; a disk that works needs milliseconds.
const LIMIT: Duration = Duration::from_secs(1);

/// The marks of a directory.
#[derive(Debug)]
pub(crate) struct Marks {
    directory: PathBuf,
}

impl Marks {
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_path_buf() }
    }

    /// The mark of a consumer; `None` when there is none or it cannot be read, which is the same to a decision.
    pub(crate) fn read(&self, consumer: &str) -> Option<String> {
        let (directory, name) = (self.directory.clone(), file_name(consumer));
        within(LIMIT, &self.directory, move || read(&directory, &name).ok().flatten()).flatten()
    }

    /// Marks a consumer, in one rename. A mark that is there already is not written again.
    pub(crate) fn write(&self, consumer: &str, hash: &str) -> Result<(), HostError> {
        let (directory, name, hash) = (self.directory.clone(), file_name(consumer), hash.to_owned());
        let written = within(LIMIT, &self.directory, move || write(&directory, &name, &hash));
        written.unwrap_or_else(|| Err(HostError::slow(&self.directory.join(MARKS), LIMIT)))
    }
}

fn read(directory: &Path, name: &str) -> Result<Option<String>, HostError> {
    let Some(marks) = open(directory)? else { return Ok(None) };
    let Some(file) = marks.file(name)? else { return Ok(None) };
    file.refuse_other_than(None)?;
    let bytes = file.read(MARK_MAX)?;
    Ok(std::str::from_utf8(bytes.expose()).ok().map(|text| text.trim().to_owned()))
}

fn open(directory: &Path) -> Result<Option<Directory>, HostError> {
    match Directory::open(directory)? {
        Some(directory) => directory.subdirectory(MARKS),
        None => Ok(None),
    }
}

fn write(directory: &Path, name: &str, hash: &str) -> Result<(), HostError> {
    if read(directory, name)?.as_deref() == Some(hash) {
        return Ok(());
    }
    let marks = Directory::create(directory)?.create_subdirectory(MARKS, 0o755)?;
    let next = format!(".{name}.next");
    marks.remove(&next)?;
    marks.write_new(&next, format!("{hash}\n").as_bytes(), |file| {
        file.set_permissions(PermissionsExt::from_mode(0o644))
    })?;
    marks.rename(&next, &marks, name)?;
    marks.sync()
}

/// Refuses marks that another user could have made.
pub(crate) fn check(directory: &Path) -> Result<(), HostError> {
    let Some(marks) = open(directory)? else { return Ok(()) };
    marks.names()?.iter().try_for_each(|name| marks.check_file(name))
}

/// A file name for any consumer's name: itself when it is plain, a hash of it otherwise.
fn file_name(consumer: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if consumer.len() <= 64 && !consumer.starts_with('.') && !consumer.is_empty() && consumer.bytes().all(plain) {
        consumer.to_owned()
    } else {
        sha256_hex(consumer.as_bytes())
    }
}
