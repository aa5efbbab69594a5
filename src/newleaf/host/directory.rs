//! A directory that stays open, and every operation in it: by name within the open directory, so that a name cannot change
//! its place during use. All writes of this room go through here.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, mkdirat, openat, readlinkat, renameat, statat, symlinkat,
    unlinkat,
};
use rustix::io::Errno;

use crate::host::error::HostError;
use crate::host::file::RegularFile;
use crate::host::walk::{Exposed, follow, is_trusted, others_write};

/// A directory that only root and our own user can change or redirect.
#[derive(Debug)]
pub(crate) struct Directory {
    descriptor: OwnedFd,
    path: PathBuf,
}

/// What a name refers to where a link should be.
pub(crate) enum Link {
    Absent,
    To(PathBuf),
    /// It refers to a file or a directory.
    Other,
}

impl Directory {
    /// Opens a directory. `None` if it does not exist.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, HostError> {
        let followed = follow(path)?;
        let directory = match followed.rest.as_slice() {
            [] => Some(Self { descriptor: followed.directory, path: followed.path }),
            [name, ..] if exists(&followed.directory, name).map_err(HostError::read(path))? => {
                return Err(HostError::unusable(path, "it is not a directory"));
            }
            [_, ..] => None,
        };
        followed.exposure.refuse()?;
        Ok(directory)
    }

    /// Opens a directory. Creates it and its parents if they do not exist.
    pub(crate) fn create(path: &Path) -> Result<Self, HostError> {
        let followed = follow(path)?;
        followed.exposure.refuse()?;
        let mut directory = Self { descriptor: followed.directory, path: followed.path };
        for name in &followed.rest {
            directory = directory.create_subdirectory(name, 0o755)?;
        }
        Ok(directory)
    }

    /// The path of the directory, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a subdirectory. `None` if it does not exist.
    pub(crate) fn subdirectory(&self, name: impl AsRef<OsStr>) -> Result<Option<Self>, HostError> {
        let (name, path) = (name.as_ref(), self.path.join(name.as_ref()));
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let descriptor = match openat(&self.descriptor, name, flags, Mode::empty()) {
            Ok(descriptor) => descriptor,
            Err(Errno::NOENT) => return Ok(None),
            // With NOFOLLOW and DIRECTORY the kernel reports a link as no directory, too.
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(HostError::unusable(&path, "it is not a directory")),
            Err(error) => return Err(HostError::read(&path)(error.into())),
        };
        let stat = fstat(&descriptor).map_err(|error| HostError::read(&path)(error.into()))?;
        refuse(&path, &stat)?;
        Ok(Some(Self { descriptor, path }))
    }

    /// Opens a subdirectory. Creates it with this mode, whatever the umask, if it does not exist.
    pub(crate) fn create_subdirectory(&self, name: impl AsRef<OsStr>, mode: u32) -> Result<Self, HostError> {
        let (name, path) = (name.as_ref(), self.path.join(name.as_ref()));
        match mkdirat(&self.descriptor, name, Mode::RWXU) {
            Ok(()) => {
                let created = self.opened_again(name, &path)?;
                let permissions = PermissionsExt::from_mode(mode);
                created.readable()?.set_permissions(permissions).map_err(HostError::write(&path))?;
                Ok(created)
            }
            Err(Errno::EXIST) => self.opened_again(name, &path),
            Err(error) => Err(HostError::write(&path)(error.into())),
        }
    }

    fn opened_again(&self, name: &OsStr, path: &Path) -> Result<Self, HostError> {
        self.subdirectory(name)?.ok_or_else(|| HostError::write(path)(io::ErrorKind::NotFound.into()))
    }

    /// The directory as a file: to read its names, to change its mode, to sync it to disk.
    pub(crate) fn readable(&self) -> Result<File, HostError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = openat(&self.descriptor, ".", flags, Mode::empty());
        opened.map(File::from).map_err(|error| HostError::read(&self.path)(error.into()))
    }

    /// The names in the directory that are UTF-8.
    pub(crate) fn names(&self) -> Result<Vec<String>, HostError> {
        let failed = |error: Errno| HostError::read(&self.path)(error.into());
        let mut names = Vec::new();
        for entry in Dir::new(OwnedFd::from(self.readable()?)).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            match entry.file_name().to_str() {
                Ok("." | "..") | Err(_) => {}
                Ok(name) => names.push(name.to_owned()),
            }
        }
        Ok(names)
    }

    /// Whether the name exists.
    pub(crate) fn contains(&self, name: impl AsRef<OsStr>) -> Result<bool, HostError> {
        exists(&self.descriptor, name.as_ref()).map_err(HostError::read(&self.path.join(name.as_ref())))
    }

    /// The time since the last change of the named file or directory (for a directory: of its names). `None` if the change lies
    /// in the future, as after a correction of the clock.
    pub(crate) fn age(&self, name: &str) -> Result<Option<Duration>, HostError> {
        let stat = statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW);
        let stat = stat.map_err(|error| HostError::read(&self.path.join(name))(error.into()))?;
        let changed = UNIX_EPOCH + Duration::from_secs(u64::try_from(stat.st_mtime).unwrap_or(0));
        Ok(changed.elapsed().ok())
    }

    /// The earliest time at which the file can have got this name: its status changed then (stat(2)). `None` if the time is
    /// unreadable.
    pub(crate) fn changed(&self, name: &str) -> Option<SystemTime> {
        let stat = statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let nanoseconds = u32::try_from(stat.st_ctime_nsec).ok()?;
        Some(UNIX_EPOCH + Duration::new(u64::try_from(stat.st_ctime).ok()?, nanoseconds))
    }

    /// Opens a regular file. `None` if it does not exist.
    pub(crate) fn file(&self, name: impl AsRef<OsStr>) -> Result<Option<RegularFile>, HostError> {
        RegularFile::open(&self.descriptor, name.as_ref(), &self.path.join(name.as_ref()))
    }

    /// Refuses an existing file that another user can change, or that has a second name.
    pub(crate) fn check_file(&self, name: &str) -> Result<(), HostError> {
        let path = self.path.join(name);
        let stat = match statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(()),
            Err(error) => return Err(HostError::read(&path)(error.into())),
        };
        if !FileType::from_raw_mode(stat.st_mode).is_file() {
            return Err(HostError::unusable(&path, "it is not a regular file"));
        }
        if stat.st_nlink > 1 {
            return Err(HostError::unusable(&path, format!("it has {} names (hard links)", stat.st_nlink)));
        }
        refuse(&path, &stat)
    }

    /// Opens a file for locking. Creates it if it does not exist.
    pub(crate) fn lock_file(&self, name: impl AsRef<OsStr>) -> Result<File, HostError> {
        let opened = RegularFile::open_or_create(&self.descriptor, name.as_ref(), &self.path.join(name.as_ref()));
        let file = opened.map_err(HostError::locking)?;
        file.refuse_other_than(None)?;
        file.refuse_other_names()?;
        Ok(file.into_file())
    }

    /// The target of a link.
    pub(crate) fn link(&self, name: impl AsRef<OsStr>) -> Result<Link, HostError> {
        match readlinkat(&self.descriptor, name.as_ref(), Vec::new()) {
            Ok(target) => Ok(Link::To(PathBuf::from(OsString::from_vec(target.into_bytes())))),
            Err(Errno::NOENT) => Ok(Link::Absent),
            Err(Errno::INVAL) => Ok(Link::Other),
            Err(error) => Err(HostError::read(&self.path.join(name.as_ref()))(error.into())),
        }
    }

    /// Writes a new file that at first only this process may read, whatever the umask. `finish` sets owner and mode.
    pub(crate) fn write_new(
        &self,
        name: &str,
        bytes: &[u8],
        finish: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<(), HostError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(&self.descriptor, name, flags, Mode::RUSR | Mode::WUSR).map_err(io::Error::from);
        let written = opened.map(File::from).and_then(|mut file| {
            file.write_all(bytes)?;
            finish(&file)?;
            file.sync_all()
        });
        written.map_err(HostError::write(&self.path.join(name)))
    }

    /// Creates a symbolic link.
    pub(crate) fn make_link(&self, name: &str, target: &Path) -> Result<(), HostError> {
        let made = symlinkat(target, &self.descriptor, name);
        made.map_err(|error| HostError::write(&self.path.join(name))(error.into()))
    }

    /// Renames an entry, also into another directory, in one atomic step. Replaces an entry with the new name.
    pub(crate) fn rename(&self, name: &str, to: &Self, new_name: &str) -> Result<(), HostError> {
        let renamed = renameat(&self.descriptor, name, &to.descriptor, new_name);
        renamed.map_err(|error| HostError::write(&to.path.join(new_name))(error.into()))
    }

    /// Removes a file or a link, if it exists.
    pub(crate) fn remove(&self, name: &str) -> Result<(), HostError> {
        match unlinkat(&self.descriptor, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(HostError::write(&self.path.join(name))(error.into())),
        }
    }

    /// Removes a directory with its contents, by its path, which only root and our own user can change. It removes links and
    /// does not follow them (`std::fs::remove_dir_all`).
    pub(crate) fn remove_directory(&self, name: &str) -> Result<(), HostError> {
        let path = self.path.join(name);
        fs::remove_dir_all(&path).map_err(HostError::write(&path))
    }

    /// Syncs the names of the directory to disk, so that they survive a power cut.
    pub(crate) fn sync(&self) -> Result<(), HostError> {
        self.readable()?.sync_all().map_err(HostError::write(&self.path))
    }
}

fn exists(directory: &OwnedFd, name: &OsStr) -> io::Result<bool> {
    match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Fails unless the entry belongs to root or our own user, and no other user may write it.
fn refuse(path: &Path, stat: &Stat) -> Result<(), HostError> {
    let mode = stat.st_mode & 0o7777;
    if is_trusted(stat.st_uid) && !others_write(mode) {
        return Ok(());
    }
    let (owner, group) = (stat.st_uid, stat.st_gid);
    Err(HostError::exposed(Exposed { path: path.to_path_buf(), owner, group, mode }))
}
