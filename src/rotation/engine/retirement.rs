//! When a generation of the authority leaves, and what keeps it. Only evidence that was seen counts.

use base::diagnosis::Code;

use crate::engine::facts::{AuthorityFacts, ConsumerFacts, Facts, LeafFacts, Loaded, Observed, Peer, Unusable};
use crate::engine::policy::Policy;

/// Why a retiring or ended generation cannot be removed yet, or `None` if it can. Only evidence counts.
pub fn removal_blocked(facts: &Facts, authority: &AuthorityFacts) -> Option<String> {
    if let Some(why) = is_needed(facts, authority) {
        return Some(why);
    }
    match &facts.running.issuers_in_use {
        Observed::Present(issuers) if issuers.contains(&authority.subject) => {
            Some("sessions that were opened with it are still alive".to_owned())
        }
        // Without a database to ask, what the consumers themselves show is all the evidence that there is.
        Observed::Present(_) | Observed::Absent => None,
        Observed::Unreadable(unusable) => Some(format!("the open sessions cannot be seen: {unusable}")),
    }
}

/// What is not seen, where nothing else keeps a generation from being removed: what a consumer has loaded, or the sessions.
pub fn unseen_by(facts: &Facts, authority: &AuthorityFacts) -> Option<Unusable> {
    if signed_peer(facts, authority).is_some() {
        return None;
    }
    for consumer in &facts.running.consumers {
        if let Loaded::Unproved(why) = &consumer.loaded {
            let why = format!("what {} has loaded is not seen: {why}", consumer.name);
            return Some(Unusable { code: Code::ProofMissing, why });
        }
    }
    match &facts.running.issuers_in_use {
        Observed::Unreadable(unusable) if facts.all_proved() => {
            let why = format!("the open sessions are not seen: {}", unusable.why);
            Some(Unusable { code: unusable.code, why })
        }
        Observed::Unreadable(_) | Observed::Present(_) | Observed::Absent => None,
    }
}

/// The peer whose stored leaf it has signed.
fn signed_peer(facts: &Facts, authority: &AuthorityFacts) -> Option<Peer> {
    for peer in Peer::ALL {
        if let Observed::Present(LeafFacts { signer: Some(signer), .. }) = facts.leaf(peer)
            && signer.fingerprint == authority.fingerprint
        {
            return Some(peer);
        }
    }
    None
}

/// Why what is stored or loaded needs a generation.
fn is_needed(facts: &Facts, authority: &AuthorityFacts) -> Option<String> {
    if let Some(peer) = signed_peer(facts, authority) {
        return Some(format!("the {peer}'s leaf is signed by it"));
    }
    if !facts.all_proved() {
        return Some("not every consumer was seen to show what is stored".to_owned());
    }
    let accepts = |consumer: &&ConsumerFacts| consumer.accepts_besides.contains(&authority.subject);
    let consumer = facts.running.consumers.iter().find(accepts)?;
    Some(format!("{} still accepts clients by it", consumer.name))
}

/// Whether a generation is on its way out: told to retire, or ended, with a newer one at hand.
pub fn is_leaving(facts: &Facts, policy: &Policy, authority: &AuthorityFacts) -> bool {
    let successor = |other: &AuthorityFacts| {
        other.generation > authority.generation && !other.retiring && other.validity.contains(facts.now)
    };
    let fits_no_leaf = authority.validity.not_after < facts.now + policy.lifetime();
    facts.generations().iter().any(successor) && (authority.retiring || fits_no_leaf)
}
