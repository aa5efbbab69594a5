//! The writer of one leaf's object, who acts at every call of every run: nothing of his may reach the other peer, neither
//! what is stored for it nor what it has loaded, not for one call.

use std::cell::RefCell;

use base::diagnosis::{Class, Code};
use chrono::TimeDelta;
use rotation::engine::facts::{Peer, Validity};
use rotation::engine::material::{Material, ROTATION_IDS, Slot};
use rotation::engine::request::{Request, Scope};

use crate::deaths::{empty, forced, install};
use crate::driver::{Attempt, Ending, drive};
use crate::encoding::{self, set_pair, set_trust};
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::world::{Number, Pair, World};

/// How many short lives are lived under attack.
const LIVES: u64 = 4_000;

/// Who may write one leaf's object, and the root that is his.
#[derive(Debug, Clone)]
pub(crate) struct Adversary {
    peer: Peer,
    root: Number,
    leaf: Number,
    /// What was stored when he came.
    before: Option<Material>,
    /// In how many of a thousand calls he acts.
    eagerness: u32,
}

impl World {
    /// Lets him in.
    fn invite(&mut self, peer: Peer, eagerness: u32) {
        let validity = Validity { not_before: self.now, not_after: self.now + TimeDelta::days(3650) };
        let root = self.register(None, validity, "/CN=adversary".to_owned());
        let leaf = self.register(Some(root), validity, "/CN=postgres".to_owned());
        let before = self.stored(peer.slot()).map(|stored| stored.material.clone());
        self.adversary = Some(Adversary { peer, root, leaf, before, eagerness });
    }

    /// He acts, or waits for a better moment; then the other peer is searched for what is his.
    pub(crate) fn suffer(&mut self) {
        let Some(adversary) = self.adversary.clone() else { return };
        if self.random.chance(adversary.eagerness) {
            self.attack(&adversary);
        }
        let other = adversary.peer.other();
        let loaded = self.processes.iter().filter(|process| process.peer == other).filter_map(|it| it.loaded.as_ref());
        let mut all = loaded.chain(self.pair(other));
        if all.any(|pair| pair.trust.contains(&adversary.root) || pair.leaf == adversary.leaf) {
            self.broken(format!("14: the root of who writes the {}'s object reaches the {other}", adversary.peer));
        }
    }

    fn attack(&mut self, adversary: &Adversary) {
        let Adversary { peer, root, leaf, ref before, .. } = *adversary;
        let stored = self.stored(peer.slot()).map(|stored| stored.material.clone());
        let pair = self.pair(peer).cloned();
        let mut material = stored.unwrap_or_default();
        let trust = pair.as_ref().map(|pair| pair.trust.clone()).unwrap_or_default();
        let with_root = trust.into_iter().chain([root]).collect();
        match (self.random.between(0, 6), pair) {
            (0 | 1, _) => set_pair(&mut material, &Pair { leaf, trust: with_root }),
            (2, _) => set_pair(&mut material, &Pair { leaf, trust: [root].into() }),
            (3, Some(_)) => set_trust(&mut material, &with_root),
            (4, Some(_)) => material = encoding::torn(&material),
            (5, _) => drop(material.annotations.insert(ROTATION_IDS.to_owned(), "now,leak-42".to_owned())),
            (_, _) => material = before.clone().unwrap_or_default(),
        }
        self.note(|| format!("    ! the {peer}'s object is written by the adversary"));
        self.put(peer.slot(), Some(material).filter(|material| !material.entries.is_empty()));
    }
}

/// A month or more under attack: daily runs, forced rotations, rollovers, a replaced authority, a crash now and then.
fn live(seed: u64, sabotage: Option<Sabotage>) -> World {
    let mut random = Random::new(seed);
    let peer = random.one_of(&Peer::ALL);
    let eagerness = random.one_of(&[20, 100, 400]);
    let mut world = empty(random.one_of(&[3650, 400]));
    world.random = random;
    let is_external = world.random.chance(300);
    if is_external {
        world.bring_authority(TimeDelta::days(900), false);
    }
    let mut world = install(world);
    world.sabotage = sabotage;
    world.invite(peer, eagerness);
    for round in 0..12 {
        let days = i64::from(world.random.between(1, 12));
        world.pass(TimeDelta::days(days));
        let what = world.random.between(0, 9);
        let request = match what {
            0 => Request::Bootstrap,
            1 | 2 if !is_external => forced(Scope::Authority, &format!("rollover-{round}")),
            3 => forced(Scope::Leaves, &format!("leaves-{round}")),
            _ => Request::Rotate(None),
        };
        if what == 4 && is_external {
            world.bring_authority(TimeDelta::days(900), true);
        }
        if what == 5 {
            let last = u32::try_from(world.processes.len() - 1).expect("few processes");
            let process = usize::try_from(world.random.between(0, last)).expect("an index");
            world.start(process);
        }
        let shared = RefCell::new(world);
        let (ending, _) = drive(&shared, &Attempt::clean(request), || {});
        world = shared.into_inner();
        if let Ending::Failed(failure) = &ending
            && failure.class() == Class::Bug
        {
            world.broken(format!("4: a run ends in {failure:?}"));
        }
    }
    world
}

#[test]
fn the_writer_of_one_leaf_gains_nothing_at_the_other_peer() {
    let broken: Vec<_> =
        (0..LIVES).filter_map(|seed| live(seed, None).watch.violation.map(|what| format!("{seed}: {what}"))).collect();
    assert!(broken.is_empty(), "{} of {LIVES} lives: {}", broken.len(), broken[..broken.len().min(10)].join("\n"));
}

#[test]
fn an_object_of_another_writer_stops_the_first_write_and_every_other_one() {
    for slot in [Slot::Server, Slot::Client, Slot::Authority] {
        let mut world = install(empty(3650));
        world.pass(TimeDelta::days(31));
        world.disown(slot);
        let before = [Slot::Server, Slot::Client, Slot::Authority].map(|slot| world.stored(slot).cloned());
        let world = RefCell::new(world);
        for request in [Request::Rotate(None), forced(Scope::Leaves, "now"), forced(Scope::Authority, "now")] {
            let (ending, _) = drive(&world, &Attempt::clean(request.clone()), || {});
            let Ending::Failed(failure) = ending else { panic!("{slot:?}, {request:?}: {ending:?}") };
            assert_eq!(failure.code(), Code::SecretForeign, "{slot:?}, {request:?}");
        }
        let after = [Slot::Server, Slot::Client, Slot::Authority].map(|slot| world.borrow().stored(slot).cloned());
        assert_eq!(before, after, "{slot:?}");
    }
}

#[test]
fn an_issuer_that_carries_roots_from_one_bundle_to_the_other_is_found() {
    let found = (0..300).find_map(|seed| live(seed, Some(Sabotage::CarriedTrust)).watch.violation);
    let found = found.expect("it was not found in 300 lives");
    assert!(found.starts_with("14:"), "{found}");
    println!("CarriedTrust: {found}");
}
