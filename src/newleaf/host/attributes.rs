//! Owner, group and modes of files and their directories, resolved from names once.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::{PermissionsExt, fchown};
use std::path::Path;

use rotation::document::FileAttributes;

use crate::host::accounts::{self, Owner};
use crate::host::error::HostError;
use crate::host::walk::is_trusted;

/// The ids of the users who may read the files of a generation. Only files get another owner: in a directory of another
/// user, that user would decide what root reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attributes {
    owner: Option<Owner>,
    group: Option<u32>,
    key_mode: u32,
    certificate_mode: u32,
}

impl Attributes {
    /// The attributes of the authority. Only the issuing process may read its key, whatever the configuration says.
    pub(crate) const AUTHORITY: Self = Self { owner: None, group: None, key_mode: 0o600, certificate_mode: 0o600 };

    /// Resolves the configured names.
    pub(crate) fn resolve(configured: &FileAttributes) -> Result<Self, HostError> {
        let owner = configured.owner.as_ref().map(accounts::owner).transpose()?;
        let group = configured.group.as_ref().map(accounts::group).transpose()?;
        Ok(Self {
            owner,
            group: group.or(owner.and_then(|owner| owner.group)),
            key_mode: configured.key_mode,
            certificate_mode: configured.certificate_mode,
        })
    }

    /// The configured owner of the files, if there is one.
    pub(crate) fn keeper(&self) -> Option<u32> {
        self.owner.map(|owner| owner.user)
    }

    /// Sets owner and mode of an entry. Until then only this process may read it.
    pub(crate) fn apply_to_entry(&self, name: &str, file: &File) -> io::Result<()> {
        if self.owner.is_some() || self.group.is_some() {
            fchown(file, self.keeper(), self.group)?;
        }
        let is_key = Path::new(name).extension() == Some(OsStr::new("key"));
        file.set_permissions(PermissionsExt::from_mode(if is_key { self.key_mode } else { self.certificate_mode }))
    }

    /// Lets the users who may read a file of a generation search its directory, which keeps our owner.
    pub(crate) fn apply_to_directory(&self, directory: &File) -> io::Result<()> {
        let (mode, group) = self.directory();
        if group.is_some() {
            fchown(directory, None, group)?;
        }
        directory.set_permissions(PermissionsExt::from_mode(mode))
    }

    /// The mode and the group of the directory: all users only if one group does not suffice.
    fn directory(&self) -> (u32, Option<u32>) {
        let readable = self.key_mode | self.certificate_mode;
        let owner = self.owner.filter(|owner| !is_trusted(owner.user));
        let group_reads = readable & 0o040 != 0;
        match owner {
            _ if readable & 0o004 != 0 => (0o755, None),
            None if group_reads => (0o750, self.group),
            None => (0o700, None),
            Some(Owner { group: Some(own), .. }) if !group_reads || self.group == Some(own) => (0o750, Some(own)),
            Some(_) => (0o755, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(owner: Option<Owner>, group: Option<u32>, key_mode: u32, certificate_mode: u32) -> Attributes {
        Attributes { owner, group, key_mode, certificate_mode }
    }

    #[test]
    fn a_directory_can_be_searched_by_those_who_may_read_its_files_and_by_no_more_than_that_takes() {
        let postgres = Some(Owner { user: 60_001, group: Some(60_002) });
        let nameless = Some(Owner { user: 60_001, group: None });
        let cases = [
            (attributes(None, None, 0o600, 0o600), (0o700, None)),
            (attributes(None, None, 0o600, 0o644), (0o755, None)),
            (attributes(None, Some(7), 0o640, 0o640), (0o750, Some(7))),
            (attributes(postgres, Some(60_002), 0o600, 0o600), (0o750, Some(60_002))),
            (attributes(postgres, Some(60_002), 0o600, 0o640), (0o750, Some(60_002))),
            (attributes(postgres, Some(7), 0o600, 0o600), (0o750, Some(60_002))),
            (attributes(postgres, Some(7), 0o600, 0o640), (0o755, None)),
            (attributes(nameless, None, 0o600, 0o600), (0o755, None)),
        ];
        for (attributes, expected) in cases {
            assert_eq!(attributes.directory(), expected, "{attributes:?}");
        }
    }
}
