//! Owner, group and modes of files, resolved from names once.

use std::fs::File;
use std::io;
use std::os::unix::fs::{PermissionsExt, fchown};
use std::path::Path;

use nix::unistd::{Group, User};

use crate::configuration::FileAttributes;
use crate::host::error::HostError;

/// Who may read the files of a generation, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attributes {
    owner: Option<u32>,
    group: Option<u32>,
    key_mode: u32,
    certificate_mode: u32,
}

impl Attributes {
    /// Those of the authority: its key is read by the issuing process only, whatever is configured.
    pub(crate) const AUTHORITY: Self = Self { owner: None, group: None, key_mode: 0o600, certificate_mode: 0o600 };

    /// Looks the names up.
    pub(crate) fn resolve(configured: &FileAttributes) -> Result<Self, HostError> {
        let owner = configured.owner.as_deref().map(user).transpose()?;
        let group = configured.group.as_deref().map(group).transpose()?;
        Ok(Self {
            owner: owner.as_ref().map(|user| user.uid.as_raw()),
            group: group.or(owner.map(|user| user.gid.as_raw())),
            key_mode: configured.key_mode,
            certificate_mode: configured.certificate_mode,
        })
    }

    /// Gives an entry its owner and mode. Until then only this process may read it.
    pub(crate) fn apply_to_entry(&self, name: &str, file: &File) -> io::Result<()> {
        self.apply(file, if is_key(name) { self.key_mode } else { self.certificate_mode })
    }

    /// Gives the directory of a generation its owner and mode: whoever may read a file in it may search it.
    pub(crate) fn apply_to_directory(&self, directory: &File) -> io::Result<()> {
        let readable = (self.key_mode | self.certificate_mode) & 0o444;
        self.apply(directory, 0o700 | readable | (readable >> 2))
    }

    fn apply(&self, file: &File, mode: u32) -> io::Result<()> {
        if self.owner.is_some() || self.group.is_some() {
            fchown(file, self.owner, self.group)?;
        }
        file.set_permissions(PermissionsExt::from_mode(mode))
    }
}

/// Whether an entry holds a private key, by its name.
fn is_key(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "key")
}

fn user(name: &str) -> Result<User, HostError> {
    let unknown = || HostError::OwnerUnknown { kind: "user", name: name.to_owned() };
    User::from_name(name).ok().flatten().ok_or_else(unknown)
}

fn group(name: &str) -> Result<u32, HostError> {
    let unknown = || HostError::OwnerUnknown { kind: "group", name: name.to_owned() };
    Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw()).ok_or_else(unknown)
}
