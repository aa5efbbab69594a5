//! Regular files: opened without waiting and without following a link, read up to a limit.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rotation::engine::material::SecretBytes;
use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;

use crate::host::error::HostError;
use crate::host::walk::{Exposed, Exposure, follow, is_trusted, others_write};

/// The flags for every file: opening waits for no named pipe and no leased file, and follows no link.
const CAREFUL: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// An open regular file.
#[derive(Debug)]
pub(crate) struct RegularFile {
    file: File,
    metadata: Metadata,
    path: PathBuf,
}

impl RegularFile {
    /// Opens a file of a directory. `None` if it does not exist.
    pub(crate) fn open(directory: impl AsFd, name: &OsStr, path: &Path) -> Result<Option<Self>, HostError> {
        Self::open_with(directory, name, path, OFlags::RDONLY)
    }

    /// Opens a file of a directory for reading and writing, and creates it if it does not exist.
    pub(crate) fn open_or_create(directory: impl AsFd, name: &OsStr, path: &Path) -> Result<Self, HostError> {
        let opened = Self::open_with(directory, name, path, OFlags::RDWR | OFlags::CREATE)?;
        // The directory itself has been removed meanwhile.
        opened.ok_or_else(|| HostError::write(path)(io::ErrorKind::NotFound.into()))
    }

    fn open_with(directory: impl AsFd, name: &OsStr, path: &Path, flags: OFlags) -> Result<Option<Self>, HostError> {
        let file: File = match openat(directory, name, flags | CAREFUL, Mode::RUSR | Mode::WUSR) {
            Ok(descriptor) => descriptor.into(),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(HostError::unusable(path, "it is a symbolic link")),
            // The owner can take a lease at any time and so make every reader wait.
            Err(Errno::AGAIN) => return Err(HostError::unusable(path, "another process holds a lease on it")),
            // A socket, a device without a driver, a directory opened for writing.
            Err(Errno::NXIO | Errno::NODEV | Errno::ISDIR) => return Err(not_regular(path)),
            Err(error) => return Err(HostError::read(path)(error.into())),
        };
        let metadata = file.metadata().map_err(HostError::read(path))?;
        if metadata.is_file() {
            Ok(Some(Self { file, metadata, path: path.to_path_buf() }))
        } else {
            Err(not_regular(path))
        }
    }

    pub(crate) fn owner(&self) -> u32 {
        self.metadata.uid()
    }

    pub(crate) fn modified(&self) -> io::Result<SystemTime> {
        self.metadata.modified()
    }

    /// Fails unless the file belongs to root, our own user or the named user, and no other user may write it.
    pub(crate) fn refuse_other_than(&self, keeper: Option<u32>) -> Result<(), HostError> {
        let (owner, mode) = (self.owner(), self.metadata.mode() & 0o7777);
        if (is_trusted(owner) || Some(owner) == keeper) && !others_write(mode) {
            return Ok(());
        }
        Err(HostError::exposed(Exposed { path: self.path.clone(), owner, group: self.metadata.gid(), mode }))
    }

    /// Fails if the file has a second name (hard link), because another user than its owner may have put it here.
    pub(crate) fn refuse_other_names(&self) -> Result<(), HostError> {
        match self.metadata.nlink() {
            0 | 1 => Ok(()),
            names => Err(HostError::unusable(&self.path, format!("it has {names} names (hard links)"))),
        }
    }

    /// Reads the whole file into memory that is wiped when dropped.
    pub(crate) fn read(mut self, limit: u64) -> Result<SecretBytes, HostError> {
        let length = self.metadata.len();
        if length > limit {
            return Err(HostError::TooLarge { path: self.path, limit });
        }
        // Allocate the right size once: growing would leave copies of a key behind.
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0).saturating_add(1)];
        let read = fill(&mut self.file, &mut bytes);
        let room = bytes.len();
        bytes.truncate(*read.as_ref().unwrap_or(&0));
        let bytes = SecretBytes::new(bytes);
        match read {
            Ok(filled) if filled < room => Ok(bytes),
            Ok(_) => Err(HostError::unusable(&self.path, "it grew during the read")),
            Err(error) => Err(HostError::read(&self.path)(error)),
        }
    }

    /// The underlying file, to lock it or to write into it.
    pub(crate) fn into_file(self) -> File {
        self.file
    }
}

/// Opens a file by its path, also through links, and reports the users who could redirect the path. `None` if it does not
/// exist.
pub(crate) fn open(path: &Path) -> Result<Option<(RegularFile, Exposure)>, HostError> {
    let followed = follow(path)?;
    match followed.rest.as_slice() {
        [] => Err(not_regular(path)),
        [name] => {
            let found = RegularFile::open(&followed.directory, name, path)?;
            Ok(found.map(|file| (file, followed.exposure)))
        }
        [_, ..] => Ok(None),
    }
}

/// Reads until the end of the file or of the buffer. Returns the number of bytes.
fn fill(file: &mut File, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn not_regular(path: &Path) -> HostError {
    HostError::unusable(path, "it is not a regular file")
}
