//! Which authority signs the next leaf of a peer: one that the other peer has loaded, and of those the oldest that
//! outlives the leaf, because peers have had the longest time to learn it.

use std::collections::BTreeSet;

use crate::rotation::facts::{AuthorityFacts, Facts, Fingerprint, Peer};
use crate::rotation::policy::Policy;
use crate::rotation::setbacks::Setbacks;

/// The authority that may sign a leaf of this peer now and should, if there is one.
///
/// An authority may sign if it is valid now and either the other peer has loaded it, or it has signed the leaf that
/// works now. Where no leaf works, no connection can be broken, and any valid authority may. One that PostgreSQL has just
/// refused does not.
pub fn signer_for<'a>(
    facts: &'a Facts,
    policy: &Policy,
    peer: Peer,
    setbacks: &Setbacks,
) -> Option<&'a AuthorityFacts> {
    let is_refused =
        |authority: &AuthorityFacts| peer == Peer::Client && setbacks.signers.contains(&authority.generation);
    let valid = || {
        let generations = facts.generations().iter();
        generations.filter(|authority| authority.validity.contains(facts.now) && !is_refused(authority))
    };
    let working = facts.working_leaf(peer).map(|(_, signer)| signer.fingerprint);
    let may_sign = |authority: &&AuthorityFacts| {
        has_loaded(facts, peer.other(), authority.anchor) || working == Some(authority.fingerprint)
    };
    let mut candidates: Vec<_> = valid().filter(may_sign).collect();
    if candidates.is_empty() && working.is_none() {
        candidates = valid().collect();
    }
    if candidates.iter().any(|authority| !authority.retiring) {
        candidates.retain(|authority| !authority.retiring);
    }
    let wanted = facts.now + policy.lifetime();
    let outlives = |authority: &&&AuthorityFacts| authority.validity.not_after >= wanted;
    let oldest = candidates.iter().filter(outlives).min_by_key(|authority| authority.generation);
    let longest = candidates.iter().max_by_key(|authority| authority.validity.not_after);
    oldest.or(longest).copied()
}

/// The roots that the other peer is known to judge this peer's leaf by.
pub fn loaded_trust(facts: &Facts, peer: Peer, signer: &AuthorityFacts) -> BTreeSet<Fingerprint> {
    let settled = facts.is_settled(peer.other()).then(|| facts.leaf(peer.other()).present()).flatten();
    match settled {
        Some(other) if other.trust.contains(&signer.anchor) => other.trust.clone(),
        _ => BTreeSet::from([signer.anchor]),
    }
}

/// Whether everything that runs with a peer's leaf is seen to trust a root.
pub fn has_loaded(facts: &Facts, peer: Peer, anchor: Fingerprint) -> bool {
    facts.is_settled(peer) && facts.leaf(peer).present().is_some_and(|leaf| leaf.trust.contains(&anchor))
}
