//! Follows a path one name at a time, as sshd's `StrictModes` does, to find users besides root and our own who could
//! redirect it.
//!
//! Each directory stays open while newleaf looks up the next name in it, so newleaf uses exactly what it has checked.

use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::host::accounts::user_name;
use crate::host::error::HostError;

/// The largest number of links on one path, as on Linux (`path_resolution(7)`).
const LINKS_MAX: u32 = 40;

/// A part of a path that another user can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exposed {
    pub(crate) path: PathBuf,
    pub(crate) owner: u32,
    pub(crate) group: u32,
    pub(crate) mode: u32,
}

/// The parts of a path that other users can change.
#[derive(Debug, Default)]
pub(crate) struct Exposure {
    /// The parts that belong to users other than root and our own.
    foreign: Vec<Exposed>,
    /// The first part that its group or all users may write.
    writable: Option<Exposed>,
}

impl Exposure {
    fn note(&mut self, path: &Path, stat: &Stat, writable: bool) {
        let mode = stat.st_mode & 0o7777;
        let exposed = || Exposed { path: path.to_path_buf(), owner: stat.st_uid, group: stat.st_gid, mode };
        if !is_trusted(stat.st_uid) {
            self.foreign.push(exposed());
        }
        if writable {
            self.writable.get_or_insert_with(exposed);
        }
    }

    /// Fails unless only root and our own user can change the path.
    pub(crate) fn refuse(self) -> Result<(), HostError> {
        self.refuse_other_than(None)
    }

    /// The same with one more trusted user.
    pub(crate) fn refuse_other_than(self, keeper: Option<u32>) -> Result<(), HostError> {
        let foreign = self.foreign.into_iter().find(|exposed| Some(exposed.owner) != keeper);
        match foreign.or(self.writable) {
            Some(exposed) => Err(HostError::exposed(exposed)),
            None => Ok(()),
        }
    }

    /// Whether every part of the path belongs to root, our own user, or this one.
    pub(crate) fn belongs_to(&self, keeper: u32) -> bool {
        self.foreign.iter().all(|exposed| exposed.owner == keeper)
    }
}

/// Whether a user is root or the user of this process.
pub(crate) fn is_trusted(user: u32) -> bool {
    user == 0 || user == geteuid().as_raw()
}

/// The name of the user of this process, for a `chown` command.
pub(crate) fn own_name() -> String {
    user_name(geteuid().as_raw())
}

/// Whether the mode lets the group or other users write.
pub(crate) const fn others_write(mode: u32) -> bool {
    mode & 0o022 != 0
}

/// The result of following a path.
pub(crate) struct Followed {
    /// The last existing directory.
    pub(crate) directory: OwnedFd,
    /// The path of the directory, without links.
    pub(crate) path: PathBuf,
    /// The rest of the path: empty, or from the first name that is not an existing directory.
    pub(crate) rest: Vec<OsString>,
    /// The users who can change the path.
    pub(crate) exposure: Exposure,
}

/// Follows a path and its links as far as directories exist. A relative path starts at the working directory.
pub(crate) fn follow(path: &Path) -> Result<Followed, HostError> {
    let failed = |source: Errno| HostError::read(path)(source.into());
    let absolute = std::path::absolute(path).map_err(HostError::read(path))?;
    let mut walk = Walk::start().map_err(failed)?;
    walk.push(&absolute);
    // Only a link adds names, and [`LINKS_MAX`] links end the walk.
    while let Some(name) = walk.pending.pop() {
        match walk.enter(&name) {
            Ok(Entered::Further) => {}
            Ok(Entered::End) => {
                walk.pending.push(name);
                break;
            }
            Err(source) => return Err(HostError::read(&walk.path.join(&name))(source.into())),
        }
    }
    let Walk { directory, path, mut pending, exposure, .. } = walk;
    pending.reverse();
    Ok(Followed { directory, path, rest: pending, exposure })
}

struct Walk {
    directory: OwnedFd,
    path: PathBuf,
    /// The names to enter, the next one last.
    pending: Vec<OsString>,
    links: u32,
    /// Whether other users may write the directory, so that a link in it deserves as much trust as its owner.
    shared: bool,
    exposure: Exposure,
}

/// What a name refers to.
enum Entered {
    /// A directory, or a link whose target comes next.
    Further,
    /// Not a directory, or nothing.
    End,
}

impl Walk {
    fn start() -> Result<Self, Errno> {
        let directory = open_root()?;
        let stat = fstat(&directory)?;
        let (path, exposure) = (PathBuf::from("/"), Exposure::default());
        let mut walk = Self { directory, path, pending: Vec::new(), links: 0, shared: false, exposure };
        walk.look_at(&stat);
        Ok(walk)
    }

    /// Puts a path before the names to enter.
    fn push(&mut self, path: &Path) {
        for component in path.components().rev() {
            match component {
                Component::Normal(_) | Component::ParentDir => self.pending.push(component.as_os_str().to_owned()),
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
    }

    fn enter(&mut self, name: &OsStr) -> Result<Entered, Errno> {
        let found = openat(&self.directory, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty());
        let found = match found {
            Err(Errno::NOENT) => return Ok(Entered::End),
            found => found?,
        };
        let stat = fstat(&found)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind.is_dir() {
            if name == ".." {
                self.path.pop();
            } else {
                self.path.push(name);
            }
            self.directory = found;
            self.look_at(&stat);
            return Ok(Entered::Further);
        }
        if !kind.is_symlink() {
            return Ok(Entered::End);
        }
        if self.links >= LINKS_MAX {
            return Err(Errno::LOOP);
        }
        self.links += 1;
        if self.shared {
            self.exposure.note(&self.path.join(name), &stat, false);
        }
        let target = readlinkat(&found, "", Vec::new())?;
        let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
        if target.is_absolute() {
            let root = Self::start()?;
            (self.directory, self.path, self.shared) = (root.directory, root.path, root.shared);
        }
        self.push(&target);
        Ok(Entered::Further)
    }

    /// Records the users who can change the entered directory. In a sticky directory no user can replace another user's entry.
    fn look_at(&mut self, stat: &Stat) {
        self.shared = others_write(stat.st_mode);
        // newleaf also relies on what the last directory of the path does *not* contain; the next step knows whether it is last.
        let sticky = stat.st_mode & 0o1000 != 0 && !self.pending.is_empty();
        self.exposure.note(&self.path, stat, self.shared && !sticky);
    }
}

fn open_root() -> Result<OwnedFd, Errno> {
    openat(CWD, "/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}
