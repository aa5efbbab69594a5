//! When a generation of the authority leaves, and what keeps it. Only evidence that was seen counts.

use crate::rotation::facts::{AuthorityFacts, ConsumerFacts, Facts, Observed, Peer, Unusable};
use crate::rotation::policy::Policy;

/// Why a retiring or ended generation cannot be removed yet, or `None` if it can. Only evidence counts.
pub fn removal_blocked(facts: &Facts, authority: &AuthorityFacts) -> Option<String> {
    if let Some(why) = is_needed(facts, authority) {
        return Some(why);
    }
    match &facts.issuers_in_use {
        Observed::Present(issuers) if issuers.contains(&authority.subject) => {
            Some("sessions that were opened with it are still alive".to_owned())
        }
        // Without a database to ask, what the consumers themselves show is all the evidence that there is.
        Observed::Present(_) | Observed::Absent => None,
        Observed::Unreadable(unusable) => Some(format!("the open sessions cannot be seen: {unusable}")),
    }
}

/// What keeps newleaf from seeing the open sessions, where nothing else keeps a generation from being removed.
pub fn unseen_sessions<'a>(facts: &'a Facts, authority: &AuthorityFacts) -> Option<&'a Unusable> {
    match &facts.issuers_in_use {
        Observed::Unreadable(unusable) if is_needed(facts, authority).is_none() => Some(unusable),
        Observed::Unreadable(_) | Observed::Present(_) | Observed::Absent => None,
    }
}

/// Why what is stored or loaded needs a generation.
fn is_needed(facts: &Facts, authority: &AuthorityFacts) -> Option<String> {
    let signs = Peer::ALL.into_iter().find(|peer| {
        let leaf = facts.leaf(*peer).present();
        leaf.and_then(|leaf| leaf.signer).is_some_and(|signer| signer.fingerprint == authority.fingerprint)
    });
    if let Some(peer) = signs {
        return Some(format!("the {peer}'s leaf is signed by it"));
    }
    if !facts.all_proved() {
        return Some("not every consumer was seen to show what is stored".to_owned());
    }
    let accepts = |consumer: &&ConsumerFacts| consumer.accepts_besides.contains(&authority.subject);
    let consumer = facts.consumers.iter().find(accepts)?;
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
