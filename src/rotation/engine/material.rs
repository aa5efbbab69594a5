//! What a store keeps under one name: the data and annotations of a Kubernetes Secret, or one version of a
//! directory. Both use the same names, so a directory can be copied into a Secret and back.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::engine::facts::Unusable;

/// The certificate chain of a leaf: the leaf first, then any intermediates.
pub const LEAF_CERTIFICATE: &str = "tls.crt";
/// The private key of a leaf.
pub const LEAF_KEY: &str = "tls.key";
/// The trust bundle by which the holder of the leaf accepts its peer.
pub const TRUST_BUNDLE: &str = "ca.crt";
/// Annotation: the identities of the leaf's forced rotations, oldest first, separated by commas.
pub const ROTATION_IDS: &str = "newleaf.dev/rotation-ids";
/// Annotation of the authority: generations that a forced rollover retires, separated by commas.
pub const RETIRING: &str = "newleaf.dev/retiring";
/// The number of forced rotations whose identities newleaf keeps.
pub const ROTATION_IDS_MAX: usize = 32;

/// The file or Secret key of the certificate (chain) of a generation of the authority.
pub fn authority_certificate(generation: u32) -> String {
    format!("authority-{generation}.crt")
}

/// The file or Secret key of the private key of a generation of the authority.
pub fn authority_key(generation: u32) -> String {
    format!("authority-{generation}.key")
}

/// Bytes that may contain a private key. They are wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Wraps the bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the parser and the store only.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes)", self.0.len())
    }
}

/// Entries by name, and annotations. A store writes them in one atomic step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Material {
    /// File names or Secret keys, and their contents.
    pub entries: BTreeMap<String, SecretBytes>,
    /// Data that is not certificate material: identities of forced rotations, retiring generations.
    pub annotations: BTreeMap<String, String>,
}

impl Material {
    /// The bytes of an entry.
    pub fn entry(&self, name: &str) -> Option<&[u8]> {
        self.entries.get(name).map(SecretBytes::expose)
    }

    /// The comma-separated values of an annotation. Empty if it is absent.
    pub fn list(&self, annotation: &str) -> Vec<String> {
        let text = self.annotations.get(annotation).map(String::as_str).unwrap_or_default();
        text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// Replaces the values of an annotation. Removes the annotation if there are no values.
    pub fn set_list(&mut self, annotation: &str, values: &[String]) {
        if values.is_empty() {
            self.annotations.remove(annotation);
        } else {
            self.annotations.insert(annotation.to_owned(), values.join(","));
        }
    }

    /// Records a completed forced rotation. Drops the oldest beyond [`ROTATION_IDS_MAX`].
    pub fn remember_rotation(&mut self, id: &str) {
        let mut ids = self.list(ROTATION_IDS);
        ids.retain(|known| known != id);
        ids.push(id.to_owned());
        let surplus = ids.len().saturating_sub(ROTATION_IDS_MAX);
        ids.drain(..surplus);
        self.set_list(ROTATION_IDS, &ids);
    }
}

/// A version of a stored object. It changes with every write; compare it only for equality.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Revision(pub String);

/// The place of each entry of an object, for messages.
pub type Places = BTreeMap<String, String>;

/// Material as newleaf read it, with the revision that a later write expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The entries and annotations.
    pub material: Material,
    /// The revision at the time of the read.
    pub revision: Revision,
    /// The place of each entry, for messages: a path, or a Secret and its key.
    pub places: Places,
    /// The time of the last write by the clock of the store. `None` if the store does not know it.
    pub written: Option<DateTime<Utc>>,
    /// Whether the object was made with this content: no consumer can have read another from it.
    pub is_first: bool,
    /// Why newleaf must not write it: another owner, or an immutable object. The run checks this before its first write.
    pub objection: Option<Unusable>,
    /// Why the store could not read the leaf as a whole. The material is then empty.
    pub damage: Option<Unusable>,
}

impl Stored {
    /// Material and revision, without anything else.
    pub fn new(material: Material, revision: Revision, places: Places) -> Self {
        Self { material, revision, places, written: None, is_first: false, objection: None, damage: None }
    }
}

/// The three objects of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The authority's generations, with their keys.
    Authority,
    /// The server's leaf.
    Server,
    /// The client's leaf.
    Client,
}

/// All three objects, read at one time.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The authority, with its generations.
    pub authority: Option<Stored>,
    /// The server's leaf.
    pub server: Option<Stored>,
    /// The client's leaf.
    pub client: Option<Stored>,
}

impl Snapshot {
    /// Why newleaf must not write one of the objects. It checks all three, because the writer of one must not decide the
    /// content of the others.
    pub fn objection(&self) -> Option<&Unusable> {
        for slot in [Slot::Authority, Slot::Server, Slot::Client] {
            if let Some(Stored { objection: Some(objection), .. }) = self.stored(slot) {
                return Some(objection);
            }
        }
        None
    }

    /// The object in a slot, if it exists.
    pub const fn stored(&self, slot: Slot) -> Option<&Stored> {
        match slot {
            Slot::Authority => self.authority.as_ref(),
            Slot::Server => self.server.as_ref(),
            Slot::Client => self.client.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_bytes_show_no_byte() {
        assert_eq!(format!("{:?}", SecretBytes::new(b"key".to_vec())), "SecretBytes(3 bytes)");
    }

    #[test]
    fn forced_rotations_are_remembered_once_and_bounded() {
        let mut material = Material::default();
        for number in 0..40 {
            material.remember_rotation(&format!("id-{number}"));
        }
        material.remember_rotation("id-39");
        let ids = material.list(ROTATION_IDS);
        assert_eq!(ids.len(), ROTATION_IDS_MAX);
        assert_eq!(ids.first().map(String::as_str), Some("id-8"));
        assert_eq!(ids.last().map(String::as_str), Some("id-39"));
    }
}
