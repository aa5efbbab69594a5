//! The [`Store`] in a directory. The lease keeps other runs out; a lock of its own makes compare and swap one act even
//! for a writer that has no lease.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::configuration::{DirectoryPlace, ExternalAuthority};
use crate::diagnosis::Failure;
use crate::host::attributes::Attributes;
use crate::host::error::HostError;
use crate::host::generations::{FILE_MAX, GENERATIONS, Generations, read_file};
use crate::postgres::certificate::sha256_hex;
use crate::rotation::material::{
    LEAF_CERTIFICATE, LEAF_KEY, Material, Places, Revision, SecretBytes, Slot, Stored, TRUST_BUNDLE,
};
use crate::rotation::ports::Store;

/// How often a read starts again because a writer was faster. Each time two whole writes happened during one read.
const READS_MAX: usize = 1000;

/// Authority and leaves in a directory.
#[derive(Debug)]
pub struct DirectoryStore {
    directory: PathBuf,
    external: Option<ExternalAuthority>,
    server: Attributes,
    client: Attributes,
}

impl DirectoryStore {
    /// The store of a place. Owners are looked up; nothing is made yet.
    pub fn new(place: &DirectoryPlace) -> Result<Self, HostError> {
        Ok(Self {
            directory: place.directory.clone(),
            external: place.external_authority.clone(),
            server: Attributes::resolve(&place.server_files)?,
            client: Attributes::resolve(&place.client_files)?,
        })
    }

    fn generations(&self, slot: Slot) -> Generations {
        Generations::new(
            &self.directory,
            match slot {
                Slot::Authority => "authority",
                Slot::Server => "server",
                Slot::Client => "client",
            },
        )
    }

    const fn attributes(&self, slot: Slot) -> Attributes {
        match slot {
            Slot::Authority => Attributes::AUTHORITY,
            Slot::Server => self.server,
            Slot::Client => self.client,
        }
    }

    fn read_now(&self, slot: Slot) -> Result<Option<Stored>, HostError> {
        if let (Slot::Authority, Some(external)) = (slot, &self.external) {
            return read_external(external);
        }
        let generations = self.generations(slot);
        for _ in 0..READS_MAX {
            let Some(name) = generations.current()? else { return Ok(None) };
            if let Some(material) = generations.read(&name)? {
                let place = |entry: &String| (entry.clone(), generations.link().join(entry).display().to_string());
                let places = material.entries.keys().map(place).collect();
                let written = generations.written();
                return Ok(Some(Stored { material, revision: Revision(name), places, written, objection: None }));
            }
        }
        Err(HostError::unusable(&generations.link(), "it is being replaced faster than it can be read"))
    }

    fn write_now(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), HostError> {
        if let (Slot::Authority, Some(external)) = (slot, &self.external) {
            return Err(HostError::AuthorityForeign { path: external.certificate.clone() });
        }
        prepare(&self.directory)?;
        let _locked = self.lock()?;
        let generations = self.generations(slot);
        let found = generations.current()?;
        if found.as_deref() != expected.map(|revision| revision.0.as_str()) {
            let text = |revision: Option<&str>| revision.unwrap_or("nothing").to_owned();
            return Err(HostError::Conflict {
                path: generations.link(),
                expected: text(expected.map(|revision| revision.0.as_str())),
                found: text(found.as_deref()),
            });
        }
        if let Some((name, _)) = material.entries.iter().find(|(_, bytes)| too_large(bytes)) {
            return Err(HostError::TooLarge { path: generations.link().join(name), limit: FILE_MAX });
        }
        generations.write(material, self.attributes(slot))
    }

    /// Held for the few milliseconds between the comparison and the swap; waits for another writer's.
    fn lock(&self) -> Result<File, HostError> {
        let path = self.directory.join(GENERATIONS).join(".lock");
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        opened.and_then(|file| file.lock().map(|()| file)).map_err(|source| HostError::Lock { path, source })
    }
}

fn too_large(bytes: &SecretBytes) -> bool {
    u64::try_from(bytes.expose().len()).is_ok_and(|length| length > FILE_MAX)
}

impl Store for DirectoryStore {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        Ok(self.read_now(slot)?)
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        Ok(self.write_now(slot, expected, material)?)
    }
}

/// Makes the directory, and the one of the generations in it, where they are missing. What is there keeps its mode.
pub(crate) fn prepare(directory: &Path) -> Result<(), HostError> {
    for path in [directory.to_path_buf(), directory.join(GENERATIONS)] {
        let is_new = path.symlink_metadata().is_err();
        let made = DirBuilder::new().recursive(path == directory).mode(0o755).create(&path);
        match made {
            // Whatever the umask: the owners of the leaves must get to them.
            Ok(()) if is_new => {
                fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).map_err(HostError::write(&path))?;
            }
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(HostError::unusable(&path, "a part of its path is not a directory"));
            }
            Err(error) => return Err(HostError::write(&path)(error)),
        }
        let found = fs::metadata(&path).map_err(HostError::read(&path))?;
        if !found.is_dir() {
            return Err(HostError::unusable(&path, "it is not a directory"));
        }
    }
    Ok(())
}

/// Reads an authority that someone else keeps. Its revision is what is in it.
fn read_external(external: &ExternalAuthority) -> Result<Option<Stored>, HostError> {
    let mut material = Material::default();
    let mut places = Places::default();
    let files = [
        (LEAF_CERTIFICATE, Some(&external.certificate)),
        (LEAF_KEY, Some(&external.key)),
        (TRUST_BUNDLE, external.chain.as_ref()),
    ];
    for (entry, path) in files {
        let Some(path) = path else { continue };
        places.insert(entry.to_owned(), path.display().to_string());
        match read_file(path) {
            Ok(bytes) => drop(material.entries.insert(entry.to_owned(), bytes)),
            // What is missing is for the issuer to name: all of it, or one file of it.
            Err(HostError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let hashes: String = material.entries.values().map(|bytes| sha256_hex(bytes.expose())).collect();
    let revision = Revision(sha256_hex(hashes.as_bytes()));
    let stored = Stored { material, revision, places, written: None, objection: None };
    Ok((!stored.material.entries.is_empty()).then_some(stored))
}
