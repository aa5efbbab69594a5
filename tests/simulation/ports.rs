//! The engine's ports on the world, each call through the gate.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use newleaf::diagnosis::{Code, Failure};
use newleaf::rotation::facts::{ConsumerFacts, Fingerprint, Loaded, Peer};
use newleaf::rotation::material::{Material, Revision, Slot, Snapshot, Stored};
use newleaf::rotation::ports::{
    AuthorityOrder, Clock, Consumers, Expected, Inspection, Issuer, LeafOrder, Lease, Observation, Reporter, Store,
};
use newleaf::rotation::report::Event;

use crate::consumers::{Consumer, loaded, pick_up, position, short};
use crate::encoding;
use crate::gate::{Fault, Kind, Run, name};
use crate::invariants;
use crate::issuer;
use crate::sabotage::Sabotage;
use crate::trouble::Trouble;

impl Clock for Run<'_> {
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
                material.entries.remove(newleaf::rotation::material::LEAF_KEY);
            }
            invariants::before_write(world, look, self.number, slot, &material, self.request);
            world.put(slot, Some(material));
            Ok(())
        })
        .await
    }
}

impl Issuer for Run<'_> {
    fn inspect(&self, snapshot: &Snapshot, _: DateTime<Utc>) -> Inspection {
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

impl Consumers for Run<'_> {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        self.gate((Kind::Observe, "consumers"), |world, look| {
            let unseen = look.fault == Some(Fault::Unseen);
            let login = world.can_log_in() && !unseen;
            let consumers: Vec<_> = (0..world.consumers.len())
                .filter(|consumer| world.consumers[*consumer].is_configured)
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
