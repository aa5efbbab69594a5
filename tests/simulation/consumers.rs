//! The consumers and their processes: how they load what is stored, and what they show of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use newleaf::diagnosis::{Code, Failure};
use newleaf::rotation::facts::{Loaded, Observed, Peer};
use newleaf::rotation::ports::Inspection;

use crate::gate::Fault;
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
    /// Whether the engine knows it; otherwise somebody else looks after it.
    pub(crate) is_configured: bool,
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
pub(crate) fn loaded(world: &World, consumer: usize, inspection: &Inspection, login: bool) -> Loaded {
    let Consumer { peer, has_pid_file, pickup, .. } = world.consumers[consumer];
    match world.sabotage {
        Some(Sabotage::LyingConsumers) => return Loaded::Current,
        Some(Sabotage::AnxiousConsumers) => return Loaded::Stale("it says so".to_owned()),
        _ => {}
    }
    if pickup == Pickup::EachLogin {
        return Loaded::EachLogin;
    }
    let processes = || world.processes.iter().filter(|process| process.consumer == consumer);
    let stopped = processes().filter(|process| !process.running).count();
    if stopped > 0 && !has_pid_file {
        return Loaded::Unknown("it does not answer".to_owned());
    }
    if stopped == processes().count() {
        return Loaded::NotRunning;
    }
    if peer == Peer::Client && world.sessions_only && !login {
        return Loaded::Unknown("the database cannot be asked".to_owned());
    }
    let expected = match inspection.leaf(peer) {
        Observed::Present(leaf) => {
            Some(Pair { leaf: number(leaf.fingerprint), trust: leaf.trust.iter().copied().map(number).collect() })
        }
        Observed::Absent | Observed::Unreadable(_) => None,
    };
    let stale = |process: &&Process| process.running && process.loaded != expected;
    match processes().find(stale).and_then(|process| process.loaded.as_ref()) {
        Some(pair) => Loaded::Stale(format!("it shows leaf {}", pair.leaf)),
        None => Loaded::Current,
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
