//! The roots that a bundle should contain, and the roots that the peers have provably loaded.

use std::collections::BTreeSet;

use crate::engine::facts::{AuthorityFacts, Facts, Fingerprint, Peer};

/// The bundle that a peer's leaf should have: the root of each stored authority, and the root of the other peer's working
/// leaf if the bundle already contains it. No other root enters it, whatever the other peer's object contains. No root
/// leaves it before every consumer has proved that it loaded the stored material: until then a consumer may still present a
/// leaf of that root.
pub fn target_trust(facts: &Facts, peer: Peer) -> BTreeSet<Fingerprint> {
    let mut trust: BTreeSet<_> = facts.generations().iter().map(|authority| authority.anchor).collect();
    let Some(leaf) = facts.leaf(peer).present() else { return trust };
    if !facts.all_proved() {
        trust.extend(&leaf.trust);
    }
    if let Some((_, signer)) = facts.working_leaf(peer.other())
        && leaf.trust.contains(&signer.anchor)
    {
        trust.insert(signer.anchor);
    }
    trust
}

/// How the bundle of a readable leaf differs from [`target_trust`].
pub fn trust_differs(facts: &Facts, peer: Peer) -> Option<String> {
    let trust = &facts.leaf(peer).present()?.trust;
    let target = target_trust(facts, peer);
    if *trust == target {
        return None;
    }
    let (missing, surplus) = (target.difference(trust).count(), trust.difference(&target).count());
    Some(format!("its trust bundle lacks {missing} roots and has {surplus} too many"))
}

/// The roots by which the other peer provably judges this peer's leaf.
pub fn loaded_trust(facts: &Facts, peer: Peer, signer: &AuthorityFacts) -> BTreeSet<Fingerprint> {
    if has_loaded(facts, peer.other(), signer.anchor)
        && let Some(other) = facts.leaf(peer.other()).present()
    {
        return other.trust.clone();
    }
    BTreeSet::from([signer.anchor])
}

/// Whether every consumer of a peer's leaf provably trusts a root.
pub fn has_loaded(facts: &Facts, peer: Peer, anchor: Fingerprint) -> bool {
    match facts.leaf(peer).present() {
        Some(leaf) => facts.is_settled(peer) && leaf.trust.contains(&anchor),
        None => false,
    }
}
