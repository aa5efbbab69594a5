//! The layouts of stored objects: which entry holds what.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnosis::Code;
use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::pki::error::{Error, Origin};
use crate::pki::key::PrivateKey;
use crate::pki::path;
use crate::pki::trust_bundle::TrustBundle;
use crate::pki::verify::{self, Refusal, Usage};
use crate::rotation::facts::{Peer, Signer, Validity};
use crate::rotation::material::{
    LEAF_CERTIFICATE, LEAF_KEY, Material, Places, Snapshot, TRUST_BUNDLE, authority_certificate, authority_key,
};

/// The key beside a `ca.crt` that is an authority and not a trust bundle.
const BROUGHT_KEY: &str = "ca.key";

/// A leaf as it is stored.
pub(super) struct StoredLeaf {
    /// The leaf first, then any intermediates.
    pub(super) chain: Vec<Certificate>,
    /// Its key.
    pub(super) key: PrivateKey,
    /// What its holder accepts its peer by.
    pub(super) trust: TrustBundle,
    leaf: Certificate,
}

/// How a leaf chains to a root.
pub(super) struct Path {
    pub(super) signer: Signer,
    pub(super) validity: Validity,
}

impl StoredLeaf {
    /// Reads the three entries. A leaf without a trust bundle accepts nobody, which is a fact and no error.
    pub(super) fn read(material: &Material, places: &Places, peer: Peer) -> Result<Self, Error> {
        let origin = |entry: &str| place(places, entry, &format!("the {peer}'s leaf"));
        let bytes = |entry: &str| material.entry(entry).unwrap_or_default();
        let chain = Certificate::all_from_pem(bytes(LEAF_CERTIFICATE), &origin(LEAF_CERTIFICATE))?;
        let key = PrivateKey::from_pem(bytes(LEAF_KEY), &origin(LEAF_KEY))?;
        let leaf = chain.first().filter(|leaf| leaf.public_key() == key.public_key()).cloned().ok_or_else(|| {
            let reason = format!("its first certificate does not belong to the key in {}", origin(LEAF_KEY));
            Error::Unreadable { code: Code::KeyMismatch, origin: origin(LEAF_CERTIFICATE), reason }
        })?;
        let trust = match bytes(TRUST_BUNDLE).trim_ascii() {
            [] => TrustBundle::default(),
            bundle => TrustBundle::from_pem(bundle, &origin(TRUST_BUNDLE))?,
        };
        Ok(Self { chain, key, trust, leaf })
    }

    pub(super) const fn certificate(&self) -> &Certificate {
        &self.leaf
    }

    /// How it chains to a root, by signatures among the known certificates, whatever the time. The intermediates must
    /// be presented with the leaf: a peer knows the root only. `wrong_usage_is_known`: the leaf's own usages are
    /// already found wrong, so that a refusal because of them tells nothing about who signed it.
    pub(super) fn path(&self, known: &[Certificate], usage: Usage, wrong_usage_is_known: bool) -> Option<Path> {
        let candidates: Vec<Certificate> = known.iter().chain(self.chain.iter().skip(1)).cloned().collect();
        let path = path::to_root(&self.leaf, &candidates)?;
        let (signer, anchor) = (path.first()?, path.last()?);
        let validity = path.iter().fold(self.leaf.validity(), |span, one| span.intersection(&one.validity()));
        let trust: TrustBundle = [anchor.clone()].into_iter().collect();
        let accepted = match verify::verify(&self.chain, &trust, usage, validity.not_before, None) {
            // An empty intersection has no moment at which all are valid; the signatures still hold.
            Ok(()) | Err(Refusal::Expired | Refusal::NotYetValid) => true,
            Err(Refusal::WrongUsage(_)) => wrong_usage_is_known,
            Err(
                Refusal::Empty
                | Refusal::UnknownIssuer
                | Refusal::WrongName(_)
                | Refusal::Forbidden(_)
                | Refusal::Other(_),
            ) => false,
        };
        let signer = Signer { fingerprint: signer.fingerprint(), anchor: anchor.fingerprint() };
        accepted.then_some(Path { signer, validity })
    }
}

/// The entries of one generation of the authority.
struct Layout {
    certificate: String,
    chain: Option<&'static str>,
    key: String,
}

/// Which generations are stored, and where. Ours are numbered; an authority that someone else brought is generation 0,
/// as `tls.crt` and `tls.key` (with its chain in `ca.crt`, as cert-manager writes it) or as `ca.crt` and `ca.key`.
fn layouts(material: &Material) -> BTreeMap<u32, Layout> {
    let has = |entry: &str| material.entries.contains_key(entry);
    let mut layouts: BTreeMap<u32, Layout> = material
        .entries
        .keys()
        .filter_map(|entry| generation_of(entry))
        .map(|number| {
            let layout = Layout { certificate: authority_certificate(number), chain: None, key: authority_key(number) };
            (number, layout)
        })
        .collect();
    if has(LEAF_CERTIFICATE) || has(LEAF_KEY) {
        let chain = Some(TRUST_BUNDLE).filter(|_| !has(BROUGHT_KEY));
        let brought = Layout { certificate: LEAF_CERTIFICATE.to_owned(), chain, key: LEAF_KEY.to_owned() };
        layouts.entry(0).or_insert(brought);
    } else if has(BROUGHT_KEY) {
        let brought = Layout { certificate: TRUST_BUNDLE.to_owned(), chain: None, key: BROUGHT_KEY.to_owned() };
        layouts.entry(0).or_insert(brought);
    }
    layouts
}

/// The number in `authority-N.crt` or `authority-N.key`, written as we write it.
fn generation_of(entry: &str) -> Option<u32> {
    let number = entry.strip_prefix("authority-")?.strip_suffix(".crt").or_else(|| {
        let (_, rest) = entry.split_once('-')?;
        rest.strip_suffix(".key")
    })?;
    let generation: u32 = number.parse().ok()?;
    (generation.to_string() == number).then_some(generation)
}

/// Every stored generation of the authority, oldest first.
pub(super) fn authorities(material: &Material, places: &Places) -> Result<BTreeMap<u32, Authority>, Error> {
    let read = |(generation, layout): (u32, Layout)| Ok((generation, read_authority(material, places, &layout)?));
    layouts(material).into_iter().map(read).collect()
}

fn read_authority(material: &Material, places: &Places, layout: &Layout) -> Result<Authority, Error> {
    let bytes = |entry: &str| material.entry(entry).unwrap_or_default();
    let origin = |entry: &str| place(places, entry, "the stored authority");
    let mut certificates = vec![(bytes(&layout.certificate), origin(&layout.certificate))];
    let chain = layout.chain.map(|entry| (bytes(entry), origin(entry)));
    certificates.extend(chain.filter(|(bytes, _)| !bytes.trim_ascii().is_empty()));
    Authority::load(&certificates, (bytes(&layout.key), origin(&layout.key)))
}

/// Where an entry is found: its place if it is known, else the entry of an object.
fn place(places: &Places, entry: &str, object: &str) -> Origin {
    Origin::new(places.get(entry).cloned().unwrap_or_else(|| format!("{entry} of {object}")))
}

/// Removes the entries of a generation; `false` when there are none.
pub(super) fn remove_generation(material: &mut Material, generation: u32) -> bool {
    let Some(layout) = layouts(material).remove(&generation) else { return false };
    let mut entries = vec![layout.certificate, layout.key];
    entries.extend(layout.chain.map(str::to_owned));
    for entry in entries {
        drop(material.entries.remove(&entry));
    }
    true
}

/// Every authority's certificate in the stored objects that can be read: the authorities first, then the bundles.
pub(super) fn known_certificates(snapshot: &Snapshot) -> Vec<Certificate> {
    let mut known: Vec<Certificate> = Vec::new();
    if let Some(stored) = &snapshot.authority {
        for layout in layouts(&stored.material).values() {
            if let Ok(authority) = read_authority(&stored.material, &stored.places, layout) {
                known.extend(authority.chain().cloned());
            }
        }
    }
    for stored in [&snapshot.server, &snapshot.client].into_iter().flatten() {
        let origin = Origin::new(TRUST_BUNDLE);
        let bundle = stored.material.entry(TRUST_BUNDLE).unwrap_or_default();
        known.extend(TrustBundle::from_pem(bundle, &origin).iter().flat_map(TrustBundle::iter).cloned());
    }
    let mut seen = BTreeSet::new();
    known.retain(|certificate| seen.insert(certificate.fingerprint()));
    known
}
