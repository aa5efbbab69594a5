//! One object in a directory: a symlink to an immutable generation directory, replaced whole.
//!
//! `DIR/server -> .generations/server-0000000007-0f1e2d3c4b5a6978`. The number grows by one with each write and the
//! random part makes the name unlike any other, so a name is never used twice and can be the object's revision.
//!
//! `.generations/server.next` is made before the generation that it points to, and becomes `server` when that one is
//! complete: while it is there, what it points to is unfinished.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rotation::engine::material::{LEAF_CERTIFICATE, LEAF_KEY, Material, Slot, TRUST_BUNDLE};
use rotation::pki::identity::hexadecimal;

use crate::host::attributes::Attributes;
use crate::host::directory::{Directory, Link};
use crate::host::entropy;
use crate::host::error::HostError;

/// The directory of all generations of all objects.
pub(crate) const GENERATIONS: &str = ".generations";
/// The file of a material's annotations.
const ANNOTATIONS: &str = "annotations.json";
/// The largest file of a generation, in bytes.
pub(crate) const FILE_MAX: u64 = 1 << 20;
/// The most files of an authority.
const FILES_MAX: usize = 256;
/// The ending of a generation that is being removed.
const REMOVED: &str = ".removed";
/// How long a client that has resolved the link may take to open the files: much longer than any login.
const RESOLVED: Duration = Duration::from_secs(60);
/// The files of a leaf.
const LEAF_FILES: [&str; 3] = [LEAF_CERTIFICATE, LEAF_KEY, TRUST_BUNDLE];
/// The files of an authority that was put here by hand, as another tool names them.
const BROUGHT_FILES: [&str; 4] = [LEAF_CERTIFICATE, LEAF_KEY, TRUST_BUNDLE, "ca.key"];

/// An object of a directory.
#[derive(Debug)]
pub(crate) struct Generations {
    directory: Directory,
    /// `None` before the first write.
    all: Option<Directory>,
    slot: Slot,
}

impl Generations {
    /// The object of a slot; `None` where the directory is not there.
    pub(crate) fn open(directory: &Path, slot: Slot) -> Result<Option<Self>, HostError> {
        let Some(directory) = Directory::open(directory)? else { return Ok(None) };
        let all = directory.subdirectory(GENERATIONS)?;
        Ok(Some(Self { directory, all, slot }))
    }

    /// Where the object is found.
    pub(crate) fn place(&self) -> PathBuf {
        self.directory.path().join(self.name())
    }

    /// When the current generation was swapped in; `None` where the link cannot be read. The link itself is older: it is made
    /// before the generation is.
    pub(crate) fn written(&self) -> Option<DateTime<Utc>> {
        self.directory.changed(self.name()).map(DateTime::from)
    }

    const fn name(&self) -> &'static str {
        match self.slot {
            Slot::Authority => "authority",
            Slot::Server => "server",
            Slot::Client => "client",
        }
    }

    fn next(&self) -> String {
        format!("{}.next", self.name())
    }

    fn all(&self) -> Result<&Directory, HostError> {
        let missing = || HostError::unusable(&self.directory.path().join(GENERATIONS), "it is not there");
        self.all.as_ref().ok_or_else(missing)
    }

    /// The name of the current generation; `None` when there is none. Anything but our own symlink is refused.
    pub(crate) fn current(&self) -> Result<Option<String>, HostError> {
        match self.directory.link(self.name())? {
            Link::To(target) => self.named_by(&target),
            Link::Absent => self.without_link(),
            Link::Other => Err(HostError::LinkReplaced { path: self.place(), newest: self.newest()? }),
        }
    }

    fn named_by(&self, target: &Path) -> Result<Option<String>, HostError> {
        match self.name_in(target) {
            Some(name) => Ok(Some(name)),
            None => Err(HostError::unusable(&self.place(), format!("it points to {}", target.display()))),
        }
    }

    /// Nothing was ever written, or the link is lost: then nothing is made in place of what it pointed to.
    fn without_link(&self) -> Result<Option<String>, HostError> {
        let Some(newest) = self.newest()? else { return Ok(None) };
        // A generation that is complete has its link by now: the first writer may have been at work.
        match self.directory.link(self.name())? {
            Link::To(target) => self.named_by(&target),
            Link::Absent | Link::Other => Err(HostError::LinkMissing { path: self.place(), newest }),
        }
    }

    /// The generation that a link points to, if it is one of ours.
    fn name_in(&self, target: &Path) -> Option<String> {
        let name = target.strip_prefix(GENERATIONS).ok()?.to_str()?;
        self.number(name).map(|_| name.to_owned())
    }

    /// The number in the name of one of our generations; `None` for any other name.
    fn number(&self, name: &str) -> Option<u64> {
        let (number, random) = name.strip_prefix(self.name())?.strip_prefix('-')?.split_once('-')?;
        let plain = number.len() == 10 && random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
        if plain { number.parse().ok() } else { None }
    }

    fn number_of(&self, current: Option<&str>) -> Option<u64> {
        self.number(current?)
    }

    /// Our generations with their numbers, oldest first.
    fn numbered(&self) -> Result<Vec<(u64, String)>, HostError> {
        let Some(all) = &self.all else { return Ok(Vec::new()) };
        let mut numbered = Vec::new();
        for name in all.names()? {
            if let Some(number) = self.number(&name) {
                numbered.push((number, name));
            }
        }
        numbered.sort();
        Ok(numbered)
    }

    /// The newest generation that is not unfinished.
    fn newest(&self) -> Result<Option<String>, HostError> {
        let numbered = self.numbered()?;
        // In this order: what is unfinished was announced before it was there.
        let unfinished = self.unfinished()?;
        let mut names = numbered.into_iter().rev().map(|(_, name)| name);
        Ok(names.find(|name| Some(name) != unfinished.as_ref()))
    }

    /// The generation whose writer has died, if one has.
    fn unfinished(&self) -> Result<Option<String>, HostError> {
        let Some(all) = &self.all else { return Ok(None) };
        match all.link(self.next())? {
            Link::To(target) => Ok(self.name_in(&target)),
            Link::Absent | Link::Other => Ok(None),
        }
    }

    /// Reads a generation whole; `None` when it was removed meanwhile, so that what was read may be incomplete. Files
    /// may belong to `keeper`. What is not called as a file of the object is not looked at.
    pub(crate) fn read(&self, name: &str, keeper: Option<u32>) -> Result<Option<Material>, HostError> {
        let all = self.all()?;
        let read = self.read_files(all, name, keeper);
        // A generation is renamed before its first file goes: while it has its name it is complete.
        if all.contains(name)? {
            return read.map(Some);
        }
        if self.current()?.as_deref() == Some(name) {
            return Err(HostError::unusable(&all.path().join(name), "it is missing"));
        }
        Ok(None)
    }

    fn read_files(&self, all: &Directory, name: &str, keeper: Option<u32>) -> Result<Material, HostError> {
        let path = all.path().join(name);
        let generation = all.subdirectory(name)?.ok_or_else(|| HostError::unusable(&path, "it is missing"))?;
        let mut material = Material::default();
        for entry in self.entries(&generation)? {
            let Some(file) = generation.file(&entry)? else { continue };
            file.refuse_other_than(keeper)?;
            file.refuse_other_names()?;
            material.entries.insert(entry, file.read(FILE_MAX)?);
        }
        if material.entries.is_empty() {
            return Err(HostError::unusable(&path, "none of the files that belong there is in it"));
        }
        if let Some(file) = generation.file(ANNOTATIONS)? {
            // Not the leaf's owner, who could add the identity of a forced rotation and so make it look done.
            file.refuse_other_than(None)?;
            file.refuse_other_names()?;
            let bytes = file.read(FILE_MAX)?;
            material.annotations = serde_json::from_slice(bytes.expose()).map_err(|error| {
                HostError::unusable(&path.join(ANNOTATIONS), format!("it is not a map of texts ({error})"))
            })?;
        }
        Ok(material)
    }

    /// The names of files that belong to the object, as far as there can be files.
    fn entries(&self, generation: &Directory) -> Result<Vec<String>, HostError> {
        match self.slot {
            Slot::Server | Slot::Client => Ok(LEAF_FILES.map(str::to_owned).to_vec()),
            Slot::Authority => {
                let names: Vec<_> = generation.names()?.into_iter().filter(|name| self.belongs(name)).collect();
                if names.len() > FILES_MAX {
                    return Err(HostError::unusable(
                        generation.path(),
                        format!("it holds more than {FILES_MAX} files"),
                    ));
                }
                Ok(names)
            }
        }
    }

    fn belongs(&self, entry: &str) -> bool {
        match self.slot {
            Slot::Server | Slot::Client => LEAF_FILES.contains(&entry),
            Slot::Authority => is_of_generation(entry) || BROUGHT_FILES.contains(&entry),
        }
    }

    /// Writes a new generation completely, then makes it the current one. The caller holds the lock of the store.
    pub(crate) fn write(&self, material: &Material, attributes: Attributes) -> Result<(), HostError> {
        let current = self.current()?;
        let all = self.all()?;
        self.remove_unfinished(all, current.as_deref())?;
        let number = self.number_of(current.as_deref()).unwrap_or_default().saturating_add(1);
        let random = entropy::sixteen_bytes();
        let random = random.map_err(|_| HostError::unusable(all.path(), "no random bytes for a name"))?;
        let (random, _) = random.split_at(8);
        let name = format!("{}-{number:010}-{}", self.name(), hexadecimal(random));
        let next = self.next();
        all.make_link(&next, &Path::new(GENERATIONS).join(&name))?;
        all.sync()?;
        self.write_files(&all.create_subdirectory(&name, 0o700)?, material, attributes)?;
        all.sync()?;
        // At every instant the object's link points to a generation that is complete.
        all.rename(&next, &self.directory, self.name())?;
        self.directory.sync()
    }

    fn write_files(
        &self,
        generation: &Directory,
        material: &Material,
        attributes: Attributes,
    ) -> Result<(), HostError> {
        for (name, bytes) in &material.entries {
            if !self.belongs(name) {
                let reason = format!("an entry of the {} cannot be called {name:?}", self.name());
                return Err(HostError::unusable(generation.path(), reason));
            }
            generation.write_new(name, bytes.expose(), |file| attributes.apply_to_entry(name, file))?;
        }
        if !material.annotations.is_empty() {
            let text = serde_json::to_vec_pretty(&material.annotations)
                .map_err(|error| HostError::write(&generation.path().join(ANNOTATIONS))(error.into()))?;
            generation.write_new(ANNOTATIONS, &text, |file| file.set_permissions(PermissionsExt::from_mode(0o644)))?;
        }
        let directory = generation.readable()?;
        attributes.apply_to_directory(&directory).map_err(HostError::write(generation.path()))?;
        directory.sync_all().map_err(HostError::write(generation.path()))
    }

    /// Removes what runs that died have left: generations that never became current, and halves of removed ones.
    /// Touches only names that newleaf makes.
    fn remove_unfinished(&self, all: &Directory, current: Option<&str>) -> Result<(), HostError> {
        let current_number = self.number_of(current);
        for name in all.names()? {
            let bare = bare(&name);
            let Some(number) = self.number(bare) else { continue };
            let is_former = matches!(current_number, Some(current) if number < current);
            if name != bare || (!is_former && Some(bare) != current) {
                remove(all, &name)?;
            }
        }
        all.remove(&self.next())
    }

    /// Removes every generation before the current one that nothing can be reading any more.
    pub(crate) fn remove_former(&self) -> Result<(), HostError> {
        let all = self.all()?;
        for name in self.former()? {
            remove(all, &name)?;
        }
        all.sync()
    }

    /// Every generation before the current one that nothing can be reading any more. Only runs read the authority, and they
    /// read again what was removed meanwhile; a client that logs in with a leaf may have resolved the link a moment before
    /// the swap.
    pub(crate) fn former(&self) -> Result<Vec<String>, HostError> {
        let Some(current) = self.current()? else { return Ok(Vec::new()) };
        let all = self.all()?;
        let numbered = self.numbered()?;
        let Some(before_current) = numbered.iter().position(|(_, name)| *name == current) else {
            return Ok(Vec::new());
        };
        let mut former = Vec::new();
        for pair in numbered.windows(2).take(before_current) {
            let [(_, name), (_, successor)] = pair else { continue };
            let is_unread = match self.slot {
                Slot::Authority => true,
                Slot::Server | Slot::Client => matches!(all.age(successor)?, Some(age) if age > RESOLVED),
            };
            if is_unread {
                former.push(name.clone());
            }
        }
        Ok(former)
    }
}

/// Whether an authority's generation has a file of this name: `authority-N.crt` or `authority-N.key`.
fn is_of_generation(entry: &str) -> bool {
    let Some(rest) = entry.strip_prefix("authority-") else { return false };
    let Some((number, "crt" | "key")) = rest.rsplit_once('.') else { return false };
    number.parse::<u32>().is_ok()
}

/// The name of a generation, be it already on its way out or not.
fn bare(name: &str) -> &str {
    name.strip_suffix(REMOVED).unwrap_or(name)
}

/// Removes a generation, under a name that no reader looks for.
fn remove(all: &Directory, name: &str) -> Result<(), HostError> {
    let aside = format!("{}{REMOVED}", bare(name));
    if name != aside {
        all.rename(name, all, &aside)?;
    }
    all.remove_directory(&aside)
}
