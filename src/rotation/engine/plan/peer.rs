//! The next step for one peer, and the order in which its consumers pick up its leaf.

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

/// The next step for the server's leaf: a new leaf, another bundle, or the pick-up of a stale consumer.
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

/// The same for the client's leaf. A working leaf stays until the clients may follow the servers.
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

/// A new leaf, or another bundle for the stored leaf. A bundle has no date, so it does not wait for a clock.
fn write_step(facts: &Facts, policy: &Policy, request: &Request, peer: Peer) -> Option<Decision> {
    let works = facts.working_leaf(peer).is_some();
    let may_issue = !works || !waits(facts, policy, peer);
    if may_issue && let Some(issued) = issue(facts, policy, request, peer, &Setbacks::default()) {
        return Some(issued);
    }
    republished(facts, peer)
}

/// Whether the clients may follow the servers: each server shows the stored leaf, or is out of sight while every endpoint
/// that answers accepts a login with the stored client leaf.
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

/// Whether clients may load the stored leaf: PostgreSQL accepts a login with it. If no login can prove that and the leaf
/// has waited long enough, it suffices that PostgreSQL does not refuse the certificate.
pub(super) fn is_let_in(facts: &Facts, policy: &Policy) -> bool {
    match facts.running.login {
        Login::NotTried | Login::Admitted => true,
        Login::Accepted(_) | Login::Unknown(_) => has_waited(facts, policy, Peer::Client),
        Login::LeafRefused(_) => false,
    }
}

/// newleaf replaces a client leaf that does not work before the server picks up, because a reload through the database logs
/// in with the client leaf. No client can use the old leaf either, so nothing breaks.
fn login_first(facts: &Facts, policy: &Policy, request: &Request) -> Option<Decision> {
    if facts.working_leaf(Peer::Client).is_some() {
        return None;
    }
    match issue(facts, policy, request, Peer::Client, &Setbacks::default())? {
        issued @ Decision::Act(_) => Some(issued),
        Decision::Done | Decision::Refuse(..) => None,
    }
}

/// The pick-up of the first stale consumer that has not failed in this run.
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

/// Why no consumer picks up a leaf that newleaf issued while the database did not tell the time: the leaf is not valid by
/// the database's clock.
fn refused_by_reference(facts: &Facts, policy: &Policy, peer: Peer) -> Option<String> {
    let reference = facts.running.reference?;
    let leaf = facts.leaf(peer).present()?;
    if leaf.chain_validity.contains(reference) {
        return None;
    }
    clock_differs(facts, policy)
}

/// A consumer that needs no pick-up but does not prove that it shows the stored leaf, or a login that no consumer proves.
/// The run ends with this reason.
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

/// Whether a possible database server does not answer: it tells neither its clock nor what it serves.
pub(super) fn server_is_unseen(facts: &Facts) -> bool {
    facts.consumers_of(Peer::Server).any(|consumer| matches!(consumer.loaded, Loaded::Unknown(_)))
}

/// Whether no configured server runs.
pub(super) fn all_servers_are_stopped(facts: &Facts) -> bool {
    facts.consumers_of(Peer::Server).all(|server| server.loaded == Loaded::NotRunning)
}
