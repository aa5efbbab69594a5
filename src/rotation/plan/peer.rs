//! What is to be done for one peer, and in which order its consumers load it.

use crate::diagnosis::Code;
use crate::rotation::facts::{ConsumerFacts, Facts, Loaded, Login, Peer};
use crate::rotation::plan::Decision;
use crate::rotation::plan::authority::{successor_waits, wanted_rollover, wants_successor};
use crate::rotation::plan::leaf::{issue, republished, waits, widened};
use crate::rotation::policy::Policy;
use crate::rotation::request::Request;
use crate::rotation::rules::{clock_differs, has_waited};
use crate::rotation::setbacks::Setbacks;
use crate::rotation::step::Step;

/// What is to be done about one peer: a new leaf, another bundle, or a consumer that shows something old.
pub(super) fn peer_step(facts: &Facts, policy: &Policy, request: &Request, peer: Peer) -> Option<Decision> {
    if matches!(request, Request::Bootstrap) {
        return issue(facts, policy, request, peer, &Setbacks::default()).or_else(|| widened(facts, peer));
    }
    let works = facts.working_leaf(peer).is_some();
    let follows = peer == Peer::Client && !server_comes_first(facts);
    if follows && works {
        return None;
    }
    if !(works && waits(facts, policy, peer))
        && let Some(issued) = issue(facts, policy, request, peer, &Setbacks::default())
    {
        return Some(issued);
    }
    // A bundle has no date: it waits for no clock.
    if let Some(written) = republished(facts, peer) {
        return Some(written);
    }
    if follows {
        return None;
    }
    let lagging = stale_consumer(facts, policy, peer, &Setbacks::default())?;
    match peer {
        Peer::Server => Some(login_first(facts, policy, request).unwrap_or(lagging)),
        Peer::Client if is_let_in(facts, policy) => Some(lagging),
        Peer::Client => Some(Decision::Act(Step::LogIn)),
    }
}

/// Whether the servers are where clients may follow: each shows what is stored, or cannot be seen while every endpoint
/// that can be asked lets the stored client leaf in.
fn server_comes_first(facts: &Facts) -> bool {
    let is_admitted = facts.running.login == Login::Admitted;
    facts.consumers_of(Peer::Server).all(|server| match server.loaded {
        Loaded::Unknown(_) => is_admitted,
        Loaded::Current
        | Loaded::EachLogin
        | Loaded::Unproved(_)
        | Loaded::Stale(_)
        | Loaded::Lingering(_)
        | Loaded::NotRunning => server.is_settled(),
    })
}

/// Whether clients may be made to load the stored leaf: PostgreSQL lets it in. Where that cannot be proved and the leaf has
/// waited for it, it is enough that PostgreSQL does not refuse the certificate.
pub(super) fn is_let_in(facts: &Facts, policy: &Policy) -> bool {
    match facts.running.login {
        Login::NotTried | Login::Admitted => true,
        Login::Accepted(_) | Login::Unknown(_) => has_waited(facts, policy, Peer::Client),
        Login::LeafRefused(_) => false,
    }
}

/// A client leaf that does not work is replaced before the server picks up: a reload through the database logs in with
/// it. No client can use it either, so nothing breaks.
fn login_first(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    if facts.working_leaf(Peer::Client).is_some() {
        return None;
    }
    match issue(facts, policy, request, Peer::Client, &Setbacks::default())? {
        issued @ Decision::Act(_) => Some(issued),
        Decision::Done | Decision::Refuse(..) => None,
    }
}

/// The pick-up of the first consumer that shows something old and has not failed in this run.
pub(super) fn stale_consumer(facts: &Facts, policy: &Policy, peer: Peer, setbacks: &Setbacks) -> Option<Decision> {
    let is_stale = |consumer: &&ConsumerFacts| {
        matches!(consumer.loaded, Loaded::Stale(_)) && !setbacks.consumers.contains(&consumer.name)
    };
    let consumer = facts.consumers_of(peer).find(is_stale)?;
    let pick_up = Decision::Act(Step::PickUp { peer, consumer: consumer.name.clone() });
    Some(refused_by_reference(facts, policy, peer).unwrap_or(pick_up))
}

/// A leaf that was issued while the database could not be asked for the time is not picked up where its clock says
/// that the leaf is not valid.
fn refused_by_reference(facts: &Facts, policy: &Policy, peer: Peer) -> Option<Decision> {
    let (reference, leaf) = (facts.running.reference?, facts.leaf(peer).present()?);
    let message = clock_differs(facts, policy)?;
    (!leaf.chain_validity.contains(reference)).then_some(Decision::Refuse(Code::ClockDiffers, message))
}

/// A consumer that is not seen to show what is stored, although it needs no pick-up, or a login that no consumer shows: the
/// run ends with what it says.
pub(super) fn missing_proof(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    if matches!(request, Request::Bootstrap) {
        return None;
    }
    let is_missing = |consumer: &&ConsumerFacts| matches!(consumer.loaded, Loaded::Unknown(_) | Loaded::Lingering(_));
    if let Some(consumer) = facts.running.consumers.iter().find(is_missing) {
        return Some(Decision::Act(Step::Prove { peer: consumer.peer, consumer: consumer.name.clone() }));
    }
    let is_refused = facts.running.login.objection().is_some() && !all_servers_are_stopped(facts);
    let waits = successor_waits(facts) && (wants_successor(facts, policy) || wanted_rollover(facts, request).is_some());
    (is_refused || waits).then_some(Decision::Act(Step::LogIn))
}

/// Whether something that may serve the database cannot be asked: neither for its clock nor for what it serves.
pub(super) fn server_is_unseen(facts: &Facts) -> bool {
    facts.consumers_of(Peer::Server).any(|consumer| matches!(consumer.loaded, Loaded::Unknown(_)))
}

/// Whether every server is known not to run.
pub(super) fn all_servers_are_stopped(facts: &Facts) -> bool {
    facts.consumers_of(Peer::Server).all(|server| server.loaded == Loaded::NotRunning)
}
