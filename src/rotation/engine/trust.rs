//! Which roots a bundle should hold, and which roots the peers are known to have loaded.

use std::collections::BTreeSet;

use crate::engine::facts::{AuthorityFacts, Facts, Fingerprint, Peer};

/// The bundle that a peer's leaf should have: the root of each stored authority, and of what is in it now the root that the
/// other peer's working leaf chains to. No other root enters it, whatever the other peer's object holds. Nothing is
/// dropped from it before every consumer was seen to show what is stored: until then one may still present what is to be
/// dropped.
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

/// Why the bundle beside a readable leaf is not what it should be.
pub fn trust_differs(facts: &Facts, peer: Peer) -> Option<String> {
    let trust = &facts.leaf(peer).present()?.trust;
    let target = target_trust(facts, peer);
    if *trust == target {
        return None;
    }
    let (missing, surplus) = (target.difference(trust).count(), trust.difference(&target).count());
    Some(format!("its trust bundle lacks {missing} and has {surplus} too many"))
}

/// The roots that the other peer is known to judge this peer's leaf by.
pub fn loaded_trust(facts: &Facts, peer: Peer, signer: &AuthorityFacts) -> BTreeSet<Fingerprint> {
    if has_loaded(facts, peer.other(), signer.anchor)
        && let Some(other) = facts.leaf(peer.other()).present()
    {
        return other.trust.clone();
    }
    BTreeSet::from([signer.anchor])
}

/// Whether everything that runs with a peer's leaf is seen to trust a root.
pub fn has_loaded(facts: &Facts, peer: Peer, anchor: Fingerprint) -> bool {
    match facts.leaf(peer).present() {
        Some(leaf) => facts.is_settled(peer) && leaf.trust.contains(&anchor),
        None => false,
    }
}
