//! The engine's ports on the world, each call through the gate.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use base::diagnosis::{Code, Failure};
use base::lease::Lease;
use base::stop::{Stop, StopCause};
use chrono::{DateTime, TimeDelta, Utc};
use rotation::engine::facts::{ConsumerFacts, Fingerprint, Loaded, Login, Peer, RunningFacts, StoredFacts};
use rotation::engine::material::{Material, Revision, Slot, Snapshot, Stored};
use rotation::engine::ports::{Clock, Consumers, Expected, Issuer, Ports, Reporter, Store};
use rotation::engine::report::RunEvent;
use rotation::engine::step::{AuthorityOrder, LeafOrder};

use crate::consumers::{Pickup, accepts_besides, loaded, pick_up, position, short};
use crate::encoding;
use crate::gate::{Fault, Kind, Run, name};
use crate::invariants;
use crate::issuer;
use crate::logins::{issuers, log_in, revocation_list, tells_the_time, unusable};
use crate::sabotage::Sabotage;
use crate::trouble::Trouble;
use crate::world::World;

/// How long after a write the files of those who read them at each login may still be the former ones.
pub(crate) const SETTLE: TimeDelta = TimeDelta::seconds(95);

impl Run<'_> {
    /// All of them.
    pub(crate) const fn ports(&self) -> Ports<'_> {
        Ports { clock: self, stop: self, store: self, consumers: self, lease: self, issuer: self, reporter: self }
    }
}

impl Clock for Run<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.ours()
    }

    fn elapsed(&self) -> Duration {
        (self.world.borrow().now - self.begin).to_std().unwrap_or_default()
    }
}

#[async_trait(?Send)]
impl Stop for Run<'_> {
    fn cause(&self) -> Option<StopCause> {
        self.interrupted.get().then_some(StopCause::Signal)
    }

    /// A look takes no time here, so nothing is ever waited for.
    async fn stopped(&self) -> StopCause {
        std::future::pending().await
    }
}

#[async_trait(?Send)]
impl Store for Run<'_> {
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
                material.entries.remove(rotation::engine::material::LEAF_KEY);
            }
            invariants::before_write(world, look, self.number, slot, &material, self.request);
            world.put(slot, Some(material));
            Ok(())
        })
        .await
    }
}

impl Issuer for Run<'_> {
    fn inspect(&self, snapshot: &Snapshot, _: DateTime<Utc>) -> StoredFacts {
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

#[async_trait(?Send)]
impl Consumers for Run<'_> {
    async fn observe(&self, expected: Expected<'_>) -> Result<RunningFacts, Failure> {
        self.gate((Kind::Observe, "consumers"), |world, look| {
            let unseen = look.fault == Some(Fault::Unseen);
            let no_answer = || unusable(Code::ServerUnreachable);
            let consumers: Vec<_> = (0..world.consumers.len())
                .filter(|consumer| world.consumers[*consumer].is_configured)
                .map(|consumer| {
                    let (name, peer) = (world.consumers[consumer].name, world.consumers[consumer].peer);
                    if unseen {
                        let loaded = Loaded::Unknown(no_answer());
                        return ConsumerFacts { name: name.to_owned(), peer, loaded, accepts_besides: BTreeSet::new() };
                    }
                    let settles = self.settles(world, peer, expected, TimeDelta::zero());
                    let loaded = loaded(world, consumer, expected.stored, settles);
                    ConsumerFacts {
                        name: name.to_owned(),
                        peer,
                        loaded,
                        accepts_besides: accepts_besides(world, consumer),
                    }
                })
                .collect();
            let tells_the_time = tells_the_time(world) && !unseen;
            look.blind = !tells_the_time;
            Ok(RunningFacts {
                consumers,
                reference: tells_the_time.then_some(world.now),
                login: if unseen { Login::Unknown(no_answer()) } else { log_in(world, world.pair(Peer::Client)) },
                issuers_in_use: issuers(world, unseen),
                revocation_list: revocation_list(world, unseen),
            })
        })
        .await
    }

    async fn log_in(&self, client: &Material, _: Duration) -> Login {
        let answer =
            self.gate((Kind::LogIn, "client"), |world, _| Ok(log_in(world, encoding::pair(client).ok().as_ref())));
        match answer.await {
            Ok(login) => login,
            Err(failure) => Login::Unknown(unusable(failure.code())),
        }
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
            let position = position(world, consumer).expect("a consumer that is configured");
            let peer = world.consumers[position].peer;
            let mut waited = TimeDelta::zero();
            if self.settles(world, peer, expected, waited) && world.consumers[position].pickup == Pickup::EachLogin {
                waited = short(limit).min(SETTLE);
                world.pass(waited);
            }
            let settles = self.settles(world, peer, expected, waited);
            match loaded(world, position, expected.stored, settles) {
                Loaded::Current | Loaded::EachLogin | Loaded::Unproved(_) | Loaded::NotRunning => {
                    world.pass(TimeDelta::milliseconds(5));
                    Ok(())
                }
                Loaded::Unknown(reason) => {
                    world.pass(short(limit));
                    Err(Trouble::new(reason.code, consumer).into())
                }
                Loaded::Stale(_) | Loaded::Lingering(_) => {
                    world.pass(short(limit));
                    Err(Trouble::new(Code::StaleCertificate, consumer).into())
                }
            }
        })
        .await
    }
}

impl Run<'_> {
    /// Whether a login may still be under way that has read the former files: this run has not seen what is stored for long
    /// enough.
    fn settles(&self, world: &World, peer: Peer, expected: Expected<'_>, waited: TimeDelta) -> bool {
        let Some(stored) = expected.snapshot.stored(peer.slot()) else { return false };
        let is_old = stored.written.is_some_and(|written| self.skewed(world) - written > SETTLE + TimeDelta::hours(1));
        let seen_for = TimeDelta::from_std(expected.memory.seen_for(peer)).unwrap_or(TimeDelta::MAX) + waited;
        !is_old && seen_for < SETTLE && world.sabotage != Some(Sabotage::ImpatientReaders)
    }
}

#[async_trait(?Send)]
impl Lease for Run<'_> {
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

impl Reporter for Run<'_> {
    fn report(&self, event: &RunEvent) {
        let mut world = self.world.borrow_mut();
        match event {
            RunEvent::StepFinished { step, .. } => world.note(|| format!("    {step}")),
            RunEvent::StepFailed { step, message, .. } => world.note(|| format!("    {step}: FAILED: {message}")),
            RunEvent::Conflict { step } => world.note(|| format!("    {step}: conflict")),
            RunEvent::LeaseAwaited | RunEvent::StepStarted { .. } => {}
        }
    }
}
