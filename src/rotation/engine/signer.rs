//! Chooses the authority that signs the next leaf of a peer: of those that the other peer has loaded, the oldest that
//! outlives the leaf, because peers have had the longest time to load it.

use crate::engine::facts::{AuthorityFacts, Facts, Peer};
use crate::engine::policy::Policy;
use crate::engine::setbacks::Setbacks;
use crate::engine::trust::has_loaded;

/// The authority that should sign a leaf of this peer now, if one may.
///
/// An authority may sign if it is valid now and either the other peer has loaded it, or it signed the working leaf. If no
/// leaf works, no connection can break, and any valid authority may sign. An authority that PostgreSQL has just refused
/// may not.
pub fn signer_for<'a>(
    facts: &'a Facts,
    policy: &Policy,
    peer: Peer,
    setbacks: &Setbacks,
) -> Option<&'a AuthorityFacts> {
    let mut candidates = allowed_signers(facts, peer, setbacks);
    if candidates.iter().any(|authority| !authority.retiring) {
        candidates.retain(|authority| !authority.retiring);
    }
    let wanted = facts.now + policy.lifetime();
    let outlive_the_leaf = candidates.iter().copied().filter(|authority| authority.validity.not_after >= wanted);
    match outlive_the_leaf.min_by_key(|authority| authority.generation) {
        Some(oldest) => Some(oldest),
        None => candidates.into_iter().max_by_key(|authority| authority.validity.not_after),
    }
}

fn allowed_signers<'a>(facts: &'a Facts, peer: Peer, setbacks: &Setbacks) -> Vec<&'a AuthorityFacts> {
    let working_signer = facts.working_leaf(peer).map(|(_, signer)| signer.fingerprint);
    let mut valid = Vec::new();
    let mut allowed = Vec::new();
    for authority in facts.generations() {
        let is_refused = peer == Peer::Client && setbacks.signers.contains(&authority.generation);
        if is_refused || !authority.validity.contains(facts.now) {
            continue;
        }
        valid.push(authority);
        if has_loaded(facts, peer.other(), authority.anchor) || working_signer == Some(authority.fingerprint) {
            allowed.push(authority);
        }
    }
    if allowed.is_empty() && working_signer.is_none() { valid } else { allowed }
}
