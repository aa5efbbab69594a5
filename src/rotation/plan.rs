//! The next step, chosen from facts. A plan is the sequence of steps that would follow; it holds no secrets.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;

use crate::diagnosis::Code;
use crate::rotation::facts::{AuthorityFacts, Facts, Loaded, Observed, Peer, Validity};
use crate::rotation::outlook;
use crate::rotation::policy::{GENERATIONS_MAX, Policy};
use crate::rotation::request::{Force, Request, Scope};
use crate::rotation::rules::{
    Finding, Reason, authority_ending, clock_differs, due_at, explain, is_leaving, leaf_findings, removal_blocked,
    target_trust,
};
use crate::rotation::signer::{loaded_trust, signer_for};
use crate::rotation::step::Step;

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Take this step, then observe again.
    Act(Step),
    /// Nothing is left to do.
    Done,
    /// Nothing may be done; the code says why, the text on what.
    Refuse(Code, String),
}

/// What would be done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Everything the rules found.
    pub findings: Vec<Finding>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Why it stops short, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<(Code, String)>,
    /// When something is due next if every step succeeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<DateTime<Utc>>,
}

/// How many steps a plan shows, and a run takes. A forced rollover with ten consumers takes 67.
pub const STEPS_MAX: usize = 128;

/// The next step.
pub fn decide(facts: &Facts, policy: &Policy, request: &Request) -> Decision {
    authority_step(facts, policy, request)
        .or_else(|| Peer::ALL.into_iter().find_map(|peer| peer_step(facts, policy, request, peer)))
        .or_else(|| removal(facts, policy, request))
        .unwrap_or(Decision::Done)
}

/// The whole sequence of steps from here, assuming that each succeeds.
pub fn plan(facts: &Facts, policy: &Policy, request: &Request) -> Plan {
    let mut expected = facts.clone();
    let mut steps = Vec::new();
    let mut refusal = None;
    while steps.len() < STEPS_MAX {
        match decide(&expected, policy, request) {
            Decision::Act(step) => {
                expected = outlook::after(&expected, &step);
                steps.extend(step.clone().with_proof());
            }
            Decision::Done => break,
            Decision::Refuse(code, message) => {
                refusal = Some((code, message));
                break;
            }
        }
    }
    Plan { findings: explain(facts, policy, request), steps, refusal, next: next_due(&expected, policy) }
}

/// When something is due next: the first leaf by age or end, or the authority by its end.
pub fn next_due(facts: &Facts, policy: &Policy) -> Option<DateTime<Utc>> {
    let leaves = Peer::ALL.into_iter().filter_map(|peer| due_at(facts, policy, peer));
    let living = facts.generations().iter().filter(|authority| !authority.retiring && authority.generation > 0);
    let authority = living.map(|authority| authority.validity.not_after - policy.authority_renew_before()).max();
    leaves.chain(authority).min()
}

/// Makes the authority, refuses for want of it, or gives it a successor.
fn authority_step(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    let rollover = request.force().filter(|force| force.scope == Scope::Authority);
    let wanted = rollover.filter(|force| !facts.rollover_ids.iter().any(|id| id == force.id.as_str()));
    let nothing_stored = Peer::ALL.into_iter().all(|peer| matches!(facts.leaf(peer), Observed::Absent));
    match (&facts.authorities, request) {
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
        (Observed::Present(generations), Request::Rotate(_)) => {
            let foreign = generations.iter().any(|authority| authority.generation == 0);
            match wanted {
                Some(_) if foreign => {
                    let message = "the authority was brought by someone else".to_owned();
                    Some(Decision::Refuse(Code::AuthorityForeign, message))
                }
                Some(force) => forced_rollover(facts, policy, force),
                None if !foreign && authority_ending(facts, policy) && generations.len() < GENERATIONS_MAX => {
                    (!successor_waits(facts)).then(|| add_authority(facts, policy, None))
                }
                None => None,
            }
        }
    }
}

/// Whether no authority is added for now: it could not be undone, the database cannot check our clock, and what is
/// stored can still sign. Where nothing stored is valid, a new authority is the only way out.
fn successor_waits(facts: &Facts) -> bool {
    facts.reference.is_none()
        && server_is_unseen(facts)
        && facts.generations().iter().any(|authority| authority.validity.contains(facts.now))
}

/// Whether something that may serve the database cannot be asked: neither for its clock nor for what it serves.
fn server_is_unseen(facts: &Facts) -> bool {
    facts.consumers_of(Peer::Server).any(|consumer| matches!(consumer.loaded, Loaded::Unknown(_)))
}

fn forced_rollover(facts: &Facts, policy: &Policy, force: &Force) -> Option<Decision> {
    if let Some(peer) = Peer::ALL.into_iter().find(|peer| facts.consumers_of(*peer).next().is_none()) {
        let message = format!("no consumer of the {peer}'s leaf is configured");
        return Some(Decision::Refuse(Code::ConsumersUnknown, message));
    }
    if facts.generations().len() >= GENERATIONS_MAX {
        let message = format!("{GENERATIONS_MAX} generations of the authority are alive");
        return Some(Decision::Refuse(Code::RolloverUnfinished, message));
    }
    (!successor_waits(facts)).then(|| add_authority(facts, policy, Some(force)))
}

fn add_authority(facts: &Facts, policy: &Policy, force: Option<&Force>) -> Decision {
    if let Some(message) = clock_differs(facts, policy) {
        return Decision::Refuse(Code::ClockDiffers, message);
    }
    let generations = facts.generations();
    let newest = generations.iter().map(|authority| authority.generation).max().unwrap_or(0);
    let retiring = match force {
        Some(_) => generations.iter().map(|authority| authority.generation).collect(),
        None => BTreeSet::new(),
    };
    Decision::Act(Step::AddAuthority {
        generation: newest.saturating_add(1),
        validity: Validity {
            not_before: whole_second(facts.now - policy.backdate()),
            not_after: whole_second(facts.now + policy.authority_lifetime()),
        },
        retiring,
        rotation_id: force.map(|force| force.id.clone()),
    })
}

/// What is to be done about one peer: a new leaf, another bundle, or a consumer that lags behind.
fn peer_step(facts: &Facts, policy: &Policy, request: &Request, peer: Peer) -> Option<Decision> {
    let bootstrap = matches!(request, Request::Bootstrap);
    let working = facts.working_leaf(peer).is_some();
    // A working leaf can wait for a database that cannot be asked.
    if server_is_unseen(facts) && working && !bootstrap {
        return lagging_consumer(facts, policy, Peer::Server);
    }
    if let Some(decision) = issue(facts, policy, request, peer) {
        return Some(decision);
    }
    let target = target_trust(facts, peer);
    if let Some(leaf) = facts.leaf(peer).present() {
        let lacks = !target.is_subset(&leaf.trust);
        if lacks || (leaf.trust != target && !bootstrap) {
            let trust = if bootstrap { target.union(&leaf.trust).copied().collect() } else { target };
            return Some(Decision::Act(Step::Republish { peer, trust }));
        }
    }
    if bootstrap {
        return None;
    }
    let lagging = lagging_consumer(facts, policy, peer)?;
    Some(login_first(facts, policy, request, &lagging).unwrap_or(lagging))
}

/// A client leaf that does not work is replaced before the server picks up: a reload through the database logs in with
/// it. Nobody else can use it either, so nothing breaks.
fn login_first(facts: &Facts, policy: &Policy, request: &Request, lagging: &Decision) -> Option<Decision> {
    let server_picks_up = matches!(lagging, Decision::Act(Step::PickUp { peer: Peer::Server, .. }));
    let needed = server_picks_up && facts.working_leaf(Peer::Client).is_none();
    let issued = needed.then(|| issue(facts, policy, request, Peer::Client)).flatten();
    issued.filter(|decision| matches!(decision, Decision::Act(_)))
}

fn lagging_consumer(facts: &Facts, policy: &Policy, peer: Peer) -> Option<Decision> {
    facts.consumers_of(peer).find_map(|consumer| {
        let name = consumer.name.clone();
        match consumer.loaded {
            Loaded::Stale(_) => Some(
                refused_by_reference(facts, policy, peer)
                    .unwrap_or(Decision::Act(Step::PickUp { peer, consumer: name })),
            ),
            Loaded::Unknown(_) => Some(Decision::Act(Step::Prove { peer, consumer: name })),
            Loaded::Current | Loaded::EachLogin | Loaded::NotRunning => None,
        }
    })
}

/// A leaf that was issued while the database could not be asked for the time is not picked up where its clock says
/// that the leaf is not valid.
fn refused_by_reference(facts: &Facts, policy: &Policy, peer: Peer) -> Option<Decision> {
    let (reference, leaf) = (facts.reference?, facts.leaf(peer).present()?);
    let message = clock_differs(facts, policy)?;
    (!leaf.chain_validity.contains(reference)).then_some(Decision::Refuse(Code::ClockDiffers, message))
}

/// A new leaf, if one is due and an authority may sign it.
fn issue(facts: &Facts, policy: &Policy, request: &Request, peer: Peer) -> Option<Decision> {
    let working = facts.working_leaf(peer).is_some();
    if working && matches!(request, Request::Bootstrap) {
        return None;
    }
    let mut reasons: Vec<_> =
        leaf_findings(facts, policy, request, peer).into_iter().map(|(reason, _)| reason).collect();
    let signer = signer_for(facts, policy, peer);
    let current = facts.working_leaf(peer).map(|(_, signer)| signer.fingerprint);
    if signer.is_none_or(|signer| signer.retiring || current == Some(signer.fingerprint)) {
        reasons.retain(|reason| !matches!(reason, Reason::SignerRetiring | Reason::SignerGone));
    }
    if reasons.is_empty() {
        return None;
    }
    let Some(signer) = signer else {
        let message = format!("no authority may sign the {peer}'s leaf now{}", out_of_time(facts));
        return (!working).then_some(Decision::Refuse(Code::SignerMissing, message));
    };
    if let Some(message) = clock_differs(facts, policy) {
        return Some(Decision::Refuse(Code::ClockDiffers, message));
    }
    let mut trust = target_trust(facts, peer);
    trust.insert(signer.anchor);
    Some(Decision::Act(Step::Issue {
        peer,
        signer: signer.generation,
        validity: leaf_validity(facts, policy, signer),
        trust,
        peer_trust: loaded_trust(facts, peer, signer),
        rotation_id: reasons.contains(&Reason::Forced).then(|| request.force().map(|force| force.id.clone())).flatten(),
        reasons,
    }))
}

/// The authorities that are not valid now, for a message.
fn out_of_time(facts: &Facts) -> String {
    let day = |at: DateTime<Utc>| at.format("%FT%TZ").to_string();
    let why = |authority: &AuthorityFacts| match &authority.validity {
        validity if facts.now > validity.not_after => Some(format!("ended at {}", day(validity.not_after))),
        validity if facts.now < validity.not_before => Some(format!("begins at {}", day(validity.not_before))),
        _ => None,
    };
    let told = facts.generations().iter().filter_map(|it| Some(format!("; {} {}", it.subject, why(it)?)));
    told.collect()
}

/// From the backdate to the lifetime, inside the authority's own life.
fn leaf_validity(facts: &Facts, policy: &Policy, signer: &AuthorityFacts) -> Validity {
    let wanted = Validity {
        not_before: whole_second(facts.now - policy.backdate()),
        not_after: whole_second(facts.now + policy.lifetime()),
    };
    wanted.intersection(&signer.validity)
}

/// A generation that leaves and that nothing needs any more.
fn removal(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    if matches!(request, Request::Bootstrap) {
        return None;
    }
    let removable = |authority: &&AuthorityFacts| {
        authority.generation > 0 && is_leaving(facts, policy, authority) && removal_blocked(facts, authority).is_none()
    };
    let authority = facts.generations().iter().find(removable)?;
    Some(Decision::Act(Step::RemoveAuthority { generation: authority.generation }))
}

/// Certificates state whole seconds (RFC 5280, 4.1.2.5).
fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(0)
}
