//! Whether a leaf or its trust bundle is written anew, and signed by which generation.

use std::collections::BTreeSet;

use base::diagnosis::Code;
use chrono::{DateTime, Utc};

use crate::engine::facts::{AuthorityFacts, Facts, Login, Peer, Validity};
use crate::engine::plan::peer::all_servers_are_stopped;
use crate::engine::plan::{Decision, whole_second};
use crate::engine::policy::Policy;
use crate::engine::request::{Request, Scope};
use crate::engine::rules::{Reason, clock_differs, is_urgent, leaf_findings};
use crate::engine::setbacks::Setbacks;
use crate::engine::signer::signer_for;
use crate::engine::step::{LeafOrder, Step, Trial};
use crate::engine::trust::{loaded_trust, target_trust};

/// A new leaf, if one is due and an authority may sign it.
pub(super) fn issue(
    facts: &Facts,
    policy: &Policy,
    request: &Request,
    peer: Peer,
    setbacks: &Setbacks,
) -> Option<Decision> {
    let works = facts.working_leaf(peer).is_some();
    if works && matches!(request, Request::Bootstrap) {
        return None;
    }
    let signer = signer_for(facts, policy, peer, setbacks);
    let reasons = reasons_to_issue(facts, policy, request, peer, signer);
    if reasons.is_empty() {
        return None;
    }
    let Some(signer) = signer else {
        if works {
            return None;
        }
        let message = format!("no authority may sign the {peer}'s leaf now{}", out_of_time(facts));
        return Some(Decision::Refuse(Code::SignerMissing, message));
    };
    if let Some(message) = clock_differs(facts, policy) {
        return Some(Decision::Refuse(Code::ClockDiffers, message));
    }
    let mut trust = target_trust(facts, peer);
    trust.insert(signer.anchor);
    // Whatever the reason was: a leaf that could not be read, or ended soon, is not rotated a second time for one identity.
    let force = request.force().filter(|force| force.scope == Scope::Leaves);
    let order = LeafOrder {
        peer,
        signer: signer.generation,
        validity: leaf_validity(facts, policy, signer),
        trust,
        peer_trust: loaded_trust(facts, peer, signer),
        rotation_id: force.map(|force| force.id.clone()),
    };
    Some(Decision::Act(Step::Issue { order, trial: trial(facts, policy, peer), reasons }))
}

/// Why a leaf is to be replaced by one of this signer. That its own signer leaves is no reason where the same one would
/// sign again.
fn reasons_to_issue(
    facts: &Facts,
    policy: &Policy,
    request: &Request,
    peer: Peer,
    signer: Option<&AuthorityFacts>,
) -> Vec<Reason> {
    let mut reasons: Vec<_> =
        leaf_findings(facts, policy, request, peer).into_iter().map(|(reason, _)| reason).collect();
    let current = facts.working_leaf(peer).map(|(_, signer)| signer.fingerprint);
    let leads_nowhere = match signer {
        Some(signer) => signer.retiring || current == Some(signer.fingerprint),
        None => true,
    };
    if leads_nowhere {
        reasons.retain(|reason| !matches!(reason, Reason::SignerRetiring | Reason::SignerGone));
    }
    reasons
}

/// What PostgreSQL has to say to a new leaf before it is written. Where no client leaf works now, nothing can be lost. Near
/// the end of one that does, a PostgreSQL that cannot be asked must not keep the new one back; one that has just answered
/// can.
fn trial(facts: &Facts, policy: &Policy, peer: Peer) -> Trial {
    if peer == Peer::Server || facts.working_leaf(peer).is_none() {
        Trial::None
    } else if is_urgent(facts, policy, peer) && facts.running.login != Login::Admitted {
        Trial::NotRefused
    } else {
        Trial::Required
    }
}

/// From the backdate to the lifetime, inside the authority's own life.
fn leaf_validity(facts: &Facts, policy: &Policy, signer: &AuthorityFacts) -> Validity {
    let wanted = Validity {
        not_before: whole_second(facts.now - policy.backdate()),
        not_after: whole_second(facts.now + policy.lifetime()),
    };
    wanted.intersection(&signer.validity)
}

/// The authorities that are not valid now, for a message.
fn out_of_time(facts: &Facts) -> String {
    let day = |at: DateTime<Utc>| at.format("%FT%TZ").to_string();
    let mut told = Vec::new();
    for AuthorityFacts { subject, validity, .. } in facts.generations() {
        if facts.now > validity.not_after {
            told.push(format!("; {subject} ended at {}", day(validity.not_after)));
        } else if facts.now < validity.not_before {
            told.push(format!("; {subject} begins at {}", day(validity.not_before)));
        }
    }
    told.concat()
}

/// The bundle that it should be, beside a leaf that stays.
pub(super) fn republished(facts: &Facts, peer: Peer) -> Option<Decision> {
    let leaf = facts.leaf(peer).present()?;
    let trust = target_trust(facts, peer);
    if leaf.trust == trust {
        return None;
    }
    Some(Decision::Act(Step::Republish { peer, trust }))
}

/// As [`republished`], but nothing is taken away: bootstrap makes no consumer load it.
pub(super) fn widened(facts: &Facts, peer: Peer) -> Option<Decision> {
    let leaf = facts.leaf(peer).present()?;
    let trust: BTreeSet<_> = target_trust(facts, peer).union(&leaf.trust).copied().collect();
    if leaf.trust == trust {
        return None;
    }
    Some(Decision::Act(Step::Republish { peer, trust }))
}

/// Whether a leaf that works waits for a database that runs and does not tell the time: not for longer than its end allows.
pub(super) fn waits(facts: &Facts, policy: &Policy, peer: Peer) -> bool {
    facts.running.reference.is_none()
        && facts.running.login.objection().is_some()
        && !all_servers_are_stopped(facts)
        && !is_urgent(facts, policy, peer)
}
