//! The [`Issuer`] for real certificates. It translates between stored bytes and [`crate::pki`].

pub mod content;
mod stored;

use std::collections::BTreeSet;
use std::fmt;

use base::diagnosis::{Code, Diagnose, Failure};
use chrono::{DateTime, SubsecRound, Utc};

use crate::engine::facts::{
    AuthorityFacts, Fingerprint, LeafFacts, Observed, Peer, StoredFacts, Unusable, Validity, is_accepted,
};
use crate::engine::material::{
    LEAF_CERTIFICATE, LEAF_KEY, Material, Places, RETIRING, ROTATION_IDS, SecretBytes, Slot, Snapshot, Stored,
    TRUST_BUNDLE, authority_certificate, authority_key,
};
use crate::engine::ports::Issuer;
use crate::engine::step::{AuthorityOrder, LeafOrder};
use crate::issuer::stored::{StoredLeaf, authorities, known_certificates, remove_generation};
use crate::pki::algorithm::KeyAlgorithm;
use crate::pki::authority::{Authority, AuthorityRequest};
use crate::pki::certificate::{self, Certificate};
use crate::pki::identity::{NewSerial, hexadecimal};
use crate::pki::key::PrivateKey;
use crate::pki::leaf::{self, LeafProfile, LeafRequest};
use crate::pki::name::{CommonName, SubjectName};
use crate::pki::rehearse::{Party, rehearse};
use crate::pki::trust_bundle::TrustBundle;
use crate::pki::verify::{self, Usage};
use crate::pki::warning::CertificateWarning;

/// The properties of the certificates, apart from their times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The start of an authority's common name. Each generation appends its number and random digits.
    pub authority_name: CommonName,
    /// The key algorithm of authorities.
    pub authority_algorithm: KeyAlgorithm,
    /// The key algorithm of leaves.
    pub leaf_algorithm: KeyAlgorithm,
    /// The names by which clients reach the server.
    pub server_names: Vec<SubjectName>,
    /// The client's common name: the database role (PostgreSQL manual, 21.12).
    pub client_name: CommonName,
}

impl Profile {
    /// The content of a peer's leaf according to the profile.
    fn leaf(&self, peer: Peer) -> LeafProfile {
        match peer {
            Peer::Server => LeafProfile::server(&self.server_names),
            Peer::Client => LeafProfile::client(&self.client_name),
        }
    }
}

/// Why the issuer cannot carry out an order with the stored objects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// The plan names a generation that is not stored.
    #[error("generation {0} of the authority is not stored")]
    GenerationMissing(u32),
    /// The plan names a root whose certificate is in no stored object.
    #[error("no stored object holds the root certificate {0}")]
    RootMissing(Fingerprint),
    /// The plan keeps a stored leaf that is unreadable.
    #[error("the {peer}'s stored leaf is unreadable and cannot be kept: {reason}")]
    LeafUnusable {
        /// The peer that owns the leaf.
        peer: Peer,
        /// The reason, as a clause.
        reason: String,
    },
    /// The peer's trust bundle does not accept the new leaf.
    #[error("the {peer}'s new leaf does not verify against the trust bundle of its peer: {reason}")]
    NotTrusted {
        /// The peer that owns the leaf.
        peer: Peer,
        /// The reason that the verifier gives.
        reason: String,
    },
}

impl Diagnose for IssuerError {
    fn code(&self) -> Code {
        match self {
            Self::GenerationMissing(_) | Self::RootMissing(_) => Code::SignerMissing,
            Self::LeafUnusable { .. } => Code::StoredUnreadable,
            Self::NotTrusted { .. } => Code::RehearsalFailed,
        }
    }
}

/// Issues real certificates. Holds the profile and a source of randomness, and keeps nothing that it reads.
pub struct CertificateIssuer {
    profile: Profile,
    entropy: Box<dyn Fn() -> [u8; 16]>,
}

impl fmt::Debug for CertificateIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateIssuer").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl CertificateIssuer {
    /// An issuer for the profile. `entropy` returns fresh random octets for serial numbers at every call.
    pub fn new(profile: Profile, entropy: impl Fn() -> [u8; 16] + 'static) -> Self {
        Self { profile, entropy: Box::new(entropy) }
    }

    /// The profile that this issuer applies.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    fn serial(&self) -> NewSerial {
        NewSerial::from_entropy((self.entropy)())
    }

    fn inspect_leaf(&self, snapshot: &Snapshot, peer: Peer, now: DateTime<Utc>) -> Observed<LeafFacts> {
        let Some(stored) = snapshot.stored(peer.slot()) else { return Observed::Absent };
        if let Some(damage) = &stored.damage {
            return Observed::Unreadable(damage.clone());
        }
        if stored.material.entries.is_empty() {
            return Observed::Absent;
        }
        match StoredLeaf::read(&stored.material, &stored.places, peer) {
            Err(error) => Observed::Unreadable(Unusable { code: error.code(), why: error.to_string() }),
            Ok(leaf) => Observed::Present(self.leaf_facts((snapshot, now), peer, &leaf, &stored.material)),
        }
    }

    fn leaf_facts(
        &self,
        (snapshot, now): (&Snapshot, DateTime<Utc>),
        peer: Peer,
        leaf: &StoredLeaf,
        material: &Material,
    ) -> LeafFacts {
        let certificate = leaf.certificate();
        let mut drift = self.profile.leaf(peer).differences(certificate);
        if leaf.key.kind().algorithm() != Some(self.profile.leaf_algorithm) {
            drift.push(format!("its key is {} instead of {}", leaf.key.kind(), self.profile.leaf_algorithm));
        }
        let (chain_validity, signer) =
            match leaf.path(&known_certificates(snapshot), usage(peer), !drift.is_empty(), now) {
                Some(path) => (path.validity, Some(path.signer)),
                None => (certificate.validity(), None),
            };
        LeafFacts {
            fingerprint: certificate.fingerprint(),
            serial: certificate.serial().clone(),
            validity: certificate.validity(),
            chain_validity,
            signer,
            drift,
            trust: leaf.trust.fingerprints(),
            rotation_ids: material.list(ROTATION_IDS),
            warnings: name_warnings(certificate),
        }
    }

    /// The host name that the client connects to: one of the profile's names that the server's leaf has, or else the leaf's own.
    fn name_to_connect_by<'a>(&'a self, server: &'a StoredLeaf) -> Option<&'a SubjectName> {
        let names = server.certificate().names();
        match self.profile.server_names.iter().find(|name| names.contains(name)) {
            Some(name) => Some(name),
            None => names.first(),
        }
    }

    /// The stored leaf of a peer, if connections with it should work at the moment. A peer's own bundle is no evidence for its
    /// root; otherwise its writer could block the replacement of the other peer's leaf.
    fn working_leaf(&self, snapshot: &Snapshot, peer: Peer, now: DateTime<Utc>) -> Option<StoredLeaf> {
        let StoredFacts { authorities, server, client, .. } = self.inspect(snapshot, now);
        let (leaf, other) = match peer {
            Peer::Server => (server, client),
            Peer::Client => (client, server),
        };
        let leaf = leaf.present()?;
        let authorities = match &authorities {
            Observed::Present(authorities) => authorities.as_slice(),
            Observed::Absent | Observed::Unreadable(_) => &[],
        };
        let is_accepted = is_accepted(leaf.signer?.anchor, authorities, other.present());
        if !is_accepted || !leaf.chain_validity.contains(now) {
            return None;
        }
        let stored = snapshot.stored(peer.slot())?;
        StoredLeaf::read(&stored.material, &stored.places, peer).ok()
    }
}

impl Issuer for CertificateIssuer {
    fn inspect(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> StoredFacts {
        let material = snapshot.authority.as_ref().map(|stored| &stored.material);
        StoredFacts {
            authorities: inspect_authorities(snapshot.authority.as_ref(), now),
            rollover_ids: material.map(|material| material.list(ROTATION_IDS)).unwrap_or_default(),
            server: self.inspect_leaf(snapshot, Peer::Server, now),
            client: self.inspect_leaf(snapshot, Peer::Client, now),
        }
    }

    fn add_authority(&self, snapshot: &Snapshot, order: &AuthorityOrder) -> Result<Material, Failure> {
        let serial = self.serial();
        let request = AuthorityRequest {
            common_name: authority_name(&self.profile.authority_name, order.generation, serial),
            serial,
            validity: whole_seconds(order.validity),
        };
        let authority = Authority::create(&request, PrivateKey::generate(self.profile.authority_algorithm)?)?;
        let mut material = stored_material(snapshot, Slot::Authority);
        put(&mut material, authority_certificate(order.generation), authority.to_pem().as_bytes());
        put(&mut material, authority_key(order.generation), authority.key().to_pem().as_bytes());
        let mut retiring: BTreeSet<String> = material.list(RETIRING).into_iter().collect();
        retiring.extend(order.retiring.iter().map(ToString::to_string));
        material.set_list(RETIRING, &retiring.into_iter().collect::<Vec<_>>());
        if let Some(id) = &order.rotation_id {
            material.remember_rotation(id.as_str());
        }
        Ok(material)
    }

    fn remove_authority(&self, snapshot: &Snapshot, generation: u32) -> Result<Material, Failure> {
        let mut material = stored_material(snapshot, Slot::Authority);
        if !remove_generation(&mut material, generation) {
            return Err(IssuerError::GenerationMissing(generation).into());
        }
        let mut retiring = material.list(RETIRING);
        retiring.retain(|one| *one != generation.to_string());
        material.set_list(RETIRING, &retiring);
        Ok(material)
    }

    fn issue(&self, snapshot: &Snapshot, order: &LeafOrder) -> Result<Material, Failure> {
        let stored = stored_material(snapshot, Slot::Authority);
        let nowhere = Places::default();
        let places = match &snapshot.authority {
            Some(stored) => &stored.places,
            None => &nowhere,
        };
        // Of several paths to a root, take the one that was best when the plan chose the leaf's validity.
        let authority = authorities(&stored, places, order.validity.not_before)?
            .remove(&order.signer)
            .ok_or(IssuerError::GenerationMissing(order.signer))?;
        let trust = resolve(snapshot, &order.trust)?;
        let (serial, validity) = (self.serial(), whole_seconds(order.validity));
        let request = |peer| LeafRequest { profile: self.profile.leaf(peer), serial, validity };
        let key = PrivateKey::generate(self.profile.leaf_algorithm)?;
        // An authority may be able to sign only one of the first two leaves. Refuse it before newleaf writes either.
        if snapshot.stored(order.peer.other().slot()).is_none() {
            leaf::issue(&authority, &request(order.peer.other()), &key)?;
        }
        let issued = leaf::issue(&authority, &request(order.peer), &key)?;
        let chain = std::iter::once(&issued).chain(authority.intermediates());
        let mut material = stored_material(snapshot, order.peer.slot());
        put(&mut material, LEAF_CERTIFICATE.to_owned(), certificate::to_pem(chain).as_bytes());
        put(&mut material, LEAF_KEY.to_owned(), key.to_pem().as_bytes());
        put(&mut material, TRUST_BUNDLE.to_owned(), trust.to_pem().as_bytes());
        if let Some(id) = &order.rotation_id {
            material.remember_rotation(id.as_str());
        }
        Ok(material)
    }

    fn republish(&self, snapshot: &Snapshot, peer: Peer, trust: &BTreeSet<Fingerprint>) -> Result<Material, Failure> {
        let mut material = stored_material(snapshot, peer.slot());
        if let Err(error) = StoredLeaf::read(&material, &Places::default(), peer) {
            return Err(IssuerError::LeafUnusable { peer, reason: error.to_string() }.into());
        }
        put(&mut material, TRUST_BUNDLE.to_owned(), resolve(snapshot, trust)?.to_pem().as_bytes());
        Ok(material)
    }

    fn rehearse(
        &self,
        snapshot: &Snapshot,
        peer: Peer,
        candidate: &Material,
        peer_trust: &BTreeSet<Fingerprint>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let candidate = StoredLeaf::read(candidate, &Places::default(), peer)?;
        let peer_trust = resolve(snapshot, peer_trust)?;
        let names: &[SubjectName] = match peer {
            Peer::Server => &self.profile.server_names,
            Peer::Client => &[],
        };
        let refused = |refusal: verify::ChainRefusal| IssuerError::NotTrusted { peer, reason: refusal.to_string() };
        verify::verify(&candidate.chain, &peer_trust, usage(peer), now, None).map_err(refused)?;
        for name in names {
            verify::verify(&candidate.chain, &peer_trust, usage(peer), now, Some(name)).map_err(refused)?;
        }
        let Some(other) = self.working_leaf(snapshot, peer.other(), now) else { return Ok(()) };
        let new = Party { chain: &candidate.chain, key: &candidate.key, trust: &candidate.trust };
        let stored = Party { chain: &other.chain, key: &other.key, trust: &peer_trust };
        let (server, client, name) = match peer {
            Peer::Server => (new, stored, self.name_to_connect_by(&candidate)),
            Peer::Client => (stored, new, self.name_to_connect_by(&other)),
        };
        // rustls cannot connect to a server whose name is only in the common name.
        if let Some(name) = name {
            rehearse(server, client, name, now)?;
        }
        Ok(())
    }
}

fn name_warnings(certificate: &Certificate) -> Vec<CertificateWarning> {
    certificate.names().iter().filter(|name| name.is_unqualified()).map(CertificateWarning::unqualified_name).collect()
}

const fn usage(peer: Peer) -> Usage {
    match peer {
        Peer::Server => Usage::Server,
        Peer::Client => Usage::Client,
    }
}

fn inspect_authorities(stored: Option<&Stored>, now: DateTime<Utc>) -> Observed<Vec<AuthorityFacts>> {
    let Some(Stored { material, places, .. }) = stored else { return Observed::Absent };
    if material.entries.is_empty() {
        return Observed::Absent;
    }
    let retiring = material.list(RETIRING);
    let facts = |(generation, authority): (u32, Authority)| AuthorityFacts {
        generation,
        fingerprint: authority.signer().fingerprint(),
        anchor: authority.anchor().fingerprint(),
        subject: authority.signer().subject_line().to_owned(),
        validity: authority.validity(),
        retiring: retiring.contains(&generation.to_string()),
        warnings: authority.warnings().to_vec(),
    };
    match authorities(material, places, now) {
        Err(error) => Observed::Unreadable(Unusable { code: error.code(), why: error.to_string() }),
        Ok(authorities) if authorities.is_empty() => {
            let reason = "it contains no authority: neither authority-N.crt, nor tls.crt, nor ca.crt with ca.key";
            Observed::Unreadable(Unusable { code: Code::StoredUnreadable, why: reason.to_owned() })
        }
        Ok(authorities) => Observed::Present(authorities.into_iter().map(facts).collect()),
    }
}

/// The certificates of the roots, from any stored object that contains them.
fn resolve(snapshot: &Snapshot, roots: &BTreeSet<Fingerprint>) -> Result<TrustBundle, IssuerError> {
    let known = known_certificates(snapshot);
    let find = |root: &Fingerprint| {
        let found = known.iter().find(|certificate| certificate.fingerprint() == *root).cloned();
        found.ok_or(IssuerError::RootMissing(*root))
    };
    roots.iter().map(find).collect()
}

fn stored_material(snapshot: &Snapshot, slot: Slot) -> Material {
    snapshot.stored(slot).map(|stored| stored.material.clone()).unwrap_or_default()
}

fn put(material: &mut Material, entry: String, bytes: &[u8]) {
    material.entries.insert(entry, SecretBytes::new(bytes.to_vec()));
}

/// Cuts a time to whole seconds, as certificates state it.
fn whole_seconds(validity: Validity) -> Validity {
    Validity { not_before: validity.not_before.trunc_subsecs(0), not_after: validity.not_after.trunc_subsecs(0) }
}

/// A unique name for every authority, because two with one name confuse peers that look up issuers by name. It is short
/// enough for `pg_stat_ssl.issuer_dn`, which shows 63 bytes of `/CN=...`.
fn authority_name(start: &CommonName, generation: u32, serial: NewSerial) -> CommonName {
    let digits = hexadecimal(serial.octets().iter().take(4));
    let ending = format!(" {generation} {digits}");
    let mut room = 63_usize.saturating_sub("/CN=".len() + ending.len());
    let mut name = String::new();
    for character in start.as_str().chars() {
        let escaped = usize::from(matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '#' | ' '));
        let Some(left) = room.checked_sub(character.len_utf8() + escaped) else { break };
        room = left;
        name.push(character);
    }
    name.push_str(&ending);
    CommonName::parse(&name).unwrap_or_else(|_| start.clone())
}

#[cfg(test)]
mod tests;
