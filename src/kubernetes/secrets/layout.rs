//! What is ours in a Secret: which key holds which entry, what may be written, and the one patch that writes it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta};

use crate::configuration::cluster::{AuthoritySecret, ClusterPlace, LeafSecret};
use crate::kubernetes::api::{FIELD_MANAGER, MANAGED_BY};
use crate::kubernetes::secrets::refusal::{DATA_MAX, Refusal, SecretRefused};
use crate::kubernetes::secrets::wire::{Encoded, MetadataPatch, SecretPatch, WireSecret};
use crate::rotation::material::{LEAF_CERTIFICATE, LEAF_KEY, Material, Places, Revision, Slot, Stored, TRUST_BUNDLE};

/// What starts the names of our annotations.
const PREFIX: &str = "newleaf.dev/";
/// The key of an authority beside its `ca.crt`, as some tools lay it out.
const BROUGHT_KEY: &str = "ca.key";
/// The types that we write.
const TYPE_TLS: &str = "kubernetes.io/tls";
const TYPE_ANY: &str = "Opaque";

/// Which key of its Secret holds which entry of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layout<'a> {
    /// Every generation of the authority, under the names of its entries.
    Authority(&'a AuthoritySecret),
    /// A leaf, under the keys that the configuration names.
    Leaf(&'a LeafSecret),
}

impl<'a> Layout<'a> {
    /// Of an object of a place.
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

    /// The entries whose keys are configured, each with its key.
    fn configured(&self) -> Option<Vec<(&'static str, &'a str)>> {
        match self {
            Self::Leaf(leaf) => {
                Some(vec![(LEAF_CERTIFICATE, &leaf.certificate), (LEAF_KEY, &leaf.key), (TRUST_BUNDLE, &leaf.bundle)])
            }
            Self::Authority(AuthoritySecret { external: None, .. }) => None,
            Self::Authority(AuthoritySecret { external: Some(keys), .. }) => {
                let pair = [(LEAF_CERTIFICATE, keys.certificate.as_str()), (LEAF_KEY, keys.key.as_str())];
                let chain = keys.chain.as_deref().map(|key| (TRUST_BUNDLE, key));
                Some(pair.into_iter().chain(chain).collect())
            }
        }
    }

    /// The entry that a key holds; `None` for a key that is not ours.
    fn entry(&self, key: &str) -> Option<String> {
        match self.configured() {
            Some(pairs) => pairs.into_iter().find(|(_, named)| *named == key).map(|(entry, _)| entry.to_owned()),
            None => is_authority(key).then(|| key.to_owned()),
        }
    }

    /// The key that holds an entry.
    fn key(&self, entry: &str) -> String {
        let pairs = self.configured().unwrap_or_default();
        pairs.into_iter().find(|(named, _)| *named == entry).map_or(entry, |(_, key)| key).to_owned()
    }

    /// The type that a new Secret gets: that of a TLS pair where its two keys are there.
    fn kind(&self) -> &'static str {
        match self {
            Self::Leaf(leaf) if leaf.certificate == LEAF_CERTIFICATE && leaf.key == LEAF_KEY => TYPE_TLS,
            Self::Leaf(_) | Self::Authority(_) => TYPE_ANY,
        }
    }
}

/// The keys of an authority's Secret: our generations, and a pair that somebody brought.
fn is_authority(key: &str) -> bool {
    let numbered = key.starts_with("authority-") && [".crt", ".key"].iter().any(|end| key.ends_with(end));
    numbered || is_brought(key)
}

fn is_brought(key: &str) -> bool {
    [LEAF_CERTIFICATE, LEAF_KEY, TRUST_BUNDLE, BROUGHT_KEY].contains(&key)
}

/// What is known of a Secret besides its bytes: enough to judge and to make a write.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) revision: Revision,
    pub(crate) uid: Option<String>,
    version: Option<String>,
    kind: Option<String>,
    immutable: bool,
    is_labelled: bool,
    /// Others than us who wrote one of our keys.
    owners: BTreeSet<String>,
    keys: BTreeSet<String>,
    annotations: BTreeSet<String>,
    foreign_bytes: usize,
    /// When one of our keys was last written.
    pub(crate) written: Option<DateTime<Utc>>,
}

/// Reads a Secret: what it holds of ours, and what is known besides.
pub(crate) fn read(layout: Layout<'_>, namespace: &str, secret: &WireSecret) -> Result<(Stored, Known), SecretRefused> {
    let mut material = Material::default();
    let mut places = Places::default();
    let mut keys = BTreeSet::new();
    let mut foreign_bytes = 0;
    for (key, value) in &secret.data {
        let Some(entry) = layout.entry(key) else {
            foreign_bytes += value.bytes();
            continue;
        };
        let bytes = value.decode().ok_or_else(|| refused(layout, namespace, Refusal::Unreadable))?;
        places.insert(entry.clone(), format!("Secret {namespace}/{}, key {key}", layout.secret()));
        material.entries.insert(entry, bytes);
        keys.insert(key.clone());
    }
    let metadata = &secret.metadata;
    let ours = metadata.annotations.iter().flatten().filter(|(name, _)| name.starts_with(PREFIX));
    material.annotations = ours.map(|(name, value)| (name.clone(), value.clone())).collect();
    let revision = revision(metadata);
    let writers = writers(metadata, &keys);
    let known = Known {
        revision: revision.clone(),
        uid: metadata.uid.clone(),
        version: metadata.resource_version.clone(),
        kind: secret.kind.clone(),
        immutable: secret.immutable == Some(true),
        is_labelled: metadata.labels.iter().flatten().any(|(name, value)| name == MANAGED_BY && value == FIELD_MANAGER),
        owners: writers.iter().filter_map(|entry| entry.manager.clone()).filter(|name| name != FIELD_MANAGER).collect(),
        keys,
        annotations: material.annotations.keys().cloned().collect(),
        foreign_bytes,
        written: writers.iter().filter_map(|entry| moment(entry.time.as_ref()?.0)).max(),
    };
    Ok((Stored { written: known.written, ..Stored::new(material, revision, places) }, known))
}

/// The revision of an object: its version, and which object it is, so that one made anew under the same name differs.
pub(crate) fn revision(metadata: &ObjectMeta) -> Revision {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    Revision(format!("{}/{}", part(&metadata.uid), part(&metadata.resource_version)))
}

/// The entries of the managed fields that name one of these keys.
fn writers<'a>(metadata: &'a ObjectMeta, keys: &BTreeSet<String>) -> Vec<&'a ManagedFieldsEntry> {
    let entries = metadata.managed_fields.iter().flatten();
    let owns = |entry: &&ManagedFieldsEntry| {
        let fields = entry.fields_v1.as_ref().and_then(|fields| fields.0.get("f:data"));
        fields.is_some_and(|data| keys.iter().any(|key| data.get(format!("f:{key}")).is_some()))
    };
    entries.filter(owns).collect()
}

fn moment(time: k8s_openapi::jiff::Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.as_second(), time.subsec_nanosecond().unsigned_abs())
}

/// The Secret that is created where none is.
pub(crate) fn creation(layout: Layout<'_>, namespace: &str, material: &Material) -> Result<WireSecret, SecretRefused> {
    if let Layout::Authority(AuthoritySecret { external: Some(_), .. }) = layout {
        return Err(refused(layout, namespace, Refusal::AuthorityForeign));
    }
    fits(layout, namespace, material, 0)?;
    let annotations = Some(material.annotations.clone()).filter(|annotations| !annotations.is_empty());
    let metadata = ObjectMeta {
        name: Some(layout.secret().to_owned()),
        namespace: Some(namespace.to_owned()),
        labels: Some([(MANAGED_BY.to_owned(), FIELD_MANAGER.to_owned())].into()),
        annotations,
        ..ObjectMeta::default()
    };
    let kind = Some(layout.kind().to_owned());
    Ok(WireSecret { metadata, data: values(layout, material).collect(), kind, immutable: None })
}

/// The patch that replaces what is ours, if the Secret still is what is known. `adopt` takes over what was not ours.
pub(crate) fn patch(
    layout: Layout<'_>,
    namespace: &str,
    known: &Known,
    material: &Material,
    adopt: bool,
) -> Result<SecretPatch, SecretRefused> {
    if let Some(refusal) = objection(layout, known, adopt) {
        return Err(refused(layout, namespace, refusal));
    }
    fits(layout, namespace, material, known.foreign_bytes)?;
    let mut data: BTreeMap<_, _> = known.keys.iter().map(|key| (key.clone(), None)).collect();
    data.extend(values(layout, material).map(|(key, value)| (key, Some(value))));
    let mut annotations: BTreeMap<_, _> = known.annotations.iter().map(|name| (name.clone(), None)).collect();
    annotations.extend(material.annotations.iter().map(|(name, value)| (name.clone(), Some(value.clone()))));
    // A value that we write as it was stays its former writer's, and the next run would find a foreign Secret again.
    let forget = !known.owners.is_empty();
    Ok(SecretPatch {
        metadata: MetadataPatch {
            resource_version: known.version.clone(),
            uid: known.uid.clone(),
            labels: [(MANAGED_BY, FIELD_MANAGER)].into(),
            annotations,
            managed_fields: forget.then(Default::default),
        },
        data,
    })
}

/// Why a Secret must not be written, as far as it shows when it is read. An authority that another tool keeps is no
/// objection: it is read only.
pub(crate) fn standing_objection(
    layout: Layout<'_>,
    namespace: &str,
    known: &Known,
    adopt: bool,
) -> Option<SecretRefused> {
    let refusal = objection(layout, known, adopt).filter(|refusal| *refusal != Refusal::AuthorityForeign)?;
    Some(refused(layout, namespace, refusal))
}

fn objection(layout: Layout<'_>, known: &Known, adopt: bool) -> Option<Refusal> {
    if let Layout::Authority(authority) = layout {
        let is_brought = !known.is_labelled && known.keys.iter().any(|key| is_brought(key));
        if authority.external.is_some() || is_brought {
            return Some(Refusal::AuthorityForeign);
        }
    }
    if let Some(kind) = known.kind.as_ref().filter(|kind| ![TYPE_TLS, TYPE_ANY].contains(&kind.as_str())) {
        return Some(Refusal::Type { found: kind.clone() });
    }
    if known.immutable {
        return Some(Refusal::Immutable);
    }
    let owners = known.owners.iter().cloned().collect::<Vec<_>>();
    (!adopt && (!known.is_labelled || !owners.is_empty())).then_some(Refusal::Foreign { owners })
}

fn fits(layout: Layout<'_>, namespace: &str, material: &Material, others: usize) -> Result<(), SecretRefused> {
    let ours: usize = material.entries.values().map(|bytes| bytes.expose().len()).sum();
    let bytes = ours + others;
    if bytes > DATA_MAX { Err(refused(layout, namespace, Refusal::TooLarge { bytes })) } else { Ok(()) }
}

fn values(layout: Layout<'_>, material: &Material) -> impl Iterator<Item = (String, Encoded)> {
    material.entries.iter().map(move |(entry, bytes)| (layout.key(entry), Encoded::new(bytes)))
}

fn refused(layout: Layout<'_>, namespace: &str, refusal: Refusal) -> SecretRefused {
    SecretRefused { secret: format!("{namespace}/{}", layout.secret()), refusal }
}
