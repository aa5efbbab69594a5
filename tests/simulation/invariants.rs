//! What must hold in ground truth, whatever the engine believes. Numbers are those of DESIGN 4.3.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use rotation::engine::facts::Peer;
use rotation::engine::material::{Material, ROTATION_IDS, Slot};
use rotation::engine::request::{Request, Scope};

use crate::consumers::{Pickup, Process};
use crate::driver::DEADLINES;
use crate::encoding::{self, Generation};
use crate::gate::Fault;
use crate::issuer::stored_generations;
use crate::world::{Pair, World};

/// More port calls than any run needs.
const CALLS_MAX: u32 = 1_000;

/// What one run has met so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Look {
    /// How far our clock is from the world's.
    pub(crate) skew: TimeDelta,
    /// The last look could not ask the database: neither its clock nor its sessions were seen.
    pub(crate) blind: bool,
    /// The slots that were read torn.
    pub(crate) torn: Vec<Slot>,
    /// Since this look began the run has slept, and another one has done what was to be done. There is no fence
    /// against what it does next but compare-and-swap, and a pick-up has none: it may be done once more.
    pub(crate) slept: bool,
    /// The fault of the call under way.
    pub(crate) fault: Option<Fault>,
}

/// What the invariants remember.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch {
    /// Per server and client process that both run: which of the four combinations of loaded and stored work.
    working: Vec<[bool; 4]>,
    /// The identities that each slot was written for.
    identities: BTreeSet<(Slot, String)>,
    /// Connections lost to a clock that could not be checked.
    pub(crate) lost_to_clock: u64,
    /// The first violation.
    pub(crate) violation: Option<String>,
}

impl World {
    /// Notes that an invariant is broken.
    pub(crate) fn broken(&mut self, what: impl Into<String>) {
        let what = what.into();
        self.note(|| format!("    VIOLATION {what}"));
        self.watch.violation.get_or_insert(what);
    }

    /// Forgets what worked: an operator has acted, or time has passed.
    pub(crate) fn look_afresh(&mut self) {
        self.watch.working = combinations(self).map(|combination| combination.works(self)).collect();
    }
}

/// A server and a client process that both run, with what each slot holds.
struct Combination<'a> {
    servers: [Option<&'a Pair>; 2],
    clients: [Option<&'a Pair>; 2],
}

impl Combination<'_> {
    fn each<T>(&self, judge: impl Fn(&Pair, &Pair) -> T) -> [Option<T>; 4] {
        [(0, 0), (0, 1), (1, 0), (1, 1)]
            .map(|(server, client)| Some(judge(self.servers[server]?, self.clients[client]?)))
    }

    fn works(&self, world: &World) -> [bool; 4] {
        self.each(|server, client| world.works(server, client)).map(|works| works == Some(true))
    }
}

/// Every pair of running processes.
fn combinations(world: &World) -> impl Iterator<Item = Combination<'_>> {
    let stored = Peer::ALL.map(|peer| world.pair(peer));
    world.processes.iter().filter(|process| process.peer == Peer::Server).flat_map(move |server| {
        world.processes.iter().filter(|process| process.peer == Peer::Client).map(move |client| {
            let both = server.running && client.running;
            let loaded = |pair| if both { pair } else { None };
            Combination {
                servers: [loaded(server.loaded.as_ref()), stored[0]],
                clients: [loaded(client.loaded.as_ref()), stored[1]],
            }
        })
    })
}

/// Invariants 1, 2 and 11, after every call.
pub(crate) fn after_call(world: &mut World, look: &Look, calls: u32, spent: TimeDelta) {
    let limit = TimeDelta::from_std(DEADLINES.run + DEADLINES.step).expect("deadlines are short");
    if calls > CALLS_MAX {
        world.broken("11: a run makes more calls than any needs");
    }
    if spent > limit + TimeDelta::minutes(2) {
        world.broken(format!("11: a run has taken {} s", spent.num_seconds()));
    }
    if world.adversary.is_some() {
        // What he does to his own peer is his: only that nothing reaches the other one is judged.
        return;
    }
    for peer in Peer::ALL {
        if world.stored(peer.slot()).is_some() && world.pair(peer).is_none() {
            world.broken(format!("2: the {peer}'s slot holds no matching triple"));
        }
    }
    keep_working(world, look);
}

/// Invariant 1. A connection that works keeps working, now and after a crash of either process that makes it load what
/// is stored. Only the end of a certificate may end it.
fn keep_working(world: &mut World, look: &Look) {
    let now = world.now;
    let ended = |pair: &Pair| world.certificate(pair.leaf).chain.not_after < now;
    let mut lost = None;
    let working: Vec<_> = combinations(world)
        .zip(&world.watch.working)
        .map(|(combination, before)| {
            let after = combination.works(world);
            if before[0] && after != *before {
                let excused = combination.each(|server, client| ended(server) || ended(client));
                let names = ["loaded/loaded", "loaded/stored", "stored/loaded", "stored/stored"];
                let broke = |index: &usize| before[*index] && !after[*index] && excused[*index] != Some(true);
                if let (false, Some(index)) = (excused[0].unwrap_or(true), (0..4).rfind(broke)) {
                    lost =
                        Some((names[index], combination.each(|server, client| world.trusted(server, client))[index]));
                }
            }
            after
        })
        .collect();
    world.watch.working = working;
    match lost {
        Some((_, Some(true))) if look.blind && look.skew != TimeDelta::zero() => world.watch.lost_to_clock += 1,
        Some((which, _)) => world.broken(format!("1: a connection that worked does not any more ({which})")),
        None => {}
    }
}

/// Invariants 2, 5, 6, 7 and 8 before a write takes effect.
pub(crate) fn before_write(
    world: &mut World,
    look: &Look,
    run: u64,
    slot: Slot,
    material: &Material,
    request: &Request,
) {
    if world.adversary.is_some() {
        return;
    }
    if world.lease.is_some_and(|holder| holder != run) {
        world.broken("7: written while another run holds the lease");
    }
    match slot {
        Slot::Authority => authority_write(world, look, material, request),
        Slot::Server => leaf_write(world, look, Peer::Server, material, request),
        Slot::Client => leaf_write(world, look, Peer::Client, material, request),
    }
}

fn authority_write(world: &mut World, look: &Look, material: &Material, request: &Request) {
    let before = stored_generations(world);
    let Ok(after) = encoding::generations(material) else {
        return world.broken("2: an unreadable authority is written");
    };
    for (generation, Generation { certificate, .. }) in &before {
        match after.get(generation) {
            Some(same) if same.certificate == *certificate => {}
            Some(_) => world.broken(format!("8: generation {generation} is replaced")),
            None => {
                world.counts.removals += 1;
                check_removed(world, *certificate);
            }
        }
    }
    let added = after.keys().filter(|generation| !before.contains_key(generation)).count();
    if added == 0 {
        return;
    }
    world.counts.rollovers += 1;
    let forced = request.force().filter(|force| force.scope == Scope::Authority);
    let damaged = before.is_empty() && world.stored(Slot::Authority).is_some();
    let leaves = Peer::ALL.into_iter().any(|peer| world.stored(peer.slot()).is_some());
    let ours = world.now + look.skew;
    let living = before.values().filter(|known| !known.retiring);
    let spans = living.map(|known| world.certificate(known.certificate).validity);
    let end = spans.filter(|span| span.not_before <= ours).map(|span| span.not_after).max();
    let ending = end.is_none_or(|end| end - ours < world.policy.authority_renew_before());
    let first = matches!(request, Request::Bootstrap) && !leaves;
    let wanted = match forced {
        Some(force) => world.watch.identities.insert((Slot::Authority, force.id.as_str().to_owned())) || ending,
        None => (before.is_empty() && first) || (!before.is_empty() && ending),
    };
    if added > 1 || damaged || !wanted || (before.contains_key(&0) && !before.is_empty()) {
        world.broken(format!("8: {added} authorities are added although none is wanted"));
    }
}

/// Invariant 8: nothing in use chains to what is removed.
fn check_removed(world: &mut World, certificate: u32) {
    let stored = Peer::ALL.into_iter().filter_map(|peer| world.pair(peer));
    let running = world.processes.iter().filter(|process| process.running);
    let in_use = running.filter_map(|process| process.loaded.as_ref()).chain(stored).map(|pair| pair.leaf);
    let mut in_use = in_use.chain(world.conditions.stranger);
    if in_use.any(|leaf| world.certificate(leaf).signer == certificate) {
        world.broken("8: an authority is removed that is in use");
    }
}

fn leaf_write(world: &mut World, look: &Look, peer: Peer, material: &Material, request: &Request) {
    let Ok(new) = encoding::pair(material) else { return };
    if new.trust.is_empty() {
        world.broken(format!("2: the {peer}'s bundle is empty"));
    }
    let old = world.pair(peer).cloned();
    if old.as_ref().is_some_and(|old| old.leaf == new.leaf) {
        if old.as_ref() == Some(&new) {
            world.broken(format!("5: the {peer}'s slot is written without a change"));
        }
        return;
    }
    world.counts.leaves += 1;
    let id = request.force().filter(|force| force.scope == Scope::Leaves).map(|force| force.id.as_str().to_owned());
    let first_time = id.clone().is_some_and(|id| world.watch.identities.insert((peer.slot(), id)));
    let Some(old) = old else { return };
    if look.torn.contains(&peer.slot()) || is_due(world, look, &old) || first_time {
        return;
    }
    match id {
        Some(id) => world.broken(format!("6: {id} rotates the {peer}'s leaf again")),
        None => world.broken(format!("5: the {peer}'s leaf is issued again although it is not due")),
    }
}

/// Whether a stored leaf must be replaced, by our clock, which may be wrong.
pub(crate) fn is_due(world: &World, look: &Look, pair: &Pair) -> bool {
    let certificate = world.certificate(pair.leaf);
    let ours = world.now + look.skew;
    let policy = &world.policy;
    let aged = certificate.validity.not_before + policy.backdate() + policy.rotate_after() <= ours;
    let ending = certificate.validity.not_after - policy.slack() <= ours;
    let generations = stored_generations(world);
    let signer = generations.values().find(|generation| generation.certificate == certificate.signer);
    let leaving = signer.is_none_or(|generation| generation.retiring);
    let drift = certificate.profile != world.profile;
    aged || ending || leaving || drift || !certificate.chain.contains(ours)
}

/// Invariant 3: a process that shows what is stored is left alone, and bootstrap leaves every process alone.
pub(crate) fn before_pick_up(world: &mut World, look: &Look, consumer: &str, request: &Request) {
    if matches!(request, Request::Bootstrap) {
        world.broken("3: bootstrap touches a process");
    }
    if world.adversary.is_some() {
        return;
    }
    let position = world.consumers.iter().position(|known| known.name == consumer);
    let stored = Peer::ALL.map(|peer| world.pair(peer));
    let lags =
        world.processes.iter().filter(|process| Some(process.consumer) == position && process.running).any(|process| {
            let stored = stored[usize::from(process.peer == Peer::Client)];
            process.pickup != Pickup::EachLogin && process.loaded.as_ref() != stored
        });
    let misread = look.slept || !look.torn.is_empty();
    if !lags && !misread {
        world.broken(format!("3: {consumer} is made to load what it has loaded"));
    }
}

/// Invariants 4, 5 and 12 after a run that says it is done: it is.
pub(crate) fn after_success(world: &mut World, look: &Look, request: &Request) {
    if world.adversary.is_some() {
        return;
    }
    let blinded = look.blind && look.skew != TimeDelta::zero();
    let generations = stored_generations(world);
    for peer in Peer::ALL {
        let Some(stored) = world.pair(peer).cloned() else {
            world.broken(format!("4: done, and there is no {peer}'s leaf"));
            continue;
        };
        let certificate = world.certificate(stored.leaf).clone();
        let signer = generations.values().find(|known| known.certificate == certificate.signer);
        let clamped = signer.is_some_and(|known| {
            world.certificate(known.certificate).chain.not_after == certificate.validity.not_after
        });
        if matches!(request, Request::Rotate(_)) && is_due(world, look, &stored) && !clamped {
            world.broken(format!("4: done, and the {peer}'s leaf is due"));
        }
        let is_behind =
            |process: &Process| process.pickup != Pickup::EachLogin && process.loaded.as_ref() != Some(&stored);
        let behind = world.running(peer).any(is_behind);
        if matches!(request, Request::Rotate(_)) && behind {
            world.broken(format!("4: done, and a {peer} has not loaded what is stored"));
        }
    }
    // A server that is down says nothing of its revocation lists.
    let is_down = world.running(Peer::Server).next().is_none();
    let works = |server, client| {
        if is_down { world.would_work(server, client) } else { world.works(server, client) }
    };
    if let (Some(server), Some(client), false) = (world.pair(Peer::Server), world.pair(Peer::Client), blinded)
        && !works(server, client)
    {
        world.broken("4: done, and the stored leaves do not work together");
    }
    let Some(force) = request.force() else { return };
    let slots: &[Slot] = match force.scope {
        Scope::Leaves => &[Slot::Server, Slot::Client],
        Scope::Authority => &[Slot::Authority],
    };
    for slot in slots {
        let ids = world.stored(*slot).map(|stored| stored.material.list(ROTATION_IDS)).unwrap_or_default();
        if !ids.contains(&force.id.as_str().to_owned()) {
            world.broken(format!("6: done, and {slot:?} does not know {}", force.id.as_str()));
        }
    }
}
