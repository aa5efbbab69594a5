//! What is to be done for one peer, and in which order its consumers load it.

use base::diagnosis::Code;

use crate::engine::facts::{ConsumerFacts, Facts, Loaded, Login, Peer};
use crate::engine::plan::Decision;
use crate::engine::plan::authority::{successor_waits, wanted_rollover, wants_successor};
use crate::engine::plan::leaf::{issue, republished, waits, widened};
use crate::engine::policy::Policy;
use crate::engine::request::Request;
use crate::engine::rules::{clock_differs, has_waited};
use crate::engine::setbacks::Setbacks;
use crate::engine::step::Step;

/// What is to be done for the server's leaf: a new one, another bundle, or a consumer that shows something old.
pub(super) fn server_step(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    if matches!(request, Request::Bootstrap) {
        return bootstrap_step(facts, policy, request, Peer::Server);
    }
    if let Some(written) = write_step(facts, policy, request, Peer::Server) {
        return Some(written);
    }
    let pick_up = stale_consumer(facts, policy, Peer::Server, &Setbacks::default())?;
    match login_first(facts, policy, request) {
        Some(issued) => Some(issued),
        None => Some(pick_up),
    }
}

/// The same for the client's leaf. One that works stays as it is until the servers are where clients may follow.
pub(super) fn client_step(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    if matches!(request, Request::Bootstrap) {
        return bootstrap_step(facts, policy, request, Peer::Client);
    }
    let may_follow = servers_came_first(facts);
    let works = facts.working_leaf(Peer::Client).is_some();
    if works && !may_follow {
        return None;
    }
    if let Some(written) = write_step(facts, policy, request, Peer::Client) {
        return Some(written);
    }
    if !may_follow {
        return None;
    }
    let pick_up = stale_consumer(facts, policy, Peer::Client, &Setbacks::default())?;
    if is_let_in(facts, policy) { Some(pick_up) } else { Some(Decision::Act(Step::LogIn)) }
}

fn bootstrap_step(facts: &Facts, policy: &Policy, request: &Request, peer: Peer) -> Option<Decision> {
    match issue(facts, policy, request, peer, &Setbacks::default()) {
        Some(issued) => Some(issued),
        None => widened(facts, peer),
    }
}

/// A new leaf, or another bundle beside the stored one. A bundle has no date: it waits for no clock.
fn write_step(facts: &Facts, policy: &Policy, request: &Request, peer: Peer) -> Option<Decision> {
    let works = facts.working_leaf(peer).is_some();
    let may_issue = !works || !waits(facts, policy, peer);
    if may_issue && let Some(issued) = issue(facts, policy, request, peer, &Setbacks::default()) {
        return Some(issued);
    }
    republished(facts, peer)
}

/// Whether the servers are where clients may follow: each shows what is stored, or cannot be seen while every endpoint
/// that can be asked lets the stored client leaf in.
fn servers_came_first(facts: &Facts) -> bool {
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
    if let Some(message) = refused_by_reference(facts, policy, peer) {
        return Some(Decision::Refuse(Code::ClockDiffers, message));
    }
    Some(Decision::Act(Step::PickUp { peer, consumer: consumer.name.clone() }))
}

/// Why a leaf is not picked up that was issued while the database could not be asked for the time: by the database's clock
/// it is not valid.
fn refused_by_reference(facts: &Facts, policy: &Policy, peer: Peer) -> Option<String> {
    let reference = facts.running.reference?;
    let leaf = facts.leaf(peer).present()?;
    if leaf.chain_validity.contains(reference) {
        return None;
    }
    clock_differs(facts, policy)
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
    let wants_authority = wants_successor(facts, policy) || wanted_rollover(facts, request).is_some();
    if is_refused || (wants_authority && successor_waits(facts)) {
        return Some(Decision::Act(Step::LogIn));
    }
    None
}

/// Whether something that may serve the database cannot be asked: neither for its clock nor for what it serves.
pub(super) fn server_is_unseen(facts: &Facts) -> bool {
    facts.consumers_of(Peer::Server).any(|consumer| matches!(consumer.loaded, Loaded::Unknown(_)))
}

/// Whether every server is known not to run.
pub(super) fn all_servers_are_stopped(facts: &Facts) -> bool {
    facts.consumers_of(Peer::Server).all(|server| server.loaded == Loaded::NotRunning)
}
