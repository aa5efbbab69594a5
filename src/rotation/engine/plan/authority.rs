//! Whether the authority gets another generation, or loses one.

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

/// Makes the authority, refuses for want of it, or gives it a successor.
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
            let message = "the leaves are there, the authority that signed them is not";
            Some(Decision::Refuse(Code::AuthorityLost, message.to_owned()))
        }
        (Observed::Present(_), Request::Bootstrap) => None,
        (Observed::Present(_), Request::Rotate(_)) => match wanted {
            Some(_) if is_foreign(facts) => {
                let message = "the authority was brought by someone else".to_owned();
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

/// The forced rollover that the authority has not had yet.
pub(super) fn wanted_rollover<'a>(facts: &Facts, request: &'a Request) -> Option<&'a Force> {
    let rollover = request.force().filter(|force| force.scope == Scope::Authority)?;
    let is_done = facts.stored.rollover_ids.iter().any(|id| id == rollover.id.as_str());
    if is_done { None } else { Some(rollover) }
}

/// Whether the authority is kept by another tool or a person.
fn is_foreign(facts: &Facts) -> bool {
    facts.generations().iter().any(|authority| authority.generation == 0)
}

/// Whether our own authority comes to its end and there is room for another.
pub(super) fn wants_successor(facts: &Facts, policy: &Policy) -> bool {
    !is_foreign(facts) && authority_ending(facts, policy) && facts.generations().len() < GENERATIONS_MAX
}

/// Whether no authority is added for now, while what is stored can still sign: it could not be undone, and the database
/// could not be asked for its clock or for its revocation list. Where nothing stored is valid, a new authority is the only
/// way out; and where no database is configured, waiting changes nothing.
pub(super) fn successor_waits(facts: &Facts) -> bool {
    let list_is_unseen =
        matches!(facts.running.revocation_list, Observed::Unreadable(_)) && unobservable(facts).is_none();
    let clock_is_unseen = facts.running.reference.is_none() && server_is_unseen(facts);
    (list_is_unseen || clock_is_unseen)
        && facts.generations().iter().any(|authority| authority.validity.contains(facts.now))
}

/// Why an authority that comes to its end gets no successor. It comes last: the leaves are renewed all the same.
pub(super) fn refused_successor(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    if matches!(request, Request::Bootstrap) || !wants_successor(facts, policy) {
        return None;
    }
    Some(Decision::Refuse(Code::RevocationList, revocation_list(facts)?))
}

fn forced_rollover(facts: &Facts, policy: &Policy, force: &Force) -> Option<Decision> {
    if let Some(peer) = Peer::ALL.into_iter().find(|peer| facts.consumers_of(*peer).next().is_none()) {
        let message = format!("no consumer of the {peer}'s leaf is configured");
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

/// Why what consumers have loaded, and whether revocation lists are checked, can be seen by nothing that is configured.
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

/// A generation that leaves and that nothing needs any more.
pub(super) fn removal(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    let authority = leaving(facts, policy, request).find(|it| removal_blocked(facts, it).is_none())?;
    Some(Decision::Act(Step::RemoveAuthority { generation: authority.generation }))
}

/// A generation that only stays because something cannot be seen, the open sessions or what a consumer has loaded: that comes
/// last, and the run ends with the reason.
pub(super) fn refused_removal(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    for authority in leaving(facts, policy, request) {
        if let Some(Unusable { code, why }) = unseen_by(facts, authority) {
            let message = format!("generation {} of the authority stays: {why}", authority.generation);
            return Some(Decision::Refuse(code, message));
        }
    }
    None
}

/// The generations of our own that are on their way out; bootstrap takes nothing away.
fn leaving<'a>(facts: &'a Facts, policy: &Policy, request: &Request) -> impl Iterator<Item = &'a AuthorityFacts> {
    let generations = if matches!(request, Request::Bootstrap) { &[][..] } else { facts.generations() };
    generations.iter().filter(|it| it.generation > 0 && is_leaving(facts, policy, it))
}
