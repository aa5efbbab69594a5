//! One object in a directory: a symlink to an immutable generation directory, replaced whole.
//!
//! `DIR/server -> .generations/server-0000000007-0f1e2d3c4b5a6978`. The number grows by one with each write and the
//! random part makes the name unlike any other, so a name is never used twice and can be the object's revision.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::host::attributes::Attributes;
use crate::host::entropy;
use crate::host::error::HostError;
use crate::pki::identity::hexadecimal;
use crate::rotation::material::{Material, SecretBytes};

/// The directory of all generations of all objects.
pub(crate) const GENERATIONS: &str = ".generations";
/// The file of a material's annotations.
const ANNOTATIONS: &str = "annotations.json";
/// The largest file of a generation, in bytes.
pub(crate) const FILE_MAX: u64 = 1 << 20;
/// The most files of a generation.
const FILES_MAX: usize = 256;
/// The ending of a generation that is being removed.
const REMOVED: &str = ".removed";

/// An object of a directory.
#[derive(Debug, Clone)]
pub(crate) struct Generations {
    directory: PathBuf,
    slot: &'static str,
}

impl Generations {
    /// The object called `slot`.
    pub(crate) fn new(directory: &Path, slot: &'static str) -> Self {
        Self { directory: directory.to_path_buf(), slot }
    }

    /// The symlink to the current generation.
    pub(crate) fn link(&self) -> PathBuf {
        self.directory.join(self.slot)
    }

    /// When the current generation was swapped in; `None` where the link cannot be read.
    pub(crate) fn written(&self) -> Option<DateTime<Utc>> {
        let modified = self.link().symlink_metadata().and_then(|link| link.modified());
        modified.ok().map(DateTime::from)
    }

    fn all(&self) -> PathBuf {
        self.directory.join(GENERATIONS)
    }

    /// The name of the current generation; `None` when there is none. Anything but our own symlink is refused.
    pub(crate) fn current(&self) -> Result<Option<String>, HostError> {
        let link = self.link();
        let target = match fs::read_link(&link) {
            Ok(target) => target,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                return Err(HostError::unusable(&link, "it is not a symbolic link that newleaf made"));
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(HostError::unusable(&self.directory, "it is not a directory"));
            }
            Err(error) => return Err(HostError::read(&link)(error)),
        };
        let name = target.strip_prefix(GENERATIONS).ok().and_then(Path::to_str);
        match name.filter(|name| self.number(name).is_some()) {
            Some(name) => Ok(Some(name.to_owned())),
            None => Err(HostError::unusable(&link, format!("it points to {}", target.display()))),
        }
    }

    /// The number in the name of one of our generations; `None` for any other name.
    fn number(&self, name: &str) -> Option<u64> {
        let (number, random) = name.strip_prefix(self.slot)?.strip_prefix('-')?.split_once('-')?;
        let plain = number.len() == 10 && random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| number.parse().ok()).flatten()
    }

    /// Reads a generation whole; `None` when it was removed meanwhile, so that what was read may be incomplete.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Material>, HostError> {
        let path = self.all().join(name);
        match read_entries(&path) {
            // A generation is renamed before its first file goes: while it has its name it is complete.
            Ok(material) => Ok(path.symlink_metadata().is_ok().then_some(material)),
            Err(HostError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let removed = self.current()?.as_deref() != Some(name);
                if removed { Ok(None) } else { Err(HostError::unusable(&path, "it is missing or incomplete")) }
            }
            Err(error) => Err(error),
        }
    }

    /// Writes a new generation completely, then makes it the current one. The caller holds the lock of the store.
    pub(crate) fn write(&self, material: &Material, attributes: Attributes) -> Result<(), HostError> {
        let current = self.current()?;
        self.clean(current.as_deref())?;
        let number = current.as_deref().and_then(|name| self.number(name)).unwrap_or(0).saturating_add(1);
        let all = self.all();
        let random = entropy::sixteen_bytes().map_err(|_| HostError::unusable(&all, "no random bytes for a name"))?;
        let (random, _) = random.split_at(8);
        let name = format!("{}-{number:010}-{}", self.slot, hexadecimal(random));
        write_entries(&all.join(&name), material, attributes)?;
        sync(&all)?;
        self.swap(&name)?;
        self.clean(Some(&name))
    }

    /// Points the symlink to a generation, by a rename: at every instant it points to one that is complete.
    fn swap(&self, name: &str) -> Result<(), HostError> {
        let next = self.all().join(format!("{}.next", self.slot));
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(HostError::write(&next)(error)),
            Ok(()) | Err(_) => {}
        }
        symlink(Path::new(GENERATIONS).join(name), &next).map_err(HostError::write(&next))?;
        fs::rename(&next, self.link()).map_err(HostError::write(&self.link()))?;
        sync(&self.directory)
    }

    /// Removes what no reader needs: half generations of a process that died, and all but the current and the one
    /// before it. Touches only names that newleaf makes.
    fn clean(&self, current: Option<&str>) -> Result<(), HostError> {
        let mut older = Vec::new();
        let mut surplus = Vec::new();
        for name in names(&self.all())? {
            let bare = name.strip_suffix(REMOVED).unwrap_or(&name);
            let Some(number) = self.number(bare) else { continue };
            let before = current.and_then(|current| self.number(current)).is_some_and(|current| number < current);
            if name != bare {
                surplus.push(name);
            } else if before {
                older.push((number, name));
            } else if Some(bare) != current {
                surplus.push(name);
            }
        }
        older.sort();
        older.pop();
        surplus.extend(older.into_iter().map(|(_, name)| name));
        surplus.iter().try_for_each(|name| self.remove(name))
    }

    fn remove(&self, name: &str) -> Result<(), HostError> {
        let path = self.all().join(name);
        let aside = self.all().join(format!("{}{REMOVED}", name.strip_suffix(REMOVED).unwrap_or(name)));
        if path != aside {
            fs::rename(&path, &aside).map_err(HostError::write(&path))?;
        }
        fs::remove_dir_all(&aside).map_err(HostError::write(&aside))
    }
}

/// The names in a directory that are text.
fn names(directory: &Path) -> Result<Vec<String>, HostError> {
    let entries = fs::read_dir(directory).map_err(HostError::read(directory))?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    let names = names.collect::<io::Result<Vec<_>>>().map_err(HostError::read(directory))?;
    Ok(names.iter().filter_map(|name| name.to_str().map(str::to_owned)).collect())
}

fn read_entries(generation: &Path) -> Result<Material, HostError> {
    let mut material = Material::default();
    for name in names(generation)? {
        if material.entries.len() >= FILES_MAX {
            return Err(HostError::unusable(generation, format!("it holds more than {FILES_MAX} files")));
        }
        let path = generation.join(&name);
        let bytes = read_file(&path)?;
        if name == ANNOTATIONS {
            material.annotations = serde_json::from_slice(bytes.expose())
                .map_err(|error| HostError::unusable(&path, format!("it is not a map of texts ({error})")))?;
        } else {
            material.entries.insert(name, bytes);
        }
    }
    Ok(material)
}

/// Reads a regular file of bounded size; what is read is wiped when dropped.
pub(crate) fn read_file(path: &Path) -> Result<SecretBytes, HostError> {
    // Without waiting for the other end, should it be a named pipe.
    let opened = OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open(path);
    let file = opened.map_err(HostError::read(path))?;
    let metadata = file.metadata().map_err(HostError::read(path))?;
    if !metadata.is_file() {
        return Err(HostError::unusable(path, "it is not a regular file"));
    }
    // One allocation of the right size: growing would leave copies of a key behind.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(FILE_MAX)).unwrap_or(0).saturating_add(1));
    file.take(FILE_MAX.saturating_add(1)).read_to_end(&mut bytes).map_err(HostError::read(path))?;
    let bytes = SecretBytes::new(bytes);
    if u64::try_from(bytes.expose().len()).is_ok_and(|length| length <= FILE_MAX) {
        Ok(bytes)
    } else {
        Err(HostError::TooLarge { path: path.to_path_buf(), limit: FILE_MAX })
    }
}

fn write_entries(generation: &Path, material: &Material, attributes: Attributes) -> Result<(), HostError> {
    DirBuilder::new().mode(0o700).create(generation).map_err(HostError::write(generation))?;
    for (name, bytes) in &material.entries {
        let plain = Path::new(name).file_name() == Some(OsStr::new(name)) && name != ANNOTATIONS;
        if !plain {
            return Err(HostError::unusable(generation, format!("an entry cannot be called {name:?}")));
        }
        write_file(&generation.join(name), bytes.expose(), |file| attributes.apply_to_entry(name, file))?;
    }
    if !material.annotations.is_empty() {
        let path = generation.join(ANNOTATIONS);
        let text = serde_json::to_vec_pretty(&material.annotations)
            .map_err(|error| HostError::Write { path: path.clone(), source: error.into() })?;
        write_file(&path, &text, |file| attributes.apply_to_entry(ANNOTATIONS, file))?;
    }
    let directory = File::open(generation).map_err(HostError::write(generation))?;
    attributes.apply_to_directory(&directory).map_err(HostError::write(generation))?;
    directory.sync_all().map_err(HostError::write(generation))
}

/// Writes a new file that at first only this process may read, whatever the umask; then gives it away.
pub(crate) fn write_file(
    path: &Path,
    bytes: &[u8],
    give_away: impl FnOnce(&File) -> io::Result<()>,
) -> Result<(), HostError> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        give_away(&file)?;
        file.sync_all()
    });
    written.map_err(HostError::write(path))
}

/// Makes the names in a directory survive a power cut.
pub(crate) fn sync(directory: &Path) -> Result<(), HostError> {
    File::open(directory).and_then(|file| file.sync_all()).map_err(HostError::write(directory))
}
