//! When a generation of the authority leaves, and what keeps it. Only evidence that was seen counts.

use crate::rotation::facts::{AuthorityFacts, ConsumerFacts, Facts, Observed, Peer};
use crate::rotation::policy::Policy;

/// Why a retiring or ended generation cannot be removed yet, or `None` if it can. Only evidence counts.
pub fn removal_blocked(facts: &Facts, authority: &AuthorityFacts) -> Option<String> {
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
    if let Some(consumer) = facts.consumers.iter().find(accepts) {
        return Some(format!("{} still accepts clients by it", consumer.name));
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

/// Whether a generation is on its way out: told to retire, or ended, with a newer one at hand.
pub fn is_leaving(facts: &Facts, policy: &Policy, authority: &AuthorityFacts) -> bool {
    let successor = |other: &AuthorityFacts| {
        other.generation > authority.generation && !other.retiring && other.validity.contains(facts.now)
    };
    let fits_no_leaf = authority.validity.not_after < facts.now + policy.lifetime();
    facts.generations().iter().any(successor) && (authority.retiring || fits_no_leaf)
}
