//! When newleaf removes a generation of the authority, and what keeps a generation. Only observed evidence counts.

use base::diagnosis::Code;

use crate::engine::facts::{AuthorityFacts, ConsumerFacts, Facts, LeafFacts, Loaded, Observed, Peer, Unusable};
use crate::engine::policy::Policy;

/// Why newleaf cannot remove a retiring or expired generation yet, or `None` if it can.
pub fn removal_blocked(facts: &Facts, authority: &AuthorityFacts) -> Option<String> {
    if let Some(why) = is_needed(facts, authority) {
        return Some(why);
    }
    match &facts.running.issuers_in_use {
        Observed::Present(issuers) if issuers.contains(&authority.subject) => {
            Some("sessions opened with it are still alive".to_owned())
        }
        // Without a database to ask, the consumers themselves are the only evidence.
        Observed::Present(_) | Observed::Absent => None,
        Observed::Unreadable(unusable) => Some(format!("open sessions are unknown: {unusable}")),
    }
}

/// The missing evidence (what a consumer has loaded, or the sessions), where nothing else keeps a generation.
pub fn unseen_by(facts: &Facts, authority: &AuthorityFacts) -> Option<Unusable> {
    if signed_peer(facts, authority).is_some() {
        return None;
    }
    for consumer in &facts.running.consumers {
        if let Loaded::Unproved(why) = &consumer.loaded {
            let why = format!("{}: what it has loaded is unknown: {why}", consumer.name);
            return Some(Unusable { code: Code::ProofMissing, why });
        }
    }
    match &facts.running.issuers_in_use {
        Observed::Unreadable(unusable) if facts.all_proved() => {
            let why = format!("open sessions are unknown: {}", unusable.why);
            Some(Unusable { code: unusable.code, why })
        }
        Observed::Unreadable(_) | Observed::Present(_) | Observed::Absent => None,
    }
}

/// The peer whose stored leaf this generation has signed.
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

/// Why a stored leaf or a consumer still needs a generation.
fn is_needed(facts: &Facts, authority: &AuthorityFacts) -> Option<String> {
    if let Some(peer) = signed_peer(facts, authority) {
        return Some(format!("it signed the {peer}'s leaf"));
    }
    if !facts.all_proved() {
        return Some("not every consumer shows the stored material yet".to_owned());
    }
    let accepts = |consumer: &&ConsumerFacts| consumer.accepts_besides.contains(&authority.subject);
    let consumer = facts.running.consumers.iter().find(accepts)?;
    Some(format!("{} still accepts clients by it", consumer.name))
}

/// Whether newleaf may retire a generation: a forced rollover retires it or it expires soon, and a newer one is valid.
pub fn is_leaving(facts: &Facts, policy: &Policy, authority: &AuthorityFacts) -> bool {
    let successor = |other: &AuthorityFacts| {
        other.generation > authority.generation && !other.retiring && other.validity.contains(facts.now)
    };
    let fits_no_leaf = authority.validity.not_after < facts.now + policy.lifetime();
    facts.generations().iter().any(successor) && (authority.retiring || fits_no_leaf)
}
