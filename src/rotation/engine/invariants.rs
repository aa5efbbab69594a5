//! A checker of steps, independent of the code that chooses them: no step may break a working connection.
//!
//! The run calls it before each step and stops at a violation. The tests call it for every step of every plan.

use std::collections::BTreeSet;

use crate::engine::facts::{AuthorityFacts, ConsumerFacts, Facts, Fingerprint, Login, Observed, Peer, Signer};
use crate::engine::policy::GENERATIONS_MAX;
use crate::engine::step::{AuthorityOrder, LeafOrder, Step};

/// Every rule that the step would break. Empty if the run may take the step.
pub fn violations(facts: &Facts, step: &Step) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |holds: bool, rule: &str| {
        if !holds {
            broken.push(rule.to_owned());
        }
    };
    match step {
        Step::AddAuthority(AuthorityOrder { generation, validity, .. }) => {
            let generations = facts.generations();
            must(
                generations.iter().all(|known| known.generation < *generation),
                "a generation's number is never reused",
            );
            must(generations.len() < GENERATIONS_MAX, "the number of generations is bounded");
            must(validity.contains(facts.now), "a new authority is valid now");
        }
        Step::RemoveAuthority { generation } => check_removal(facts, *generation, &mut must),
        Step::Issue { order, .. } => {
            check_trust(facts, order.peer, &order.trust, &mut must);
            let authority = facts.generations().iter().find(|known| known.generation == order.signer);
            match authority {
                Some(authority) => check_issue(facts, order, authority, &mut must),
                None => must(false, "the signer is a stored authority"),
            }
        }
        Step::Republish { peer, trust } => {
            must(facts.leaf(*peer).present().is_some(), "only a readable leaf gets another bundle");
            check_trust(facts, *peer, trust, &mut must);
        }
        Step::LogIn => {}
        Step::PickUp { peer, consumer } => {
            check_consumer(facts, *peer, consumer, &mut must);
            let refused = matches!(facts.running.login, Login::LeafRefused(_));
            must(*peer == Peer::Server || !refused, "no client loads a leaf that PostgreSQL refuses");
            let in_order = facts.consumers_of(Peer::Server).all(ConsumerFacts::is_settled);
            let shown = in_order || matches!(facts.running.login, Login::Admitted | Login::Accepted(_));
            must(*peer == Peer::Server || shown, "the server picks up before the client, or accepts the client's leaf");
        }
        Step::Prove { peer, consumer } => check_consumer(facts, *peer, consumer, &mut must),
    }
    broken
}

fn check_consumer(facts: &Facts, peer: Peer, consumer: &str, must: &mut impl FnMut(bool, &str)) {
    let known = facts.consumers_of(peer).any(|candidate| candidate.name == consumer);
    must(known, "the consumer is configured for the leaf");
}

fn check_removal(facts: &Facts, generation: u32, must: &mut impl FnMut(bool, &str)) {
    let (leaving, staying): (Vec<_>, Vec<_>) =
        facts.generations().iter().partition(|authority| authority.generation == generation);
    let signs = |authority: &&AuthorityFacts| {
        Peer::ALL.into_iter().any(|peer| match facts.leaf(peer) {
            Observed::Present(leaf) => leaf.signer.map(|signer| signer.fingerprint) == Some(authority.fingerprint),
            Observed::Absent | Observed::Unreadable(_) => false,
        })
    };
    must(leaving.len() == 1, "the generation to remove exists");
    must(generation > 0, "only its owner removes an authority that newleaf did not create");
    must(!leaving.iter().any(signs), "no stored leaf is signed by the removed generation");
    must(staying.iter().any(|authority| authority.validity.contains(facts.now)), "a valid authority stays");
    must(facts.all_proved(), "no consumer uses anything older than the stored material");
    let in_use = |authority: &&AuthorityFacts| match &facts.running.issuers_in_use {
        Observed::Present(issuers) => issuers.contains(&authority.subject),
        Observed::Unreadable(_) => true,
        Observed::Absent => false,
    };
    must(!leaving.iter().any(in_use), "every endpoint shows that no open session used it at login");
}

/// A bundle contains every root that a working leaf of the other peer chains to. Only roots of stored authorities enter it.
/// No root leaves it while a consumer may still present a leaf of that root.
fn check_trust(facts: &Facts, peer: Peer, trust: &BTreeSet<Fingerprint>, must: &mut impl FnMut(bool, &str)) {
    must(!trust.is_empty(), "a trust bundle is not empty");
    if let Some((_, signer)) = facts.working_leaf(peer.other()) {
        must(trust.contains(&signer.anchor), "the bundle trusts the other peer's working leaf");
    }
    let nothing = BTreeSet::new();
    let before = match facts.leaf(peer) {
        Observed::Present(leaf) => &leaf.trust,
        Observed::Absent | Observed::Unreadable(_) => &nothing,
    };
    let is_ours = |root: &Fingerprint| facts.generations().iter().any(|authority| authority.anchor == *root);
    let is_known = |root: &Fingerprint| is_ours(root) || before.contains(root);
    must(trust.iter().all(is_known), "only roots of stored authorities enter a bundle");
    if !facts.all_proved() {
        must(before.is_subset(trust), "no root leaves a bundle before every consumer shows the stored material");
    }
}

fn check_issue(facts: &Facts, order: &LeafOrder, authority: &AuthorityFacts, must: &mut impl FnMut(bool, &str)) {
    let LeafOrder { peer, validity, .. } = *order;
    must(authority.validity.contains(facts.now), "the signer is valid now");
    must(validity.contains(facts.now), "the new leaf is valid now");
    must(validity.not_after <= authority.validity.not_after, "the new leaf ends no later than its signer");
    must(order.peer_trust.contains(&authority.anchor), "the new leaf is rehearsed against its own root");
    let known_to_other = match facts.leaf(peer.other()) {
        Observed::Present(other) => facts.is_settled(peer.other()) && other.trust.contains(&authority.anchor),
        Observed::Absent | Observed::Unreadable(_) => false,
    };
    let safe = match facts.working_leaf(peer) {
        Some((_, Signer { fingerprint, .. })) => fingerprint == authority.fingerprint || known_to_other,
        None => true,
    };
    must(safe, "never sign with an authority that the other peer has not loaded");
}
