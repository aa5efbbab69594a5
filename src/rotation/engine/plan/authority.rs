//! Decides whether the authority gets another generation or loses one.

use std::collections::BTreeSet;

use base::diagnosis::Code;

use crate::engine::facts::{AuthorityFacts, Facts, Observed, Peer, Unusable, Validity};
use crate::engine::plan::peer::server_is_unseen;
use crate::engine::plan::{Decision, whole_second};
use crate::engine::policy::{GENERATIONS_MAX, Policy};
use crate::engine::request::{Force, Request, Scope};
use crate::engine::retirement::{is_leaving, removal_blocked, unseen_by};
use crate::engine::rules::{authority_ending, clock_differs, revocation_list};
use crate::engine::step::{AuthorityOrder, Step};

/// Creates the authority, refuses to continue without one, or adds a successor.
pub(super) fn authority_step(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    let wanted = wanted_rollover(facts, request);
    let nothing_stored = Peer::ALL.into_iter().all(|peer| matches!(facts.leaf(peer), Observed::Absent));
    match (&facts.stored.authorities, request) {
        (Observed::Unreadable(unusable), _) => Some(Decision::Refuse(unusable.code, unusable.why.clone())),
        (Observed::Absent, Request::Bootstrap) if nothing_stored => Some(add_authority(facts, policy, None)),
        (Observed::Absent, Request::Rotate(_)) if wanted.is_some() && !nothing_stored => {
            Some(add_authority(facts, policy, wanted))
        }
        (Observed::Absent, _) if nothing_stored => {
            Some(Decision::Refuse(Code::AuthorityMissing, "there is no authority".to_owned()))
        }
        (Observed::Absent, _) => {
            let message = "the leaves exist, but the authority that signed them is missing";
            Some(Decision::Refuse(Code::AuthorityLost, message.to_owned()))
        }
        (Observed::Present(_), Request::Bootstrap) => None,
        (Observed::Present(_), Request::Rotate(_)) => match wanted {
            Some(_) if is_foreign(facts) => {
                let message = "the authority belongs to another tool or a person".to_owned();
                Some(Decision::Refuse(Code::AuthorityForeign, message))
            }
            Some(force) => forced_rollover(facts, policy, force),
            None => successor(facts, policy),
        },
    }
}

fn successor(facts: &Facts, policy: &Policy) -> Option<Decision> {
    let may_be_added = revocation_list(facts).is_none() && !successor_waits(facts);
    if !wants_successor(facts, policy) || !may_be_added {
        return None;
    }
    Some(add_authority(facts, policy, None))
}

/// The requested rollover, if the authority has not had it yet.
pub(super) fn wanted_rollover<'a>(facts: &Facts, request: &'a Request) -> Option<&'a Force> {
    let rollover = request.force().filter(|force| force.scope == Scope::Authority)?;
    let is_done = facts.stored.rollover_ids.iter().any(|id| id == rollover.id.as_str());
    if is_done { None } else { Some(rollover) }
}

/// Whether another tool or a person keeps the authority.
fn is_foreign(facts: &Facts) -> bool {
    facts.generations().iter().any(|authority| authority.generation == 0)
}

/// Whether newleaf's own authority nears its end and there is room for another generation.
pub(super) fn wants_successor(facts: &Facts, policy: &Policy) -> bool {
    !is_foreign(facts) && authority_ending(facts, policy) && facts.generations().len() < GENERATIONS_MAX
}

/// Whether to postpone a new authority while a stored one can still sign: adding one cannot be undone, and the database did
/// not tell its clock or its revocation list. If no stored authority is valid, a new one is the only way out. If no database
/// is configured, waiting changes nothing.
pub(super) fn successor_waits(facts: &Facts) -> bool {
    let list_is_unseen =
        matches!(facts.running.revocation_list, Observed::Unreadable(_)) && unobservable(facts).is_none();
    let clock_is_unseen = facts.running.reference.is_none() && server_is_unseen(facts);
    (list_is_unseen || clock_is_unseen)
        && facts.generations().iter().any(|authority| authority.validity.contains(facts.now))
}

/// Why an authority that nears its end gets no successor. This check runs last, so newleaf still renews the leaves.
pub(super) fn refused_successor(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    if matches!(request, Request::Bootstrap) || !wants_successor(facts, policy) {
        return None;
    }
    Some(Decision::Refuse(Code::RevocationList, revocation_list(facts)?))
}

fn forced_rollover(facts: &Facts, policy: &Policy, force: &Force) -> Option<Decision> {
    if let Some(peer) = Peer::ALL.into_iter().find(|peer| facts.consumers_of(*peer).next().is_none()) {
        let message = format!("the configuration names no consumer of the {peer}'s leaf");
        return Some(Decision::Refuse(Code::ConsumersUnknown, message));
    }
    if let Some(why) = unobservable(facts) {
        return Some(Decision::Refuse(Code::ConsumersUnknown, why.to_owned()));
    }
    if facts.generations().len() >= GENERATIONS_MAX {
        let message = format!("{GENERATIONS_MAX} generations of the authority are alive");
        return Some(Decision::Refuse(Code::RolloverUnfinished, message));
    }
    if let Some(message) = revocation_list(facts) {
        return Some(Decision::Refuse(Code::RevocationList, message));
    }
    if successor_waits(facts) {
        return None;
    }
    Some(add_authority(facts, policy, Some(force)))
}

/// Why nothing in the configuration can show what consumers have loaded, or whether PostgreSQL checks revocation lists.
fn unobservable(facts: &Facts) -> Option<&str> {
    match &facts.running.revocation_list {
        Observed::Unreadable(Unusable { code: Code::ConsumersUnknown, why }) => Some(why),
        Observed::Unreadable(_) | Observed::Present(_) | Observed::Absent => None,
    }
}

fn add_authority(facts: &Facts, policy: &Policy, force: Option<&Force>) -> Decision {
    if let Some(message) = clock_differs(facts, policy) {
        return Decision::Refuse(Code::ClockDiffers, message);
    }
    let generations = facts.generations();
    let newest = generations.iter().map(|authority| authority.generation).max().unwrap_or_default();
    let retiring = match force {
        Some(_) => generations.iter().map(|authority| authority.generation).collect(),
        None => BTreeSet::new(),
    };
    Decision::Act(Step::AddAuthority(AuthorityOrder {
        generation: newest.saturating_add(1),
        validity: Validity {
            not_before: whole_second(facts.now - policy.backdate()),
            not_after: whole_second(facts.now + policy.authority_lifetime()),
        },
        retiring,
        rotation_id: force.map(|force| force.id.clone()),
    }))
}

/// The removal of a leaving generation that nothing needs any more.
pub(super) fn removal(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    let authority = leaving(facts, policy, request).find(|it| removal_blocked(facts, it).is_none())?;
    Some(Decision::Act(Step::RemoveAuthority { generation: authority.generation }))
}

/// A generation that stays only because evidence is missing (the open sessions, or what a consumer has loaded). This check
/// runs last, and the run ends with the reason.
pub(super) fn refused_removal(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    for authority in leaving(facts, policy, request) {
        if let Some(Unusable { code, why }) = unseen_by(facts, authority) {
            let message = format!("generation {} of the authority stays: {why}", authority.generation);
            return Some(Decision::Refuse(code, message));
        }
    }
    None
}

/// newleaf's own generations that are leaving. Bootstrap removes none.
fn leaving<'a>(facts: &'a Facts, policy: &Policy, request: &Request) -> impl Iterator<Item = &'a AuthorityFacts> {
    let generations = if matches!(request, Request::Bootstrap) { &[][..] } else { facts.generations() };
    generations.iter().filter(|it| it.generation > 0 && is_leaving(facts, policy, it))
}
