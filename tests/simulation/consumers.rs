//! The consumers and their processes: how they load what is stored, and what they show of it.

use std::collections::BTreeSet;
use std::time::Duration;

use base::diagnosis::{Code, Failure};
use chrono::{DateTime, TimeDelta, Utc};
use rotation::engine::facts::{Loaded, Observed, Peer, StoredFacts};

use crate::gate::Fault;
use crate::logins::{sees_all_sessions, unusable};
use crate::sabotage::Sabotage;
use crate::trouble::Trouble;
use crate::world::{Pair, World, number};

/// How a consumer loads what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pickup {
    Reload,
    Restart,
    EachLogin,
}

/// A consumer. One consumer may be several processes (endpoints, replicas).
#[derive(Debug, Clone)]
pub(crate) struct Consumer {
    pub(crate) name: &'static str,
    pub(crate) peer: Peer,
    pub(crate) pickup: Pickup,
    /// Whether it can be told that it does not run; otherwise it then is unknown.
    pub(crate) has_pid_file: bool,
    /// Whether the engine knows it; otherwise an operator restarts it.
    pub(crate) is_configured: bool,
    /// What it was restarted for, by us.
    pub(crate) restarted_for: Option<Pair>,
}

/// A running or stopped process.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) consumer: usize,
    pub(crate) peer: Peer,
    pub(crate) pickup: Pickup,
    pub(crate) running: bool,
    pub(crate) loaded: Option<Pair>,
    pub(crate) down_until: Option<DateTime<Utc>>,
    /// Until then it refuses every new file (a wrong mode): a reload changes nothing, a start fails.
    pub(crate) refuses_until: Option<DateTime<Utc>>,
    /// How long after a write a reload sees the new files.
    pub(crate) projection: TimeDelta,
}

/// A limit of the engine on the world's clock.
pub(crate) fn short(limit: Duration) -> TimeDelta {
    TimeDelta::from_std(limit).expect("a limit is short")
}

pub(crate) fn position(world: &World, name: &str) -> Option<usize> {
    world.consumers.iter().position(|consumer| consumer.name == name)
}

/// What a consumer shows, judged by what was read and not by what is stored.
pub(crate) fn loaded(world: &World, consumer: usize, stored: &StoredFacts, settles: bool) -> Loaded {
    let (peer, pickup) = (world.consumers[consumer].peer, world.consumers[consumer].pickup);
    match world.sabotage {
        Some(Sabotage::LyingConsumers) => return Loaded::Current,
        Some(Sabotage::AnxiousConsumers) => return Loaded::Stale("it says so".to_owned()),
        Some(Sabotage::StoppedByHearsay) if peer == Peer::Server => return Loaded::NotRunning,
        _ => {}
    }
    if pickup == Pickup::EachLogin {
        let waits = settles && authorities_change(stored);
        return if waits { Loaded::Unknown(unusable(Code::ConsumerTimeout)) } else { Loaded::EachLogin };
    }
    let expected = match stored.leaf(peer) {
        Observed::Present(leaf) => {
            Some(Pair { leaf: number(leaf.fingerprint), trust: leaf.trust.iter().copied().map(number).collect() })
        }
        Observed::Absent | Observed::Unreadable(_) => None,
    };
    let is_restarted = expected.is_some() && world.consumers[consumer].restarted_for == expected;
    let seen = seen(world, consumer, expected.as_ref());
    if let (Loaded::Stale(why), true) = (&seen, is_restarted) { Loaded::Lingering(why.clone()) } else { seen }
}

/// Whether more than one authority is at hand, or trusted by either peer.
fn authorities_change(stored: &StoredFacts) -> bool {
    let generations = stored.authorities.present().map_or(0, Vec::len);
    let trusts_several = |peer| stored.leaf(peer).present().is_some_and(|leaf| leaf.trust.len() > 1);
    generations > 1 || Peer::ALL.into_iter().any(trusts_several)
}

fn seen(world: &World, consumer: usize, expected: Option<&Pair>) -> Loaded {
    let (peer, has_pid_file) = (world.consumers[consumer].peer, world.consumers[consumer].has_pid_file);
    let processes = || world.processes.iter().filter(|process| process.consumer == consumer);
    let stale = |process: &&Process| process.running && process.loaded.as_ref() != expected;
    if let Some(pair) = processes().find(stale).and_then(|process| process.loaded.as_ref()) {
        return Loaded::Stale(format!("it shows leaf {}", pair.leaf));
    }
    let stopped = processes().filter(|process| !process.running).count();
    if stopped == processes().count() && has_pid_file {
        return Loaded::NotRunning;
    }
    if stopped > 0 && (peer == Peer::Server || !has_pid_file) {
        return Loaded::Unknown(unusable(Code::ServerUnreachable));
    }
    if peer == Peer::Client && !sees_all_sessions(world) {
        return match world.sabotage {
            Some(Sabotage::BlindSessions) => Loaded::Current,
            _ => Loaded::Unknown(unusable(Code::SessionRefused)),
        };
    }
    match (peer, world.conditions.stranger, expected) {
        (Peer::Client, Some(stranger), Some(expected)) if stranger != expected.leaf => {
            let why = "a session with an older leaf is open".to_owned();
            if world.sabotage == Some(Sabotage::EagerRestarts) { Loaded::Stale(why) } else { Loaded::Lingering(why) }
        }
        _ => Loaded::Current,
    }
}

/// The names of authorities that a server accepts clients by besides those that are stored.
pub(crate) fn accepts_besides(world: &World, consumer: usize) -> BTreeSet<String> {
    let runs = world.processes.iter().any(|process| process.consumer == consumer && process.running);
    match (world.consumers[consumer].peer, world.conditions.extra_root) {
        (Peer::Server, Some(root)) if runs => [world.certificate(root).subject.clone()].into(),
        _ => BTreeSet::new(),
    }
}

/// Makes every running process of a consumer load what is stored.
pub(crate) fn pick_up(world: &mut World, fault: Option<Fault>, name: &str, limit: Duration) -> Result<(), Failure> {
    let limit = short(limit);
    let Some(consumer) = position(world, name) else {
        return Err(Trouble::new(Code::ConsumerCommandFailed, "no such consumer").into());
    };
    let pickup = world.consumers[consumer].pickup;
    for process in 0..world.processes.len() {
        if world.processes[process].consumer != consumer || !world.processes[process].running {
            continue;
        }
        if fault == Some(Fault::Refused) {
            return Err(Trouble::new(Code::ReloadRefused, name).into());
        }
        if fault == Some(Fault::Hang) && world.random.chance(500) {
            world.pass(limit);
            return Err(Trouble::new(Code::ConsumerTimeout, name).into());
        }
        match pickup {
            Pickup::EachLogin => {}
            Pickup::Reload => reload(world, process, name, limit)?,
            Pickup::Restart => {
                world.start(process);
                world.pass(TimeDelta::seconds(2));
                if !world.processes[process].running {
                    return Err(Trouble::new(Code::ConsumerTimeout, name).into());
                }
            }
        }
        if fault == Some(Fault::Hang) {
            world.pass(limit);
            return Err(Trouble::new(Code::ConsumerTimeout, name).into());
        }
    }
    if pickup == Pickup::Restart {
        let stored = world.pair(world.consumers[consumer].peer).cloned();
        world.consumers[consumer].restarted_for = stored;
    }
    Ok(())
}

/// The files are read again once they have been projected; refused files change nothing.
fn reload(world: &mut World, process: usize, name: &str, limit: TimeDelta) -> Result<(), Failure> {
    let Process { peer, projection, refuses_until, .. } = world.processes[process];
    let arrival = world.written_at(peer.slot()) + projection;
    let wait = (arrival - world.now).max(TimeDelta::zero());
    if wait > limit {
        world.pass(limit);
        return Err(Trouble::new(Code::ConsumerTimeout, name).into());
    }
    world.pass(wait + TimeDelta::milliseconds(5));
    if refuses_until.is_some_and(|until| world.now < until) {
        // As PostgreSQL does: the reload reports success, and only a proof finds the old leaf.
        return Ok(());
    }
    let stored = world.pair(peer).cloned();
    if stored.is_some() {
        world.processes[process].loaded = stored;
    }
    Ok(())
}
