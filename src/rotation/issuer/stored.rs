//! The layout of stored objects: the entries and their meaning.

use std::collections::{BTreeMap, BTreeSet};

use base::diagnosis::Code;
use chrono::{DateTime, Utc};

use crate::engine::facts::{Peer, Signer, Validity};
use crate::engine::material::{
    LEAF_CERTIFICATE, LEAF_KEY, Material, Places, Snapshot, TRUST_BUNDLE, authority_certificate, authority_key,
};
use crate::pki::authority::{Authority, preference};
use crate::pki::certificate::Certificate;
use crate::pki::error::{PkiError, Source};
use crate::pki::key::PrivateKey;
use crate::pki::path;
use crate::pki::trust_bundle::TrustBundle;
use crate::pki::verify::{self, ChainRefusal, Rule, Usage};

/// The key file of an authority in `ca.crt`. Without it, `ca.crt` is a trust bundle.
const BROUGHT_KEY: &str = "ca.key";

/// The entries of a stored leaf.
pub(super) struct StoredLeaf {
    /// The leaf first, then any intermediates.
    pub(super) chain: Vec<Certificate>,
    pub(super) key: PrivateKey,
    /// The certificates by which the holder accepts its peer.
    pub(super) trust: TrustBundle,
    leaf: Certificate,
}

/// The path from a leaf to a root.
pub(super) struct LeafChain {
    pub(super) signer: Signer,
    pub(super) validity: Validity,
}

impl StoredLeaf {
    /// Reads the three entries. A leaf without a trust bundle accepts no peer, which is a fact, not an error.
    pub(super) fn read(material: &Material, places: &Places, peer: Peer) -> Result<Self, PkiError> {
        let origin = |entry: &str| place(places, entry, &format!("the {peer}'s leaf"));
        let bytes = |entry: &str| material.entry(entry).unwrap_or_default();
        let chain = Certificate::all_from_pem(bytes(LEAF_CERTIFICATE), &origin(LEAF_CERTIFICATE))?;
        let key = PrivateKey::from_pem(bytes(LEAF_KEY), &origin(LEAF_KEY))?;
        let leaf = match chain.first() {
            Some(leaf) if leaf.public_key() == key.public_key() => leaf.clone(),
            Some(_) | None => {
                let reason = format!("its first certificate does not belong to the key in {}", origin(LEAF_KEY));
                return Err(PkiError::Unreadable { code: Code::KeyMismatch, origin: origin(LEAF_CERTIFICATE), reason });
            }
        };
        let trust = match bytes(TRUST_BUNDLE).trim_ascii() {
            [] => TrustBundle::default(),
            bundle => TrustBundle::from_pem(bundle, &origin(TRUST_BUNDLE))?,
        };
        Ok(Self { chain, key, trust, leaf })
    }

    pub(super) const fn certificate(&self) -> &Certificate {
        &self.leaf
    }

    /// The path to a root among the known certificates, whatever the time. Of several paths it prefers one that is valid at the
    /// moment, then the one that expires last. The leaf must come with its intermediates, because a peer knows only the root.
    /// `wrong_usage_is_known`: the leaf's own usages are already known to be wrong, so a refusal because of them says nothing
    /// about its signer.
    pub(super) fn path(
        &self,
        known: &[Certificate],
        usage: Usage,
        wrong_usage_is_known: bool,
        at: DateTime<Utc>,
    ) -> Option<LeafChain> {
        let candidates: Vec<Certificate> = known.iter().chain(self.chain.iter().skip(1)).cloned().collect();
        let paths = path::to_roots(&self.leaf, &candidates).paths;
        let accepted = paths.into_iter().filter(|path| self.is_accepted(path, usage, wrong_usage_is_known));
        // Judge by the authorities alone, as the authority itself chooses its path: a leaf mostly expires before all of them.
        let best = accepted.max_by_key(|path| preference(path.get(1..).unwrap_or_default(), at))?;
        let (signer, anchor) = (best.get(1)?, best.last()?);
        let validity = intersection(&best);
        let signer = Signer { fingerprint: signer.fingerprint(), anchor: anchor.fingerprint() };
        Some(LeafChain { signer, validity })
    }

    /// Whether a peer that knows only the root of the path accepts the presented chain at some moment.
    fn is_accepted(&self, path: &[Certificate], usage: Usage, wrong_usage_is_known: bool) -> bool {
        let trust: TrustBundle = path.last().cloned().into_iter().collect();
        match verify::verify(&self.chain, &trust, usage, intersection(path).not_before, None) {
            // With an empty intersection all certificates are never valid at once, but the signatures still hold.
            Ok(_) | Err(ChainRefusal::Expired | ChainRefusal::NotYetValid) => true,
            Err(ChainRefusal::Broken(fault)) => fault.rule == Rule::WrongUsage && wrong_usage_is_known,
            Err(
                ChainRefusal::Empty
                | ChainRefusal::UnknownIssuer
                | ChainRefusal::NotIssued(_)
                | ChainRefusal::Ambiguous
                | ChainRefusal::WrongName(_)
                | ChainRefusal::Rustls(_),
            ) => false,
        }
    }
}

/// The span in which all certificates of the path are valid. It may be empty.
fn intersection(path: &[Certificate]) -> Validity {
    let Some((first, others)) = path.split_first() else {
        return Validity { not_before: DateTime::<Utc>::MAX_UTC, not_after: DateTime::<Utc>::MIN_UTC };
    };
    others.iter().fold(first.validity(), |all, other| all.intersection(&other.validity()))
}

/// The names of the entries of one generation of the authority.
struct AuthorityEntries {
    certificate: String,
    chain: Option<&'static str>,
    key: String,
}

/// The stored generations and their entries. newleaf numbers its own. An authority of another tool is generation 0, stored
/// as `tls.crt` and `tls.key` (with its chain in `ca.crt`, as cert-manager writes it) or as `ca.crt` and `ca.key`.
fn layouts(material: &Material) -> BTreeMap<u32, AuthorityEntries> {
    let has = |entry: &str| material.entries.contains_key(entry);
    let mut layouts = BTreeMap::new();
    for number in material.entries.keys().filter_map(|entry| generation_of(entry)) {
        let (certificate, key) = (authority_certificate(number), authority_key(number));
        layouts.insert(number, AuthorityEntries { certificate, chain: None, key });
    }
    if has(LEAF_CERTIFICATE) || has(LEAF_KEY) {
        let chain = if has(BROUGHT_KEY) { None } else { Some(TRUST_BUNDLE) };
        let brought = AuthorityEntries { certificate: LEAF_CERTIFICATE.to_owned(), chain, key: LEAF_KEY.to_owned() };
        layouts.entry(0).or_insert(brought);
    } else if has(BROUGHT_KEY) {
        let brought =
            AuthorityEntries { certificate: TRUST_BUNDLE.to_owned(), chain: None, key: BROUGHT_KEY.to_owned() };
        layouts.entry(0).or_insert(brought);
    }
    layouts
}

/// The number in `authority-N.crt` or `authority-N.key`, in exactly the form that newleaf writes.
fn generation_of(entry: &str) -> Option<u32> {
    let rest = entry.strip_prefix("authority-")?;
    let number = match rest.strip_suffix(".crt") {
        Some(number) => number,
        None => rest.strip_suffix(".key")?,
    };
    let generation: u32 = number.parse().ok()?;
    if generation.to_string() == number { Some(generation) } else { None }
}

/// Every stored generation of the authority, oldest first, each with its best path at the moment.
pub(super) fn authorities(
    material: &Material,
    places: &Places,
    at: DateTime<Utc>,
) -> Result<BTreeMap<u32, Authority>, PkiError> {
    let read = |(generation, layout): (u32, AuthorityEntries)| {
        let key = (material.entry(&layout.key).unwrap_or_default(), origin(places, &layout.key));
        Ok((generation, Authority::load(&certificate_files(material, places, &layout), key, at)?))
    };
    layouts(material).into_iter().map(read).collect()
}

/// The certificates of a generation and their places, for messages.
fn certificate_files<'a>(
    material: &'a Material,
    places: &Places,
    layout: &AuthorityEntries,
) -> Vec<(&'a [u8], Source)> {
    let file = |entry: &str| (material.entry(entry).unwrap_or_default(), origin(places, entry));
    let mut files = vec![file(&layout.certificate)];
    if let Some((chain, origin)) = layout.chain.map(file)
        && !chain.trim_ascii().is_empty()
    {
        files.push((chain, origin));
    }
    files
}

fn origin(places: &Places, entry: &str) -> Source {
    place(places, entry, "the stored authority")
}

/// The place of an entry for messages: the recorded place, or else the name of the entry and its object.
fn place(places: &Places, entry: &str, object: &str) -> Source {
    match places.get(entry) {
        Some(place) => Source::new(place.as_str()),
        None => Source::new(format!("{entry} of {object}")),
    }
}

/// Removes the entries of a generation. Returns `false` if there are none.
pub(super) fn remove_generation(material: &mut Material, generation: u32) -> bool {
    let Some(layout) = layouts(material).remove(&generation) else { return false };
    let mut entries = vec![layout.certificate, layout.key];
    entries.extend(layout.chain.map(str::to_owned));
    for entry in entries {
        drop(material.entries.remove(&entry));
    }
    true
}

/// Every CA certificate in the readable stored objects: first those of the authority, then those of the bundles.
pub(super) fn known_certificates(snapshot: &Snapshot) -> Vec<Certificate> {
    let mut known: Vec<Certificate> = Vec::new();
    if let Some(stored) = &snapshot.authority {
        for layout in layouts(&stored.material).values() {
            for (bytes, origin) in certificate_files(&stored.material, &stored.places, layout) {
                known.extend(Certificate::all_from_pem(bytes, &origin).unwrap_or_default());
            }
        }
    }
    for peer in Peer::ALL {
        let Some(stored) = snapshot.stored(peer.slot()) else { continue };
        let bundle = stored.material.entry(TRUST_BUNDLE).unwrap_or_default();
        if let Ok(bundle) = TrustBundle::from_pem(bundle, &Source::new(TRUST_BUNDLE)) {
            known.extend(bundle.iter().cloned());
        }
    }
    let mut seen = BTreeSet::new();
    known.retain(|certificate| seen.insert(certificate.fingerprint()));
    known
}
