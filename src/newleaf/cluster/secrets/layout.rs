//! newleaf's part of a Secret: the key of each entry, what newleaf may write, and the one patch that writes it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use base::diagnosis::RemoteText;
use kubernetes::api::object::{Guard, ReadObject};
use kubernetes::api::write::Change;
use kubernetes::api::{FIELD_MANAGER, MANAGED_BY};
use rotation::document::cluster::{AuthoritySecret, ClusterPlace, LeafSecret};
use rotation::engine::material::{LEAF_CERTIFICATE, LEAF_KEY, Material, Places, Revision, Slot, Stored, TRUST_BUNDLE};
use rotation::issuer::content::content_hash;
use rotation::manifests::{TYPE_ANY, TYPE_TLS};

use crate::cluster::secrets::refusal::{DATA_MAX, SecretRefusal, SecretRefused};
use crate::cluster::secrets::wire::{
    DataPatch, Encoded, MetadataPatch, NewMetadata, NewSecret, ReadMetadata, ReadSecret, SecretFieldsEntry,
};

/// The key file of an authority in `ca.crt`, as some tools store it.
const BROUGHT_KEY: &str = "ca.key";
/// The annotation of a leaf's Secret that says which content it was made with: the next write removes it. Times could not say
/// this, because the API server notes them in whole seconds.
const FIRST_HASH: &str = "newleaf.dev/first-hash";

/// The keys of a Secret for the entries of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SecretKeys<'a> {
    /// Every generation of the authority. The keys are the names of the entries.
    Authority(&'a AuthoritySecret),
    /// A leaf. The configuration names the keys.
    Leaf(&'a LeafSecret),
}

impl<'a> SecretKeys<'a> {
    /// The keys of an object of a place.
    pub(crate) const fn of(place: &'a ClusterPlace, slot: Slot) -> Self {
        match slot {
            Slot::Authority => Self::Authority(&place.authority),
            Slot::Server => Self::Leaf(&place.server),
            Slot::Client => Self::Leaf(&place.client),
        }
    }

    /// The name of the Secret.
    pub(crate) fn secret(&self) -> &'a str {
        match self {
            Self::Authority(secret) => &secret.name,
            Self::Leaf(secret) => &secret.name,
        }
    }

    /// The entries with configured keys, each with its key.
    fn configured(&self) -> Option<Vec<(&'static str, &'a str)>> {
        match self {
            Self::Leaf(leaf) => {
                Some(vec![(LEAF_CERTIFICATE, &leaf.certificate), (LEAF_KEY, &leaf.key), (TRUST_BUNDLE, &leaf.bundle)])
            }
            Self::Authority(AuthoritySecret { external: None, .. }) => None,
            Self::Authority(AuthoritySecret { external: Some(keys), .. }) => {
                let mut pairs = vec![(LEAF_CERTIFICATE, keys.certificate.as_str()), (LEAF_KEY, keys.key.as_str())];
                if let Some(chain) = &keys.chain {
                    pairs.push((TRUST_BUNDLE, chain));
                }
                Some(pairs)
            }
        }
    }

    /// The entry of a key. `None` for a key that is not newleaf's.
    fn entry(&self, key: &str) -> Option<String> {
        match self.configured() {
            Some(pairs) => pairs.into_iter().find(|(_, named)| *named == key).map(|(entry, _)| entry.to_owned()),
            None if is_authority(key) => Some(key.to_owned()),
            None => None,
        }
    }

    fn key(&self, entry: &str) -> String {
        let pairs = self.configured().unwrap_or_default();
        match pairs.into_iter().find(|(named, _)| *named == entry) {
            Some((_, key)) => key.to_owned(),
            None => entry.to_owned(),
        }
    }

    /// The type of a new Secret: that of a TLS pair if it has the two keys.
    fn kind(&self) -> &'static str {
        match self {
            Self::Leaf(leaf) if leaf.certificate == LEAF_CERTIFICATE && leaf.key == LEAF_KEY => TYPE_TLS,
            Self::Leaf(_) | Self::Authority(_) => TYPE_ANY,
        }
    }
}

/// Whether a key belongs to an authority's Secret: newleaf's generations, and the pair of another tool or a person.
fn is_authority(key: &str) -> bool {
    let numbered = key.starts_with("authority-") && [".crt", ".key"].iter().any(|end| key.ends_with(end));
    numbered || is_brought(key)
}

fn is_brought(key: &str) -> bool {
    [LEAF_CERTIFICATE, LEAF_KEY, TRUST_BUNDLE, BROUGHT_KEY].contains(&key)
}

/// What newleaf knows of a Secret besides its bytes: enough to judge and to make a write.
#[derive(Debug, Clone)]
pub(crate) struct SecretFacts {
    /// The identity and version that a write names.
    pub(crate) guard: Guard,
    kind: Option<String>,
    immutable: bool,
    is_labelled: bool,
    /// The other field managers that wrote one of newleaf's keys.
    owners: BTreeSet<RemoteText>,
    keys: BTreeSet<String>,
    annotations: BTreeSet<String>,
    foreign_bytes: usize,
}

impl SecretFacts {
    /// The revision of the read, for the engine.
    pub(crate) fn revision(&self) -> Revision {
        revision(&self.guard)
    }
}

/// Reads newleaf's entries of a Secret, and the facts about it.
pub(crate) fn read(
    layout: SecretKeys<'_>,
    namespace: &str,
    found: ReadObject<ReadSecret>,
) -> Result<(Stored, SecretFacts), SecretRefused> {
    let ReadObject { guard, object: secret, .. } = found;
    let mut material = Material::default();
    let mut places = Places::default();
    let mut keys = BTreeSet::new();
    let mut foreign_bytes = 0;
    for (key, value) in secret.data.unwrap_or_default() {
        let Some(entry) = layout.entry(&key) else {
            foreign_bytes += value.bytes();
            continue;
        };
        let bytes = value.decode().ok_or_else(|| refused(layout, namespace, SecretRefusal::Unreadable))?;
        places.insert(entry.clone(), format!("Secret {namespace}/{}, key {key}", layout.secret()));
        material.entries.insert(entry, bytes);
        keys.insert(key);
    }
    let metadata = secret.metadata;
    let writers = writers(&metadata, &keys);
    let written = writers.iter().filter_map(|entry| entry.time).max();
    let known = SecretFacts {
        kind: secret.kind,
        immutable: secret.immutable == Some(true),
        is_labelled: is_labelled(&metadata),
        owners: owners(&writers),
        keys,
        annotations: metadata.annotations.keys().cloned().collect(),
        foreign_bytes,
        guard,
    };
    material.annotations = metadata.annotations;
    let first_hash = material.annotations.remove(FIRST_HASH);
    let is_first = first_hash.is_some() && first_hash == content_hash(&material);
    Ok((Stored { written, is_first, ..Stored::new(material, known.revision(), places) }, known))
}

/// The revision of an object: its version and identity, so that a new object under the same name differs.
fn revision(guard: &Guard) -> Revision {
    Revision(format!("{}/{}", guard.uid().as_str(), guard.version()))
}

/// The entries of the managed fields that name one of these keys.
fn writers<'a>(metadata: &'a ReadMetadata, keys: &BTreeSet<String>) -> Vec<&'a SecretFieldsEntry> {
    let entries = metadata.managed_fields.as_deref().unwrap_or_default();
    entries.iter().filter(|entry| entry.keys().any(|key| keys.contains(key))).collect()
}

/// The field managers among the writers that are not newleaf.
fn owners(writers: &[&SecretFieldsEntry]) -> BTreeSet<RemoteText> {
    let mut owners = BTreeSet::new();
    for entry in writers {
        if let Some(manager) = &entry.manager
            && manager.as_str() != FIELD_MANAGER
        {
            owners.insert(manager.clone());
        }
    }
    owners
}

fn is_labelled(metadata: &ReadMetadata) -> bool {
    let Some(labels) = &metadata.labels else { return false };
    labels.get(MANAGED_BY).map(String::as_str) == Some(FIELD_MANAGER)
}

/// The new Secret, if none exists.
pub(crate) fn creation(
    layout: SecretKeys<'_>,
    namespace: &str,
    material: &Material,
) -> Result<NewSecret, SecretRefused> {
    if let SecretKeys::Authority(AuthoritySecret { external: Some(_), .. }) = layout {
        return Err(refused(layout, namespace, SecretRefusal::AuthorityForeign));
    }
    fits(layout, namespace, material, 0)?;
    let mut annotations = material.annotations.clone();
    if let Some(hash) = content_hash(material) {
        annotations.insert(FIRST_HASH.to_owned(), hash);
    }
    let metadata =
        NewMetadata { name: layout.secret().to_owned(), labels: [(MANAGED_BY, FIELD_MANAGER)].into(), annotations };
    Ok(NewSecret { metadata, data: values(layout, material).collect(), kind: layout.kind() })
}

/// The patch that replaces newleaf's entries if the Secret has not changed since the read. `adopt` takes ownership of
/// entries that other managers wrote.
pub(crate) fn patch<'a>(
    layout: SecretKeys<'_>,
    namespace: &str,
    known: &'a SecretFacts,
    material: &Material,
    adopt: bool,
) -> Result<Change<'a, MetadataPatch, DataPatch>, SecretRefused> {
    if let Some(refusal) = objection(layout, known, adopt) {
        return Err(refused(layout, namespace, refusal));
    }
    fits(layout, namespace, material, known.foreign_bytes)?;
    let mut data: BTreeMap<_, _> = known.keys.iter().map(|key| (key.clone(), None)).collect();
    data.extend(values(layout, material).map(|(key, value)| (key, Some(value))));
    let mut annotations: BTreeMap<_, _> = known.annotations.iter().map(|name| (name.clone(), None)).collect();
    annotations.extend(material.annotations.iter().map(|(name, value)| (name.clone(), Some(value.clone()))));
    // An unchanged value keeps its former manager, and the next run would find a foreign Secret again.
    let managed_fields = if known.owners.is_empty() { None } else { Some(Default::default()) };
    let metadata = MetadataPatch { labels: [(MANAGED_BY, FIELD_MANAGER)].into(), annotations, managed_fields };
    Ok(Change::of_version(&known.guard, metadata, DataPatch { data }))
}

/// Why newleaf must not write a Secret, as far as a read shows. An authority of another tool is no objection, because
/// newleaf only reads it.
pub(crate) fn standing_objection(
    layout: SecretKeys<'_>,
    namespace: &str,
    known: &SecretFacts,
    adopt: bool,
) -> Option<SecretRefused> {
    let refusal = objection(layout, known, adopt).filter(|refusal| *refusal != SecretRefusal::AuthorityForeign)?;
    Some(refused(layout, namespace, refusal))
}

fn objection(layout: SecretKeys<'_>, known: &SecretFacts, adopt: bool) -> Option<SecretRefusal> {
    if let SecretKeys::Authority(authority) = layout {
        let is_brought = !known.is_labelled && known.keys.iter().any(|key| is_brought(key));
        if authority.external.is_some() || is_brought {
            return Some(SecretRefusal::AuthorityForeign);
        }
    }
    if let Some(kind) = &known.kind
        && ![TYPE_TLS, TYPE_ANY].contains(&kind.as_str())
    {
        return Some(SecretRefusal::Type { found: RemoteText::new(kind) });
    }
    if known.immutable {
        return Some(SecretRefusal::Immutable);
    }
    let is_ours = known.is_labelled && known.owners.is_empty();
    if adopt || is_ours {
        return None;
    }
    Some(SecretRefusal::Foreign { owners: known.owners.iter().cloned().collect() })
}

fn fits(layout: SecretKeys<'_>, namespace: &str, material: &Material, others: usize) -> Result<(), SecretRefused> {
    let ours: usize = material.entries.values().map(|bytes| bytes.expose().len()).sum();
    let bytes = ours + others;
    if bytes > DATA_MAX { Err(refused(layout, namespace, SecretRefusal::TooLarge { bytes })) } else { Ok(()) }
}

fn values(layout: SecretKeys<'_>, material: &Material) -> impl Iterator<Item = (String, Encoded)> {
    material.entries.iter().map(move |(entry, bytes)| (layout.key(entry), Encoded::new(bytes)))
}

fn refused(layout: SecretKeys<'_>, namespace: &str, refusal: SecretRefusal) -> SecretRefused {
    SecretRefused { secret: format!("{namespace}/{}", layout.secret()), refusal }
}
