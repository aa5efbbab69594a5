//! Decides whether newleaf rewrites a leaf or its trust bundle, and which generation signs it.

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
        let message = format!("no stored authority may sign the {peer}'s leaf now{}", out_of_time(facts));
        return Some(Decision::Refuse(Code::SignerMissing, message));
    };
    if let Some(message) = clock_differs(facts, policy) {
        return Some(Decision::Refuse(Code::ClockDiffers, message));
    }
    let mut trust = target_trust(facts, peer);
    trust.insert(signer.anchor);
    // The identity counts whatever the reason was: newleaf does not rotate an unreadable or expiring leaf twice for it.
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

/// Why a leaf of this signer should replace the stored leaf. A leaving signer is no reason if the same one would sign again.
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

/// The login that a new leaf must pass before newleaf writes it. If no client leaf works now, nothing can be lost. When a
/// working leaf expires soon, a PostgreSQL that does not answer must not block the new leaf; one that has just answered
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

/// The validity of a new leaf: from the backdate to the lifetime, cut to the signer's validity.
fn leaf_validity(facts: &Facts, policy: &Policy, signer: &AuthorityFacts) -> Validity {
    let wanted = Validity {
        not_before: whole_second(facts.now - policy.backdate()),
        not_after: whole_second(facts.now + policy.lifetime()),
    };
    wanted.intersection(&signer.validity)
}

/// The authorities that are not valid now, as the end of a message.
fn out_of_time(facts: &Facts) -> String {
    let day = |at: DateTime<Utc>| at.format("%FT%TZ").to_string();
    let mut parts = Vec::new();
    for AuthorityFacts { subject, validity, .. } in facts.generations() {
        if facts.now > validity.not_after {
            parts.push(format!("; {subject} expired at {}", day(validity.not_after)));
        } else if facts.now < validity.not_before {
            parts.push(format!("; {subject} is not valid before {}", day(validity.not_before)));
        }
    }
    parts.concat()
}

/// The step that corrects the trust bundle of a leaf that stays.
pub(super) fn republished(facts: &Facts, peer: Peer) -> Option<Decision> {
    let leaf = facts.leaf(peer).present()?;
    let trust = target_trust(facts, peer);
    if leaf.trust == trust {
        return None;
    }
    Some(Decision::Act(Step::Republish { peer, trust }))
}

/// As [`republished`], but removes no root, because bootstrap makes no consumer pick up.
pub(super) fn widened(facts: &Facts, peer: Peer) -> Option<Decision> {
    let leaf = facts.leaf(peer).present()?;
    let trust: BTreeSet<_> = target_trust(facts, peer).union(&leaf.trust).copied().collect();
    if leaf.trust == trust {
        return None;
    }
    Some(Decision::Act(Step::Republish { peer, trust }))
}

/// Whether a working leaf waits for a database that runs but does not tell the time. It waits no longer than its expiry allows.
pub(super) fn waits(facts: &Facts, policy: &Policy, peer: Peer) -> bool {
    facts.running.reference.is_none()
        && facts.running.login.objection().is_some()
        && !all_servers_are_stopped(facts)
        && !is_urgent(facts, policy, peer)
}
