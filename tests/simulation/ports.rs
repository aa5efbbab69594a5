//! The engine's ports on the world, with a gate at every call: there the run can die, sleep, be told to stop, or meet a
//! fault. After every call the invariants look at the world.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::{pending, poll_fn};
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use newleaf::diagnosis::{Code, Failure};
use newleaf::rotation::facts::{ConsumerFacts, Fingerprint, Loaded, Observed, Peer};
use newleaf::rotation::material::{Material, Revision, Slot, Snapshot, Stored};
use newleaf::rotation::ports::{
    AuthorityOrder, Clock, Consumers, Expected, Inspection, Issuer, LeafOrder, Lease, Observation, Reporter, Store,
};
use newleaf::rotation::report::Event;
use newleaf::rotation::request::Request;

use crate::encoding;
use crate::invariants::{self, Look};
use crate::issuer;
use crate::trouble::Trouble;
use crate::world::{Consumer, Pair, Pickup, Process, Sabotage, World, number};

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process dies before the call has an effect.
    DieBefore,
    /// The process dies after it.
    DieAfter,
    /// The process is stopped for a while; another run happens meanwhile.
    Sleep,
    /// A signal asks the run to stop.
    Interrupt,
    /// The call is denied.
    Denied,
    /// The call fails and has had no effect.
    Timeout,
    /// The call fails although it has had its effect.
    TimeoutAfterEffect,
    /// A read returns half of every entry.
    Torn,
    /// Someone else changes the object just before the write.
    Conflict,
    /// The consumer refuses the files.
    Refused,
    /// The pick-up does not end before its limit.
    Hang,
    /// Nothing can be seen of the consumers.
    Unseen,
}

impl Fault {
    /// Those that leave the run alive.
    pub(crate) const SURVIVED: [Self; 9] = [
        Self::Interrupt,
        Self::Denied,
        Self::Timeout,
        Self::TimeoutAfterEffect,
        Self::Torn,
        Self::Conflict,
        Self::Refused,
        Self::Hang,
        Self::Unseen,
    ];

    /// Whether the fault can happen at a call at all.
    pub(crate) const fn fits(self, kind: Kind) -> bool {
        match self {
            Self::DieBefore | Self::DieAfter | Self::Sleep | Self::Interrupt | Self::Denied | Self::Timeout => true,
            Self::TimeoutAfterEffect => matches!(kind, Kind::Write | Kind::PickUp | Kind::Release),
            Self::Torn => matches!(kind, Kind::Read),
            Self::Conflict => matches!(kind, Kind::Write),
            Self::Refused | Self::Hang => matches!(kind, Kind::PickUp),
            Self::Unseen => matches!(kind, Kind::Observe),
        }
    }
}

/// A kind of call that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Acquire,
    Release,
    Read,
    Write,
    Observe,
    PickUp,
    Prove,
}

/// A call, and what it is about.
type Call<'a> = (Kind, &'a str);

const fn name(slot: Slot) -> &'static str {
    match slot {
        Slot::Authority => "authority",
        Slot::Server => "server",
        Slot::Client => "client",
    }
}

/// One run of the engine, as the world sees it.
#[derive(Debug)]
pub(crate) struct Ports<'a> {
    pub(crate) world: &'a RefCell<World>,
    pub(crate) request: &'a Request,
    number: u64,
    begin: DateTime<Utc>,
    skew: TimeDelta,
    faults: &'a [(u32, Fault)],
    /// The calls so far.
    pub(crate) kinds: RefCell<Vec<Kind>>,
    pub(crate) dead: Cell<bool>,
    interrupted: Cell<bool>,
    look: RefCell<Look>,
}

impl<'a> Ports<'a> {
    pub(crate) fn new(
        world: &'a RefCell<World>,
        request: &'a Request,
        skew: TimeDelta,
        faults: &'a [(u32, Fault)],
    ) -> Self {
        let mut inner = world.borrow_mut();
        inner.counts.runs += 1;
        let (number, begin) = (inner.counts.runs, inner.now);
        drop(inner);
        Self {
            world,
            request,
            number,
            begin,
            skew,
            faults,
            kinds: RefCell::new(Vec::new()),
            dead: Cell::new(false),
            interrupted: Cell::new(false),
            look: RefCell::new(Look { skew, ..Look::default() }),
        }
    }

    /// What this run has seen, for the judgement at its end.
    pub(crate) fn look(&self) -> Look {
        self.look.borrow().clone()
    }

    fn count(&self) -> u32 {
        u32::try_from(self.kinds.borrow().len()).expect("a run is short")
    }

    /// Passes the gate: counts the call, lets a fault happen, then the effect, then the checks.
    async fn gate<T>(
        &self,
        call: Call<'_>,
        effect: impl FnOnce(&mut World, &mut Look) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.kinds.borrow_mut().push(call.0);
        let calls = self.count();
        let planned =
            self.faults.iter().find(|(at, fault)| *at == calls && fault.fits(call.0)).map(|(_, fault)| *fault);
        if let Some(fault) = planned {
            let mut world = self.world.borrow_mut();
            world.counts.faults += 1;
            world.note(|| format!("    ! {fault:?} at call {calls}, {:?} {}", call.0, call.1));
        }
        if planned == Some(Fault::DieBefore) {
            self.die().await;
        }
        if call == (Kind::Read, name(Slot::Authority)) {
            self.look.borrow_mut().slept = false;
        }
        if planned == Some(Fault::Sleep) {
            self.look.borrow_mut().slept = true;
            sleep_once().await;
        }
        let result = self.call(call, planned, effect);
        if planned == Some(Fault::DieAfter) {
            self.die().await;
        }
        result
    }

    async fn die(&self) {
        self.dead.set(true);
        self.world.borrow_mut().counts.deaths += 1;
        pending::<()>().await;
    }

    fn call<T>(
        &self,
        call: Call<'_>,
        planned: Option<Fault>,
        effect: impl FnOnce(&mut World, &mut Look) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut world = self.world.borrow_mut();
        let mut look = self.look.borrow_mut();
        world.counts.calls += 1;
        world.pass(TimeDelta::milliseconds(40));
        let fail = |code| Err(Trouble::new(code, call.1).into());
        let result = match planned {
            Some(Fault::Denied) => fail(Code::FileDenied),
            Some(Fault::Timeout) => {
                world.pass(TimeDelta::seconds(30));
                fail(Code::DeadlineExceeded)
            }
            Some(Fault::TimeoutAfterEffect) => {
                drop(effect(&mut world, &mut look));
                world.pass(TimeDelta::seconds(30));
                fail(Code::DeadlineExceeded)
            }
            Some(Fault::Interrupt) => {
                self.interrupted.set(true);
                effect(&mut world, &mut look)
            }
            Some(fault) => {
                look.fault = Some(fault);
                let result = effect(&mut world, &mut look);
                look.fault = None;
                result
            }
            None => effect(&mut world, &mut look),
        };
        let spent = world.now - self.begin;
        invariants::after_call(&mut world, &look, self.count(), spent);
        result
    }

    fn ours(&self) -> DateTime<Utc> {
        self.world.borrow().now + self.skew
    }
}

/// Not ready once: the driver lets something else happen, then polls again.
async fn sleep_once() {
    let mut slept = false;
    poll_fn(move |_| {
        if slept {
            return Poll::Ready(());
        }
        slept = true;
        Poll::Pending
    })
    .await;
}

impl Clock for Ports<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.ours()
    }

    fn elapsed(&self) -> Duration {
        (self.world.borrow().now - self.begin).to_std().unwrap_or_default()
    }

    fn interrupted(&self) -> bool {
        self.interrupted.get()
    }
}

impl Store for Ports<'_> {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        self.gate((Kind::Read, name(slot)), |world, look| {
            let mut stored = world.stored(slot).cloned();
            if let (Some(stored), Some(Fault::Torn)) = (&mut stored, look.fault) {
                stored.material = encoding::torn(&stored.material);
                look.torn.push(slot);
            }
            Ok(stored)
        })
        .await
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        self.gate((Kind::Write, name(slot)), |world, look| {
            if look.fault == Some(Fault::Conflict) {
                // A label edit: the same content at another revision.
                let same = world.stored(slot).map(|stored| stored.material.clone());
                world.put(slot, same);
            }
            let found = world.stored(slot).map(|stored| &stored.revision);
            if found != expected && world.sabotage != Some(Sabotage::BlindWrite) {
                return Err(Trouble::new(Code::WriteConflict, "the revision differs").into());
            }
            let mut material = material.clone();
            if world.sabotage == Some(Sabotage::TornWrite) && slot != Slot::Authority && world.random.chance(100) {
                material.entries.remove(newleaf::rotation::material::LEAF_KEY);
            }
            invariants::before_write(world, look, self.number, slot, &material, self.request);
            world.put(slot, Some(material));
            Ok(())
        })
        .await
    }
}

impl Issuer for Ports<'_> {
    fn inspect(&self, snapshot: &Snapshot) -> Inspection {
        issuer::inspect(&self.world.borrow(), snapshot)
    }

    fn add_authority(&self, snapshot: &Snapshot, order: &AuthorityOrder) -> Result<Material, Failure> {
        Ok(issuer::add_authority(&mut self.world.borrow_mut(), snapshot, order))
    }

    fn remove_authority(&self, snapshot: &Snapshot, generation: u32) -> Result<Material, Failure> {
        issuer::remove_authority(snapshot, generation)
    }

    fn issue(&self, snapshot: &Snapshot, order: &LeafOrder) -> Result<Material, Failure> {
        issuer::issue(&mut self.world.borrow_mut(), snapshot, order)
    }

    fn republish(&self, snapshot: &Snapshot, peer: Peer, trust: &BTreeSet<Fingerprint>) -> Result<Material, Failure> {
        issuer::republish(&self.world.borrow(), snapshot, peer, trust)
    }

    fn rehearse(
        &self,
        snapshot: &Snapshot,
        peer: Peer,
        candidate: &Material,
        peer_trust: &BTreeSet<Fingerprint>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        issuer::rehearse(&self.world.borrow(), snapshot, peer, candidate, peer_trust, now)
    }
}

impl Consumers for Ports<'_> {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        self.gate((Kind::Observe, "consumers"), |world, look| {
            let unseen = look.fault == Some(Fault::Unseen);
            let login = world.can_log_in() && !unseen;
            let consumers: Vec<_> = (0..world.consumers.len())
                .map(|consumer| {
                    let Consumer { name, peer, .. } = world.consumers[consumer];
                    let loaded = if unseen {
                        Loaded::Unknown("no answer".to_owned())
                    } else {
                        loaded(world, consumer, expected.inspection, login)
                    };
                    ConsumerFacts { name: name.to_owned(), peer, loaded }
                })
                .collect();
            let sessions = world.running(Peer::Client).filter(|_| login).filter_map(|process| process.loaded.as_ref());
            let signers = sessions.map(|pair| world.certificate(pair.leaf).signer);
            let issuers_in_use = signers.map(|signer| world.certificate(signer).subject.clone()).collect();
            look.blind = !login;
            Ok(Observation { consumers, issuers_in_use, reference: login.then_some(world.now) })
        })
        .await
    }

    async fn pick_up(&self, consumer: &str, _: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.gate((Kind::PickUp, consumer), |world, look| {
            world.counts.pick_ups += 1;
            invariants::before_pick_up(world, look, consumer, self.request);
            pick_up(world, look.fault, consumer, limit)
        })
        .await
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.gate((Kind::Prove, consumer), |world, _| {
            let shown = position(world, consumer)
                .is_some_and(|consumer| loaded(world, consumer, expected.inspection, world.can_log_in()).is_settled());
            if shown {
                world.pass(TimeDelta::milliseconds(5));
                return Ok(());
            }
            world.pass(short(limit));
            Err(Trouble::new(Code::StaleCertificate, consumer).into())
        })
        .await
    }
}

impl Lease for Ports<'_> {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        self.gate((Kind::Acquire, "lease"), |world, _| {
            // A lease that was not given back has ended by itself when the next run comes; see `driver::drive`.
            if world.lease.is_some() {
                world.pass(short(limit));
                return Err(Trouble::new(Code::LeaseHeld, "held").into());
            }
            world.lease = Some(self.number);
            Ok(())
        })
        .await
    }

    async fn release(&self) -> Result<(), Failure> {
        self.gate((Kind::Release, "lease"), |world, _| {
            if world.lease == Some(self.number) {
                world.lease = None;
            }
            Ok(())
        })
        .await
    }
}

impl Reporter for Ports<'_> {
    fn report(&self, event: &Event) {
        let mut world = self.world.borrow_mut();
        match event {
            Event::StepFinished { step, .. } => world.note(|| format!("    {step}")),
            Event::StepFailed { step, message, .. } => world.note(|| format!("    {step}: FAILED: {message}")),
            Event::Conflict { step } => world.note(|| format!("    {step}: conflict")),
            Event::LeaseAwaited | Event::StepStarted { .. } => {}
        }
    }
}

/// A limit of the engine on the world's clock.
fn short(limit: Duration) -> TimeDelta {
    TimeDelta::from_std(limit).expect("a limit is short")
}

fn position(world: &World, name: &str) -> Option<usize> {
    world.consumers.iter().position(|consumer| consumer.name == name)
}

/// What a consumer shows, judged by what was read and not by what is stored.
fn loaded(world: &World, consumer: usize, inspection: &Inspection, login: bool) -> Loaded {
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
fn pick_up(world: &mut World, fault: Option<Fault>, name: &str, limit: Duration) -> Result<(), Failure> {
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
