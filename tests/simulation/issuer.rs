//! A symbolic issuer: it reads and writes the bytes of [`crate::encoding`]; no cryptography, so that ten thousand lives
//! fit into a minute.

use std::collections::BTreeSet;

use base::diagnosis::{Code, Failure};
use chrono::{DateTime, Utc};
use rotation::engine::facts::{
    AuthorityFacts, Fingerprint, LeafFacts, Observed, Peer, Serial, Signer, StoredFacts, Unusable, Validity,
};
use rotation::engine::material::{Material, RETIRING, ROTATION_IDS, Slot, Snapshot, Stored};
use rotation::engine::step::{AuthorityOrder, LeafOrder};

use crate::encoding::{self, Generation};
use crate::sabotage::Sabotage;
use crate::trouble::Trouble;
use crate::world::{Number, Pair, World, fingerprint, number};

/// Reads what a snapshot holds.
pub(crate) fn inspect(world: &World, snapshot: &Snapshot) -> StoredFacts {
    let authority = snapshot.authority.as_ref();
    let [server, client] = [&snapshot.server, &snapshot.client].map(Option::as_ref);
    let [server_pair, client_pair] =
        [server, client].map(|stored| stored.map(|stored| encoding::pair(&stored.material)));
    // A root is known when its certificate is at hand: in either bundle.
    let both = [&server_pair, &client_pair];
    let known = |root| both.into_iter().flatten().flatten().any(|pair| pair.trust.contains(&root));
    let [server_facts, client_facts] = [(server, &server_pair), (client, &client_pair)].map(|(stored, pair)| {
        let (Some(stored), Some(pair)) = (stored, pair) else { return Observed::Absent };
        match pair {
            Ok(pair) => Observed::Present(leaf(world, stored, pair, known)),
            Err(why) => Observed::Unreadable(Unusable { code: Code::StoredUnreadable, why: why.clone() }),
        }
    });
    StoredFacts {
        authorities: authorities(world, authority),
        rollover_ids: authority.map(|stored| stored.material.list(ROTATION_IDS)).unwrap_or_default(),
        server: server_facts,
        client: client_facts,
    }
}

fn authorities(world: &World, stored: Option<&Stored>) -> Observed<Vec<AuthorityFacts>> {
    let Some(stored) = stored else { return Observed::Absent };
    match encoding::generations(&stored.material) {
        Err(why) => Observed::Unreadable(Unusable { code: Code::StoredUnreadable, why }),
        Ok(generations) => Observed::Present(
            generations
                .into_iter()
                .map(|(generation, Generation { certificate, retiring })| {
                    let facts = world.certificate(certificate);
                    AuthorityFacts {
                        generation,
                        fingerprint: fingerprint(certificate),
                        anchor: fingerprint(facts.root),
                        subject: facts.subject.clone(),
                        validity: facts.chain,
                        retiring,
                        warnings: Vec::new(),
                    }
                })
                .collect(),
        ),
    }
}

fn leaf(world: &World, stored: &Stored, pair: &Pair, known: impl Fn(Number) -> bool) -> LeafFacts {
    let certificate = world.certificate(pair.leaf);
    let drift = certificate.profile != world.profile;
    LeafFacts {
        fingerprint: fingerprint(pair.leaf),
        serial: Serial(format!("{:x}", pair.leaf)),
        validity: certificate.validity,
        chain_validity: certificate.chain,
        signer: known(certificate.root)
            .then(|| Signer { fingerprint: fingerprint(certificate.signer), anchor: fingerprint(certificate.root) }),
        drift: drift.then(|| "other names".to_owned()).into_iter().collect(),
        trust: pair.trust.iter().copied().map(fingerprint).collect(),
        rotation_ids: stored.material.list(ROTATION_IDS),
        warnings: Vec::new(),
    }
}

/// The stored authority with one generation more.
pub(crate) fn add_authority(world: &mut World, snapshot: &Snapshot, order: &AuthorityOrder) -> Material {
    let AuthorityOrder { generation, validity, retiring, rotation_id } = order;
    let mut material = snapshot.authority.as_ref().map(|stored| stored.material.clone()).unwrap_or_default();
    if world.sabotage == Some(Sabotage::ReplacingAuthority) {
        material.entries.clear();
    }
    let certificate = world.register(None, *validity, format!("/CN=authority {generation}"));
    encoding::set_generation(&mut material, *generation, certificate);
    let all: BTreeSet<_> = material.list(RETIRING).into_iter().chain(retiring.iter().map(u32::to_string)).collect();
    material.set_list(RETIRING, &all.into_iter().collect::<Vec<_>>());
    if let Some(id) = rotation_id {
        material.remember_rotation(id.as_str());
    }
    material
}

/// The stored authority with one generation less.
pub(crate) fn remove_authority(snapshot: &Snapshot, generation: u32) -> Result<Material, Failure> {
    let stored =
        snapshot.authority.as_ref().ok_or_else(|| Trouble::new(Code::AuthorityMissing, "nothing to remove"))?;
    let mut material = stored.material.clone();
    encoding::remove_generation(&mut material, generation);
    Ok(material)
}

/// A new leaf and its bundle.
pub(crate) fn issue(world: &mut World, snapshot: &Snapshot, order: &LeafOrder) -> Result<Material, Failure> {
    let stored =
        snapshot.authority.as_ref().ok_or_else(|| Trouble::new(Code::AuthorityMissing, "no authority to sign"))?;
    let generations =
        encoding::generations(&stored.material).map_err(|why| Trouble::new(Code::StoredUnreadable, &why))?;
    let signer = match world.sabotage {
        Some(Sabotage::SignWithNewest) => generations.values().last(),
        _ => generations.get(&order.signer),
    };
    let signer = signer.ok_or_else(|| Trouble::new(Code::SignerMissing, "no such generation"))?.certificate;
    let mut validity = order.validity;
    if world.sabotage == Some(Sabotage::PostdatedLeaves) {
        validity.not_before += chrono::TimeDelta::days(1);
    }
    let leaf = world.register(Some(signer), validity, format!("/CN={}", order.peer));
    // An unreadable leaf is replaced; what it had of forced rotations stays known.
    let before = snapshot.stored(order.peer.slot()).map(|stored| stored.material.annotations.clone());
    let mut material = Material { annotations: before.unwrap_or_default(), ..Material::default() };
    encoding::set_pair(&mut material, &Pair { leaf, trust: trust(world, &order.trust) });
    if let Some(id) = &order.rotation_id
        && world.sabotage != Some(Sabotage::ForgottenIdentities)
    {
        material.remember_rotation(id.as_str());
    }
    Ok(material)
}

/// The stored leaf with another bundle.
pub(crate) fn republish(
    world: &World,
    snapshot: &Snapshot,
    peer: Peer,
    roots: &BTreeSet<Fingerprint>,
) -> Result<Material, Failure> {
    let stored = snapshot.stored(peer.slot()).ok_or_else(|| Trouble::new(Code::PemMissing, "no leaf to keep"))?;
    let mut material = stored.material.clone();
    encoding::set_trust(&mut material, &trust(world, roots));
    Ok(material)
}

fn trust(world: &World, roots: &BTreeSet<Fingerprint>) -> BTreeSet<Number> {
    let all: BTreeSet<_> = roots.iter().copied().map(number).collect();
    match world.sabotage {
        Some(Sabotage::CarriedTrust) => {
            let stored = Peer::ALL.into_iter().filter_map(|peer| world.pair(peer));
            all.into_iter().chain(stored.flat_map(|pair| pair.trust.clone())).collect()
        }
        Some(Sabotage::NarrowTrust) => all.last().copied().into_iter().collect(),
        _ => all,
    }
}

/// The handshake of [`rotation::engine::ports::Issuer::rehearse`], on numbers.
pub(crate) fn rehearse(
    world: &World,
    snapshot: &Snapshot,
    peer: Peer,
    candidate: &Material,
    peer_trust: &BTreeSet<Fingerprint>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let failed = |why: &str| Err(Trouble::new(Code::RehearsalFailed, why).into());
    let Ok(pair) = encoding::pair(candidate) else { return failed("the candidate is unreadable") };
    let certificate = world.certificate(pair.leaf);
    let ours: Validity = certificate.chain;
    if !ours.contains(now) {
        return failed("the candidate is not valid now");
    }
    if !peer_trust.contains(&fingerprint(certificate.root)) {
        return failed("the other peer does not trust the candidate");
    }
    let other = snapshot.stored(peer.other().slot()).and_then(|stored| encoding::pair(&stored.material).ok());
    let Some(other) = other else { return Ok(()) };
    let other = world.certificate(other.leaf);
    if other.chain.contains(now) && !pair.trust.contains(&other.root) {
        return failed("the candidate does not trust the other peer");
    }
    Ok(())
}

/// The generations in the store now, or none if they cannot be read.
pub(crate) fn stored_generations(world: &World) -> std::collections::BTreeMap<u32, Generation> {
    let stored = world.stored(Slot::Authority);
    stored.and_then(|stored| encoding::generations(&stored.material).ok()).unwrap_or_default()
}
