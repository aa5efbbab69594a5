//! The [`Store`] in a directory. The lease keeps other runs out. A separate file lock makes compare-and-swap atomic even for
//! a writer without the lease.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base::diagnosis::{Diagnose, Failure};
use rotation::document::{DirectoryPlace, ExternalAuthority};
use rotation::engine::facts::Unusable;
use rotation::engine::material::{Material, Places, Revision, SecretBytes, Slot, Stored};
use rotation::engine::ports::Store;
use tokio::time::Instant;

use crate::host::attributes::Attributes;
use crate::host::blocking::Bounds;
use crate::host::directory::Directory;
use crate::host::error::HostError;
use crate::host::external;
use crate::host::generations::{FILE_MAX, GENERATIONS, Generations};

/// How often a read starts again because a writer was faster. Each time, two complete writes happened during one read.
const READS_MAX: usize = 1000;
/// The file that the store locks between the comparison and the swap.
const LOCK: &str = ".lock";
/// The first pause between two tries to lock. A write takes a few milliseconds.
const PAUSE_MIN: Duration = Duration::from_millis(2);
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_millis(100);

/// The authority and the leaves in a directory.
#[derive(Debug)]
pub struct DirectoryStore {
    files: Arc<StoreLayout>,
    bounds: Bounds,
}

/// The place and the attributes of the files: the inputs of a worker thread.
#[derive(Debug)]
struct StoreLayout {
    directory: PathBuf,
    external: Option<ExternalAuthority>,
    server: Attributes,
    client: Attributes,
}

impl DirectoryStore {
    /// The store of a place, with bounded calls. It resolves the owners and creates nothing yet.
    pub fn new(place: &DirectoryPlace, bounds: Bounds) -> Result<Self, HostError> {
        let files = StoreLayout {
            directory: place.directory.clone(),
            external: place.external_authority.clone(),
            server: Attributes::resolve(&place.server_files)?,
            client: Attributes::resolve(&place.client_files)?,
        };
        Ok(Self { files: Arc::new(files), bounds })
    }

    /// Runs work under the lock as soon as it is free, within the bounds and on a separate thread.
    async fn under_lock(
        &self,
        work: impl Fn(&StoreLayout) -> Result<(), HostError> + Clone + Send + 'static,
    ) -> Result<(), HostError> {
        let (begin, limit, mut pause) = (Instant::now(), self.bounds.limit(), PAUSE_MIN);
        let lock = self.files.directory.join(GENERATIONS).join(LOCK);
        loop {
            let (files, work) = (Arc::clone(&self.files), work.clone());
            let attempt = move || match files.try_lock()? {
                Some(_locked) => work(&files).map(Some),
                None => Ok(None),
            };
            let left = limit.saturating_sub(begin.elapsed());
            if self.bounds.within(left).run(&self.files.directory, attempt).await?.is_some() {
                return Ok(());
            }
            if left <= pause {
                let holder = "another process".to_owned();
                return Err(HostError::LeaseHeld { path: lock, holder, limit });
            }
            self.bounds.stop.pause(pause, &lock.display().to_string()).await?;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }
}

impl StoreLayout {
    const fn attributes(&self, slot: Slot) -> Attributes {
        match slot {
            Slot::Authority => Attributes::AUTHORITY,
            Slot::Server => self.server,
            Slot::Client => self.client,
        }
    }

    fn read(&self, slot: Slot) -> Result<Option<Stored>, HostError> {
        if let (Slot::Authority, Some(external)) = (slot, &self.external) {
            return external::read(external);
        }
        let Some(generations) = Generations::open(&self.directory, slot)? else { return Ok(None) };
        for _ in 0..READS_MAX {
            let Some(name) = generations.current()? else { return Ok(None) };
            match generations.read(&name, self.attributes(slot).keeper()) {
                Ok(Some(material)) => return Ok(Some(stored(&generations, name, material))),
                Ok(None) => {}
                // Damage of one leaf is a fact about it: newleaf replaces it, and the other leaf stays in use meanwhile.
                Err(error) if error.is_damage() && slot != Slot::Authority => {
                    let damage = Unusable { code: error.code(), why: error.to_string() };
                    let stored = stored(&generations, name, Material::default());
                    return Ok(Some(Stored { damage: Some(damage), ..stored }));
                }
                Err(error) => return Err(error),
            }
        }
        Err(HostError::unusable(&generations.place(), "another writer replaces it faster than newleaf can read it"))
    }

    /// Tries once. `None` if another writer holds the lock.
    fn try_lock(&self) -> Result<Option<File>, HostError> {
        let all = Directory::create(&self.directory)?.create_subdirectory(GENERATIONS, 0o755)?;
        let file = all.lock_file(LOCK)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(HostError::Lock { path: all.path().join(LOCK), source }),
        }
    }

    /// Replaces an object. The caller holds the lock.
    fn replace(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), HostError> {
        let generations = self.generations(slot)?;
        let found = generations.current()?;
        if found.as_deref() != expected.map(|revision| revision.0.as_str()) {
            let text = |revision: Option<&str>| revision.unwrap_or("nothing").to_owned();
            return Err(HostError::Conflict {
                path: generations.place(),
                expected: text(expected.map(|revision| revision.0.as_str())),
                found: text(found.as_deref()),
            });
        }
        if let Some((name, _)) = material.entries.iter().find(|(_, bytes)| is_too_large(bytes)) {
            return Err(HostError::TooLarge { path: generations.place().join(name), limit: FILE_MAX });
        }
        generations.write(material, self.attributes(slot))?;
        match slot {
            // A removed key must not survive in a former generation.
            Slot::Authority => generations.remove_former(),
            // A consumer may still read the files. The run removes them once every consumer has loaded the new ones.
            Slot::Server | Slot::Client => Ok(()),
        }
    }

    fn generations(&self, slot: Slot) -> Result<Generations, HostError> {
        let generations = Generations::open(&self.directory, slot)?;
        generations.ok_or_else(|| HostError::DirectoryAbsent { path: self.directory.clone() })
    }
}

fn stored(generations: &Generations, name: String, material: Material) -> Stored {
    let place = |entry: &String| (entry.clone(), generations.place().join(entry).display().to_string());
    let places: Places = material.entries.keys().map(place).collect();
    Stored { written: generations.written(), ..Stored::new(material, Revision(name), places) }
}

fn is_too_large(bytes: &SecretBytes) -> bool {
    u64::try_from(bytes.expose().len()).is_ok_and(|length| length > FILE_MAX)
}

#[async_trait(?Send)]
impl Store for DirectoryStore {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        let files = Arc::clone(&self.files);
        Ok(self.bounds.run(&self.files.directory, move || files.read(slot)).await?)
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        if let (Slot::Authority, Some(external)) = (slot, &self.files.external) {
            return Err(HostError::AuthorityForeign { path: external.certificate.clone() }.into());
        }
        let (expected, material) = (expected.cloned(), Arc::new(material.clone()));
        Ok(self.under_lock(move |files| files.replace(slot, expected.as_ref(), &material)).await?)
    }

    async fn remove_former(&self, slot: Slot) -> Result<(), Failure> {
        if slot == Slot::Authority && self.files.external.is_some() {
            return Ok(());
        }
        let files = Arc::clone(&self.files);
        let directory = &self.files.directory;
        if self.bounds.run(directory, move || Ok(files.generations(slot)?.former()?.is_empty())).await? {
            return Ok(());
        }
        Ok(self.under_lock(move |files| files.generations(slot)?.remove_former()).await?)
    }
}

/// Refuses a directory in which another user can change something that newleaf relies on.
pub(crate) fn check(directory: &Path) -> Result<bool, HostError> {
    let Some(directory) = Directory::open(directory)? else { return Ok(false) };
    directory.check_file(LOCK)?;
    if let Some(all) = directory.subdirectory(GENERATIONS)? {
        all.check_file(LOCK)?;
    }
    Ok(true)
}
