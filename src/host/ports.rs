//! All ports of a run on this host.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::configuration::Configuration;
use crate::diagnosis::{Code, Diagnose, Failure};
use crate::host::clock::HostClock;
use crate::host::consumers::HostConsumers;
use crate::host::lock::DirectoryLease;
use crate::host::store::DirectoryStore;
use crate::rotation::facts::{Fingerprint, Peer};
use crate::rotation::material::{Material, Revision, Slot, Snapshot, Stored};
use crate::rotation::ports::{
    AuthorityOrder, Clock, Consumers, Expected, Inspection, Issuer, LeafOrder, Lease, Observation, Reporter, Store,
};
use crate::rotation::report::Event;

/// The directory, its lease, its consumers and the clock, as a configuration names them.
#[derive(Debug)]
pub struct Host {
    /// Authority and leaves.
    pub store: DirectoryStore,
    /// One run at a time.
    pub lease: DirectoryLease,
    /// The processes that load the leaves.
    pub consumers: HostConsumers,
    /// Time and signals.
    pub clock: HostClock,
}

/// Signals cannot be listened to.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen to SIGTERM and SIGINT")]
struct SignalsUnavailable(#[source] io::Error);

impl Diagnose for SignalsUnavailable {
    fn code(&self) -> Code {
        Code::RuntimeFailed
    }
}

impl Host {
    /// The host of a configuration, within a tokio runtime with time and I/O. Nothing is written.
    pub fn new(configuration: &Configuration) -> Result<Self, Failure> {
        let clock = HostClock::start().map_err(SignalsUnavailable)?;
        Ok(Self {
            store: DirectoryStore::new(configuration)?,
            lease: DirectoryLease::new(&configuration.directory, clock.interruption()),
            consumers: HostConsumers::new(configuration, clock.interruption()),
            clock,
        })
    }
}

/// A host, an issuer and a reporter as one: [`crate::rotation::ports::Ports`].
#[derive(Debug)]
pub struct HostPorts<'a, I, R> {
    /// Files, processes, time.
    pub host: &'a Host,
    /// Makes certificates.
    pub issuer: &'a I,
    /// Tells whoever watches.
    pub reporter: &'a R,
}

impl<I, R> Clock for HostPorts<'_, I, R> {
    fn now(&self) -> DateTime<Utc> {
        self.host.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.host.clock.elapsed()
    }

    fn interrupted(&self) -> bool {
        self.host.clock.interrupted()
    }
}

impl<I, R> Store for HostPorts<'_, I, R> {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        self.host.store.read(slot).await
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        self.host.store.write(slot, expected, material).await
    }
}

impl<I, R> Consumers for HostPorts<'_, I, R> {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        self.host.consumers.observe(expected).await
    }

    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.host.consumers.pick_up(consumer, expected, limit).await
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.host.consumers.prove(consumer, expected, limit).await
    }
}

impl<I, R> Lease for HostPorts<'_, I, R> {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        self.host.lease.acquire(limit).await
    }

    async fn release(&self) -> Result<(), Failure> {
        self.host.lease.release().await
    }
}

impl<I: Issuer, R> Issuer for HostPorts<'_, I, R> {
    fn inspect(&self, snapshot: &Snapshot) -> Inspection {
        self.issuer.inspect(snapshot)
    }

    fn add_authority(&self, snapshot: &Snapshot, order: &AuthorityOrder) -> Result<Material, Failure> {
        self.issuer.add_authority(snapshot, order)
    }

    fn remove_authority(&self, snapshot: &Snapshot, generation: u32) -> Result<Material, Failure> {
        self.issuer.remove_authority(snapshot, generation)
    }

    fn issue(&self, snapshot: &Snapshot, order: &LeafOrder) -> Result<Material, Failure> {
        self.issuer.issue(snapshot, order)
    }

    fn republish(&self, snapshot: &Snapshot, peer: Peer, trust: &BTreeSet<Fingerprint>) -> Result<Material, Failure> {
        self.issuer.republish(snapshot, peer, trust)
    }

    fn rehearse(
        &self,
        snapshot: &Snapshot,
        peer: Peer,
        candidate: &Material,
        peer_trust: &BTreeSet<Fingerprint>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.issuer.rehearse(snapshot, peer, candidate, peer_trust, now)
    }
}

impl<I, R: Reporter> Reporter for HostPorts<'_, I, R> {
    fn report(&self, event: &Event) {
        self.reporter.report(event);
    }
}
