//! Notes about consumers that show nothing by themselves: the hash of the material whose pick-up ended well.
//!
//! A mark is written only after the pick-up has ended well, and only with the hash of what was stored when it began. It
//! says nothing about certificates: it is compared with the hash of what is stored now, so a lost or old mark leads to
//! one pick-up too many, never to one too few.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::host::error::HostError;
use crate::host::generations::{read_file, sync, write_file};
use crate::postgres::certificate::sha256_hex;

/// The marks of a directory.
#[derive(Debug)]
pub(crate) struct Marks {
    directory: PathBuf,
}

impl Marks {
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.join(".consumers") }
    }

    /// The mark of a consumer; `None` when there is none or it cannot be read, which is the same to a decision.
    pub(crate) fn read(&self, consumer: &str) -> Option<String> {
        let bytes = read_file(&self.directory.join(file_name(consumer))).ok()?;
        std::str::from_utf8(bytes.expose()).ok().map(|text| text.trim().to_owned())
    }

    /// Marks a consumer, in one rename. A mark that is there already is not written again.
    pub(crate) fn write(&self, consumer: &str, hash: &str) -> Result<(), HostError> {
        if self.read(consumer).as_deref() == Some(hash) {
            return Ok(());
        }
        match DirBuilder::new().mode(0o755).create(&self.directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(HostError::write(&self.directory)(error));
            }
            Ok(()) | Err(_) => {}
        }
        let path = self.directory.join(file_name(consumer));
        let next = self.directory.join(format!(".{}.next", file_name(consumer)));
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(HostError::write(&next)(error)),
            Ok(()) | Err(_) => {}
        }
        let readable = |file: &fs::File| file.set_permissions(PermissionsExt::from_mode(0o644));
        write_file(&next, format!("{hash}\n").as_bytes(), readable)?;
        fs::rename(&next, &path).map_err(HostError::write(&path))?;
        sync(&self.directory)
    }
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
