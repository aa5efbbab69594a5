//! Ten years of one installation, drawn from a seed: missed runs, outages, crashes, wrong clocks, forced rotations,
//! operators who replace or lose the authority, and runs that die at any call.

use std::cell::RefCell;

use base::diagnosis::{Class, Code};
use chrono::TimeDelta;
use rotation::engine::facts::Peer;
use rotation::engine::material::{Material, Slot};
use rotation::engine::policy::{Policy, PolicyValues};
use rotation::engine::request::{Force, Request, RotationId, Scope};

use crate::conditions::Conditions;
use crate::consumers::Pickup;
use crate::driver::{Attempt, Ending, converge, drive};
use crate::gate::Fault;
use crate::neglect::after_undisturbed;
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::world::World;

/// How long a life is.
pub(crate) const DAYS: i64 = 3650;

/// A life under way.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) world: RefCell<World>,
    /// Someone else brings the authority.
    external: bool,
    /// How many forced rotations there have been.
    forced: u32,
    /// The authority as it was before it was lost.
    backup: Option<Material>,
}

impl Life {
    /// Draws an installation.
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>, trace: bool) -> Self {
        let mut random = Random::new(seed);
        let policy = policy(&mut random);
        let external = random.chance(200);
        let mut world = World::new(policy, random);
        world.sabotage = sabotage;
        world.trace = trace.then(Vec::new);
        let server_pickup = world.random.one_of(&[Pickup::Reload, Pickup::Reload, Pickup::Restart]);
        let endpoints = world.random.between(1, 2);
        world.add_consumer("postgres", Peer::Server, server_pickup, endpoints);
        let clients = world.random.between(1, 10);
        if clients <= 9 {
            let replicas = world.random.between(1, 2);
            world.add_consumer("backstage", Peer::Client, Pickup::Restart, replicas);
        }
        if clients >= 7 {
            world.add_consumer("reports", Peer::Client, Pickup::EachLogin, 1);
        }
        for consumer in 0..world.consumers.len() {
            world.consumers[consumer].has_pid_file = world.random.chance(700);
        }
        for process in 0..world.processes.len() {
            let longest = if world.processes[process].pickup == Pickup::EachLogin { 90 } else { 150 };
            let seconds = if world.random.chance(300) { world.random.between(1, longest) } else { 0 };
            world.processes[process].projection = TimeDelta::seconds(i64::from(seconds));
        }
        let life = Self { world: RefCell::new(world), external, forced: 0, backup: None };
        if external {
            life.bring_authority();
        }
        life
    }

    /// Lives it; the world afterwards holds counts and the violation, if there is one.
    pub(crate) fn live(mut self) -> World {
        self.install();
        let mut mended = self.world.borrow().now;
        while self.days() < DAYS && !self.is_broken() {
            self.wait();
            self.happen();
            self.maintain();
            let now = self.world.borrow().now;
            if now - mended > TimeDelta::days(180) && !self.is_broken() {
                self.converge();
                mended = now;
            }
        }
        if !self.is_broken() {
            self.converge();
        }
        self.world.into_inner()
    }

    fn days(&self) -> i64 {
        let world = self.world.borrow();
        (world.now - world.begin).num_days()
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.world.borrow().watch.violation.is_some()
    }

    fn chance(&self, per_mille: u32) -> bool {
        self.world.borrow_mut().random.chance(per_mille)
    }

    fn between(&self, low: u32, high: u32) -> u32 {
        self.world.borrow_mut().random.between(low, high)
    }

    /// Bootstrap, maybe in several tries; then everything starts.
    fn install(&mut self) {
        for _ in 0..20 {
            let faults = self.faults();
            let attempt = Attempt { faults, ..Attempt::clean(Request::Bootstrap) };
            if matches!(self.run(&attempt), Ending::Done(_)) {
                break;
            }
        }
        self.world.borrow_mut().start_all();
    }

    /// newleaf does not run for a while.
    fn wait(&self) {
        let days = match self.between(1, 100) {
            1..=60 => self.between(1, 7),
            61..=96 => self.between(4, 14),
            _ => self.between(15, 60),
        };
        let hours = self.between(0, 23);
        let mut world = self.world.borrow_mut();
        world.pass(TimeDelta::days(i64::from(days)) + TimeDelta::hours(i64::from(hours)));
    }

    /// What happens to the installation meanwhile.
    fn happen(&mut self) {
        if self.chance(40) {
            self.stop_something();
        }
        if self.chance(40) {
            let process = self.any_process();
            let mut world = self.world.borrow_mut();
            world.note(|| format!("process {process} crashes and starts"));
            world.start(process);
        }
        if self.chance(15) {
            let process = self.any_process();
            let days = i64::from(self.between(1, 20));
            let mut world = self.world.borrow_mut();
            world.note(|| format!("process {process} refuses new files for {days} days"));
            world.processes[process].refuses_until = Some(world.now + TimeDelta::days(days));
        }
        if self.chance(20) {
            let what = self.between(0, 2);
            let days = i64::from(self.between(1, 60));
            self.world.borrow_mut().get_out_of_order(what, days);
        }
        if self.chance(1) {
            let what = self.between(3, 4);
            self.world.borrow_mut().get_out_of_order(what, 0);
        }
        if self.chance(3) {
            let mut world = self.world.borrow_mut();
            world.profile += 1;
            world.note(|| "other names are configured".to_owned());
        }
        if self.external && self.chance(6) {
            self.bring_authority();
        }
        if self.chance(2) && !self.external {
            self.lose_authority();
        }
    }

    fn any_process(&self) -> usize {
        let mut world = self.world.borrow_mut();
        let last = u32::try_from(world.processes.len() - 1).expect("few processes");
        usize::try_from(world.random.between(0, last)).expect("an index")
    }

    fn stop_something(&self) {
        let process = self.any_process();
        let longest = if self.chance(200) { 60 } else { 12 };
        let days = i64::from(self.between(1, longest));
        self.world.borrow_mut().stop(process, days);
    }

    /// Someone puts another authority in the place of theirs.
    fn bring_authority(&self) {
        let years = i64::from(self.between(1, 6));
        let mut world = self.world.borrow_mut();
        let life = TimeDelta::days(365 * years).max(world.policy.lifetime() * 3);
        let intermediate = world.random.chance(500);
        world.bring_authority(life, intermediate);
    }

    /// The authority's object is deleted.
    fn lose_authority(&mut self) {
        let mut world = self.world.borrow_mut();
        let Some(stored) = world.stored(Slot::Authority) else { return };
        self.backup = Some(stored.material.clone());
        world.put(Slot::Authority, None);
        world.note(|| "the authority is lost".to_owned());
    }

    /// The daily run, or a forced one; a run that dies or fails for now may be tried again, as a Job is.
    fn maintain(&mut self) {
        let request = Request::Rotate(self.force());
        let tries = self.between(1, 3);
        for _ in 0..tries {
            let attempt = Attempt { request: request.clone(), skew: self.skew(), faults: self.faults() };
            let ending = self.run(&attempt);
            if attempt.is_undisturbed() && request.force().is_none() {
                after_undisturbed(&mut self.world.borrow_mut(), &ending);
            }
            match ending {
                Ending::Done(_) => break,
                Ending::Failed(failure) if failure.class() == Class::Bug => {
                    self.world.borrow_mut().broken(format!("4: a run ends in {failure:?}"));
                    break;
                }
                Ending::Failed(failure) if failure.code() == Code::AuthorityLost => {
                    self.find_authority();
                }
                Ending::Failed(_) | Ending::Dead => {}
            }
        }
    }

    fn run(&self, attempt: &Attempt) -> Ending {
        // While the run sleeps, its lease ends and another one does what is to be done.
        let meanwhile = || drop(drive(&self.world, &Attempt::clean(Request::Rotate(None)), || {}));
        drive(&self.world, attempt, meanwhile).0
    }

    fn force(&mut self) -> Option<Force> {
        let scope = match self.between(1, 1000) {
            1..=15 => Scope::Leaves,
            16..=20 => Scope::Authority,
            _ => return None,
        };
        // An operator who repeats an identity repeats a rotation that has been asked for.
        if self.forced == 0 || !self.chance(300) {
            self.forced += 1;
        }
        Some(Force { id: identity(scope_name(scope), self.forced), scope })
    }

    fn skew(&self) -> TimeDelta {
        match self.between(1, 1000) {
            1..=10 => TimeDelta::hours(2),
            11..=20 => TimeDelta::hours(-2),
            21..=23 => TimeDelta::days(365),
            24..=26 => TimeDelta::days(-365),
            _ => TimeDelta::zero(),
        }
    }

    fn faults(&self) -> Vec<(u32, Fault)> {
        if !self.chance(250) {
            return Vec::new();
        }
        let mut world = self.world.borrow_mut();
        let count = world.random.between(1, 3);
        (0..count)
            .map(|_| {
                let furthest = world.random.one_of(&[8, 20, 80]);
                let at = world.random.between(1, furthest);
                let fault = match world.random.between(1, 12) {
                    1 | 2 => Fault::DieBefore,
                    3 | 4 => Fault::DieAfter,
                    5 => Fault::Sleep,
                    _ => world.random.one_of(&Fault::SURVIVED),
                };
                (at, fault)
            })
            .collect()
    }

    /// The operator restores the backup, or rolls over to a new authority.
    fn find_authority(&mut self) {
        if self.chance(500)
            && let Some(backup) = self.backup.take()
        {
            let mut world = self.world.borrow_mut();
            world.note(|| "the authority is restored from its backup".to_owned());
            world.put(Slot::Authority, Some(backup));
            return;
        }
        self.forced += 1;
        let force = Force { id: identity("lost", self.forced), scope: Scope::Authority };
        drop(self.run(&Attempt::clean(Request::Rotate(Some(force)))));
    }

    fn converge(&mut self) {
        self.calm();
        converge(&self.world);
    }

    /// Everything runs, nothing refuses, no authority is lost or out of date.
    fn calm(&mut self) {
        let lost = self.world.borrow().stored(Slot::Authority).is_none();
        if self.external {
            self.bring_authority();
        } else if lost {
            self.find_authority();
        }
        let mut world = self.world.borrow_mut();
        world.note(|| "everything calms down".to_owned());
        world.conditions = Conditions::default();
        for process in 0..world.processes.len() {
            world.processes[process].refuses_until = None;
            world.processes[process].projection = world.processes[process].projection.min(TimeDelta::seconds(60));
            if !world.processes[process].running {
                world.start(process);
            }
        }
    }
}

fn identity(name: &str, number: u32) -> RotationId {
    RotationId::parse(&format!("{name}-{number}")).expect("a plain identity")
}

const fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Leaves => "leaves",
        Scope::Authority => "authority",
    }
}

fn policy(random: &mut Random) -> Policy {
    let days = |days: u32| TimeDelta::days(i64::from(days));
    let lifetime = random.one_of(&[45, 45, 45, 14, 30, 90]);
    let rotate_after = if lifetime == 45 { 30 } else { random.between(lifetime / 3, lifetime * 4 / 5) };
    let authority = random.between(365, 3650);
    let values = PolicyValues {
        lifetime: days(lifetime),
        rotate_after: days(rotate_after),
        backdate: TimeDelta::hours(1),
        authority_lifetime: days(authority),
        authority_renew_before: days(random.between(lifetime, authority / 2)),
    };
    Policy::new(&values).expect("drawn inside the limits")
}
