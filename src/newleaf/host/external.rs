//! An authority in files that another tool keeps. newleaf reads it with these checks and never writes it.
//!
//! | Checked | Why |
//! |---|---|
//! | regular files, opened without waiting, at most 1 MiB | a named pipe or a device would hang the run |
//! | one keeper: certificate, key, chain and their paths belong to root, our own user, or the key's owner | a third user could supply an authority, and the keeper could make newleaf sign with a key that only root reads |
//! | only their owners may write them | the same |
//!
//! Not checked: which users may read them, and how the keeper made them. It follows links, such as certbot's.

use rotation::document::ExternalAuthority;
use rotation::engine::material::{LEAF_CERTIFICATE, LEAF_KEY, Material, Places, Revision, Stored, TRUST_BUNDLE};
use rotation::pki::digest::sha256_hex;

use crate::host::error::HostError;
use crate::host::file::{self, RegularFile};
use crate::host::generations::FILE_MAX;
use crate::host::walk::Exposure;

/// Reads the authority. `None` if none of its files exists. Its revision is a hash of the content.
pub(crate) fn read(external: &ExternalAuthority) -> Result<Option<Stored>, HostError> {
    let files = [
        (LEAF_CERTIFICATE, Some(&external.certificate)),
        (LEAF_KEY, Some(&external.key)),
        (TRUST_BUNDLE, external.chain.as_ref()),
    ];
    let mut places = Places::default();
    let mut opened: Vec<(&str, RegularFile, Exposure)> = Vec::new();
    for (entry, path) in files {
        let Some(path) = path else { continue };
        places.insert(entry.to_owned(), path.display().to_string());
        // The issuer reports what is missing: everything, or one file.
        if let Some((file, exposure)) = file::open(path)? {
            opened.push((entry, file, exposure));
        }
    }
    let keeper = opened.iter().find(|(entry, ..)| *entry == LEAF_KEY).map(|(_, key, _)| key.owner());
    let mut material = Material::default();
    for (entry, file, exposure) in opened {
        file.refuse_other_than(keeper)?;
        // If the keeper can change the path to a file, the file must be the keeper's own and not a link to one of root's.
        exposure.refuse_other_than(Some(file.owner()))?;
        material.entries.insert(entry.to_owned(), file.read(FILE_MAX)?);
    }
    if material.entries.is_empty() {
        return Ok(None);
    }
    let hashes: String = material.entries.values().map(|bytes| sha256_hex(bytes.expose())).collect();
    let revision = Revision(sha256_hex(hashes.as_bytes()));
    Ok(Some(Stored::new(material, revision, places)))
}
