//! A directory and the place that names it.

use std::path::Path;
use std::time::Duration;

use newleaf::host::blocking::Bounds;
use newleaf::host::store::DirectoryStore;
use rotation::document::{DirectoryPlace, FileAttributes};
use rotation::engine::material::{Material, SecretBytes, Slot, Stored};
use rotation::engine::ports::Store;
use terminal::stop_token::StopToken;

/// Long enough for a busy machine: nothing waits for it to pass.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Files of our own user, no consumers.
pub(crate) fn place(directory: &Path) -> DirectoryPlace {
    let attributes = FileAttributes { owner: None, group: None, key_mode: 0o600, certificate_mode: 0o644 };
    DirectoryPlace {
        directory: directory.to_path_buf(),
        external_authority: None,
        server_files: attributes.clone(),
        client_files: attributes,
        consumers: Vec::new(),
    }
}

pub(crate) fn store(directory: &Path) -> DirectoryStore {
    store_of(&place(directory))
}

pub(crate) fn store_of(place: &DirectoryPlace) -> DirectoryStore {
    DirectoryStore::new(place, bounds()).expect("its users exist")
}

pub(crate) fn bounds() -> Bounds {
    Bounds::new(LIMIT, StopToken::default())
}

/// Material whose every part carries the same text, so that a mixture is seen.
pub(crate) fn material(text: &str) -> Material {
    let mut material = Material::default();
    for entry in ["tls.crt", "tls.key", "ca.crt"] {
        material.entries.insert(entry.to_owned(), SecretBytes::new(text.as_bytes().to_vec()));
    }
    material.annotations.insert("text".to_owned(), text.to_owned());
    material
}

/// One generation of an authority, whose every part carries the same text.
pub(crate) fn authority(text: &str) -> Material {
    let leaf = material(text);
    let mut authority = Material { annotations: leaf.annotations, ..Material::default() };
    for name in ["authority-1.crt", "authority-1.key"] {
        authority.entries.insert(name.to_owned(), SecretBytes::new(text.as_bytes().to_vec()));
    }
    authority
}

pub(crate) async fn read(store: &DirectoryStore, slot: Slot) -> Option<Stored> {
    store.read(slot).await.expect("the store can be read")
}

/// Replaces what is there.
pub(crate) async fn replace(store: &DirectoryStore, slot: Slot, material: &Material) {
    let revision = read(store, slot).await.map(|stored| stored.revision);
    store.write(slot, revision.as_ref(), material).await.expect("the store can be written");
}
