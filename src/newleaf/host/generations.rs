//! One object in a directory: a symlink to an immutable generation directory, replaced as a whole.
//!
//! `DIR/server -> .generations/server-0000000007-0f1e2d3c4b5a6978`. The number grows by one with each write and the
//! random part makes the name unique, so a name is never used twice and can be the object's revision.
//!
//! newleaf creates `.generations/server.next` before the generation that it points to, and renames it to `server` when the
//! generation is complete. While the link exists, its target is unfinished.

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
/// The suffix of a generation during its removal.
const REMOVED: &str = ".removed";
/// How long a client may take from resolving the link to opening the files: much longer than any login.
const RESOLVED: Duration = Duration::from_secs(60);
const LEAF_FILES: [&str; 3] = [LEAF_CERTIFICATE, LEAF_KEY, TRUST_BUNDLE];
/// The files of an authority that a person put here, with the names of another tool.
const BROUGHT_FILES: [&str; 4] = [LEAF_CERTIFICATE, LEAF_KEY, TRUST_BUNDLE, "ca.key"];

/// An object of a directory.
#[derive(Debug)]
pub(crate) struct Generations {
    directory: Directory,
    /// The directory of the generations. `None` before the first write.
    all: Option<Directory>,
    slot: Slot,
}

impl Generations {
    /// The object of a slot. `None` if the directory does not exist.
    pub(crate) fn open(directory: &Path, slot: Slot) -> Result<Option<Self>, HostError> {
        let Some(directory) = Directory::open(directory)? else { return Ok(None) };
        let all = directory.subdirectory(GENERATIONS)?;
        Ok(Some(Self { directory, all, slot }))
    }

    /// The path of the object.
    pub(crate) fn place(&self) -> PathBuf {
        self.directory.path().join(self.name())
    }

    /// When the current generation was swapped in. `None` if the link is unreadable. The link itself is older, because newleaf
    /// creates it before the generation.
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
        let missing = || HostError::unusable(&self.directory.path().join(GENERATIONS), "it does not exist");
        self.all.as_ref().ok_or_else(missing)
    }

    /// The name of the current generation. `None` if there is none. It refuses anything but newleaf's own symlink.
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

    /// `None` if newleaf never wrote the object. An error if the link is lost, so that newleaf does not replace its target.
    fn without_link(&self) -> Result<Option<String>, HostError> {
        let Some(newest) = self.newest()? else { return Ok(None) };
        // The first writer may have been active before. By now a complete generation has its link.
        match self.directory.link(self.name())? {
            Link::To(target) => self.named_by(&target),
            Link::Absent | Link::Other => Err(HostError::LinkMissing { path: self.place(), newest }),
        }
    }

    /// The generation that a link points to, if newleaf created it.
    fn name_in(&self, target: &Path) -> Option<String> {
        let name = target.strip_prefix(GENERATIONS).ok()?.to_str()?;
        self.number(name).map(|_| name.to_owned())
    }

    /// The number in the name of a generation. `None` for any other name.
    fn number(&self, name: &str) -> Option<u64> {
        let (number, random) = name.strip_prefix(self.name())?.strip_prefix('-')?.split_once('-')?;
        let plain = number.len() == 10 && random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
        if plain { number.parse().ok() } else { None }
    }

    fn number_of(&self, current: Option<&str>) -> Option<u64> {
        self.number(current?)
    }

    /// The generations with their numbers, oldest first.
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

    /// The newest complete generation.
    fn newest(&self) -> Result<Option<String>, HostError> {
        let numbered = self.numbered()?;
        // Keep this order: the writer announces a generation before it creates it.
        let unfinished = self.unfinished()?;
        let mut names = numbered.into_iter().rev().map(|(_, name)| name);
        Ok(names.find(|name| Some(name) != unfinished.as_ref()))
    }

    /// The unfinished generation of a writer that died, if there is one.
    fn unfinished(&self) -> Result<Option<String>, HostError> {
        let Some(all) = &self.all else { return Ok(None) };
        match all.link(self.next())? {
            Link::To(target) => Ok(self.name_in(&target)),
            Link::Absent | Link::Other => Ok(None),
        }
    }

    /// Reads a whole generation. `None` if it was removed meanwhile, because the result may be incomplete. Files may belong to
    /// `keeper`. It ignores files that the object does not have.
    pub(crate) fn read(&self, name: &str, keeper: Option<u32>) -> Result<Option<Material>, HostError> {
        let all = self.all()?;
        let read = self.read_files(all, name, keeper);
        // newleaf renames a generation before it removes the first file: while it has its name it is complete.
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
            return Err(HostError::unusable(&path, "it contains none of the expected files"));
        }
        if let Some(file) = generation.file(ANNOTATIONS)? {
            // Do not trust the leaf's owner, who could add the identity of a forced rotation and so make it look done.
            file.refuse_other_than(None)?;
            file.refuse_other_names()?;
            let bytes = file.read(FILE_MAX)?;
            material.annotations = serde_json::from_slice(bytes.expose()).map_err(|error| {
                HostError::unusable(&path.join(ANNOTATIONS), format!("it is not a map of texts ({error})"))
            })?;
        }
        Ok(material)
    }

    /// The names of the object's files, up to the limit.
    fn entries(&self, generation: &Directory) -> Result<Vec<String>, HostError> {
        match self.slot {
            Slot::Server | Slot::Client => Ok(LEAF_FILES.map(str::to_owned).to_vec()),
            Slot::Authority => {
                let names: Vec<_> = generation.names()?.into_iter().filter(|name| self.belongs(name)).collect();
                if names.len() > FILES_MAX {
                    return Err(HostError::unusable(
                        generation.path(),
                        format!("it contains more than {FILES_MAX} files"),
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

    /// Writes a complete new generation, then makes it the current one. The caller holds the lock of the store.
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
        // At every instant the object's link points to a complete generation.
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
                let reason = format!("{name:?} is not a possible entry of the {}", self.name());
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

    /// Removes the remains of runs that died: generations that never became current, and half-removed ones. It touches only
    /// names that newleaf creates.
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

    /// Removes every former generation that no process can be reading any more.
    pub(crate) fn remove_former(&self) -> Result<(), HostError> {
        let all = self.all()?;
        for name in self.former()? {
            remove(all, &name)?;
        }
        all.sync()
    }

    /// Every former generation that no process can be reading any more. Only runs read the authority, and they read again if a
    /// generation disappears. A client that logs in with a leaf may have resolved the link a moment before the swap.
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

/// Whether the name is `authority-N.crt` or `authority-N.key`.
fn is_of_generation(entry: &str) -> bool {
    let Some(rest) = entry.strip_prefix("authority-") else { return false };
    let Some((number, "crt" | "key")) = rest.rsplit_once('.') else { return false };
    number.parse::<u32>().is_ok()
}

/// The name of a generation without the suffix of a removal.
fn bare(name: &str) -> &str {
    name.strip_suffix(REMOVED).unwrap_or(name)
}

/// Removes a generation under a name that no reader opens.
fn remove(all: &Directory, name: &str) -> Result<(), HostError> {
    let aside = format!("{}{REMOVED}", bare(name));
    if name != aside {
        all.rename(name, all, &aside)?;
    }
    all.remove_directory(&aside)
}
