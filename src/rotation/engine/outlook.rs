//! The facts as they would be after a successful step. With them a plan can show more than its first step.

use crate::engine::facts::{
    AuthorityFacts, Facts, Fingerprint, LeafFacts, Loaded, Login, Observed, Peer, Serial, Signer,
};
use crate::engine::step::{AuthorityOrder, LeafOrder, Step};

/// The facts after the step, if it succeeds.
#[must_use]
pub fn after(facts: &Facts, step: &Step) -> Facts {
    let mut next = facts.clone();
    match step {
        Step::AddAuthority(AuthorityOrder { generation, validity, retiring, rotation_id }) => {
            let mut generations = facts.generations().to_vec();
            for authority in &mut generations {
                authority.retiring |= retiring.contains(&authority.generation);
            }
            let fingerprint = placeholder(*generation);
            generations.push(AuthorityFacts {
                generation: *generation,
                fingerprint,
                anchor: fingerprint,
                subject: format!("generation {generation}"),
                validity: *validity,
                retiring: false,
                warnings: Vec::new(),
            });
            next.stored.authorities = Observed::Present(generations);
            next.stored.rollover_ids.extend(rotation_id.iter().map(|id| id.as_str().to_owned()));
        }
        Step::RemoveAuthority { generation } => {
            let mut generations = facts.generations().to_vec();
            generations.retain(|authority| authority.generation != *generation);
            next.stored.authorities = Observed::Present(generations);
        }
        Step::Issue { order, .. } => {
            let peer = order.peer;
            *leaf_of(&mut next, peer) = Observed::Present(issued(facts, order));
            outdate(&mut next, peer);
            if peer == Peer::Client && next.running.login != Login::NotTried {
                next.running.login = Login::Admitted;
            }
        }
        Step::Republish { peer, trust } => {
            if let Observed::Present(leaf) = leaf_of(&mut next, *peer) {
                leaf.trust.clone_from(trust);
            }
            outdate(&mut next, *peer);
        }
        Step::LogIn => {
            next.running.login = Login::Admitted;
            if matches!(next.running.revocation_list, Observed::Unreadable(_)) {
                next.running.revocation_list = Observed::Absent;
            }
        }
        Step::PickUp { consumer, .. } | Step::Prove { consumer, .. } => {
            let found = next.running.consumers.iter_mut().find(|candidate| candidate.name == *consumer);
            if let Some(consumer) = found {
                consumer.loaded = Loaded::Current;
            }
        }
    }
    next
}

fn issued(facts: &Facts, order: &LeafOrder) -> LeafFacts {
    let authority = facts.generations().iter().find(|authority| authority.generation == order.signer);
    let (chain_validity, signer) = match authority {
        Some(AuthorityFacts { fingerprint, anchor, validity, .. }) => {
            let signer = Signer { fingerprint: *fingerprint, anchor: *anchor };
            (order.validity.intersection(validity), Some(signer))
        }
        None => (order.validity, None),
    };
    let (mut rotation_ids, warnings) = match facts.leaf(order.peer).present() {
        Some(former) => (former.rotation_ids.clone(), former.warnings.clone()),
        None => (Vec::new(), Vec::new()),
    };
    rotation_ids.extend(order.rotation_id.iter().map(|id| id.as_str().to_owned()));
    LeafFacts {
        fingerprint: Fingerprint([0; 32]),
        serial: Serial("to be drawn".to_owned()),
        validity: order.validity,
        chain_validity,
        signer,
        drift: Vec::new(),
        trust: order.trust.clone(),
        rotation_ids,
        warnings,
    }
}

fn leaf_of(facts: &mut Facts, peer: Peer) -> &mut Observed<LeafFacts> {
    match peer {
        Peer::Server => &mut facts.stored.server,
        Peer::Client => &mut facts.stored.client,
    }
}

/// A consumer that had loaded the former leaf has not loaded the new one. A consumer that is unknown, does not run or reads
/// the files at each login keeps its state.
fn outdate(facts: &mut Facts, peer: Peer) {
    for consumer in facts.running.consumers.iter_mut().filter(|consumer| consumer.peer == peer) {
        match consumer.loaded {
            Loaded::Current | Loaded::Unproved(_) | Loaded::Lingering(_) => {
                consumer.loaded = Loaded::Stale("it has the former leaf".to_owned());
            }
            Loaded::EachLogin | Loaded::Stale(_) | Loaded::NotRunning | Loaded::Unknown(_) => {}
        }
    }
}

/// Stands for a certificate that does not exist yet. No SHA-256 of a certificate has this form.
fn placeholder(generation: u32) -> Fingerprint {
    let mut bytes = [0; 32];
    for (target, source) in bytes.iter_mut().zip(generation.to_be_bytes()) {
        *target = source;
    }
    Fingerprint(bytes)
}
