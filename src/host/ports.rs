//! All ports of a run on this host.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::clock::SystemClock;
use crate::configuration::{Database, DirectoryPlace};
use crate::diagnosis::Failure;
use crate::host::blocking::Bounds;
use crate::host::consumers::HostConsumers;
use crate::host::error::HostError;
use crate::host::lock::DirectoryLease;
use crate::host::store::DirectoryStore;
use crate::host::{pick_up_records, process, store};
use crate::rotation::facts::Login;
use crate::rotation::material::{Material, Revision, Slot, Stored};
use crate::rotation::ports::{Clock, Consumers, Expected, Lease, Observation, Store};
use crate::rotation::request::Deadlines;

/// The directory, its lease, its consumers and the clock, as a configuration names them: everything that a run needs of this host.
#[derive(Debug)]
pub struct Host {
    /// Authority and leaves.
    pub store: DirectoryStore,
    /// One run at a time.
    pub lease: DirectoryLease,
    /// The processes that load the leaves.
    pub consumers: HostConsumers,
    /// Time and signals.
    pub clock: SystemClock,
}

impl Host {
    /// The host of a place, within a tokio runtime with time and I/O. Nothing is written. A place that another user can
    /// change is refused, and so is one that is not there, unless it shall be made.
    pub async fn open(
        place: &DirectoryPlace,
        database: Option<&Database>,
        deadlines: &Deadlines,
        makes_directory: bool,
    ) -> Result<Self, Failure> {
        let clock = SystemClock::start()?;
        let end = Instant::now() + deadlines.run;
        let bounds = Bounds::new(deadlines.step, clock.interruption()).until(end);
        let (directory, consumers) = (place.directory.clone(), place.consumers.clone());
        let check = move || {
            process::refuse_containers(&consumers)?;
            pick_up_records::check(&directory)?;
            store::check(&directory)
        };
        if !bounds.run(&place.directory, check).await? && !makes_directory {
            return Err(HostError::DirectoryAbsent { path: place.directory.clone() }.into());
        }
        Ok(Self {
            store: DirectoryStore::new(place, bounds)?,
            lease: DirectoryLease::new(&place.directory, clock.interruption()),
            consumers: HostConsumers::new(place, database, clock.interruption()),
            clock,
        })
    }
}

impl Clock for Host {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn interrupted(&self) -> bool {
        self.clock.interrupted()
    }

    async fn stop(&self, limit: Duration) {
        self.clock.stop(limit).await;
    }
}

impl Store for Host {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        self.store.read(slot).await
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        self.store.write(slot, expected, material).await
    }

    async fn remove_former(&self, slot: Slot) -> Result<(), Failure> {
        self.store.remove_former(slot).await
    }
}

impl Consumers for Host {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        self.consumers.observe(expected).await
    }

    async fn log_in(&self, client: &Material, limit: Duration) -> Login {
        self.consumers.log_in(client, limit).await
    }

    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.consumers.pick_up(consumer, expected, limit).await
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.consumers.prove(consumer, expected, limit).await
    }
}

impl Lease for Host {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        self.lease.acquire(limit).await
    }

    async fn release(&self) -> Result<(), Failure> {
        self.lease.release().await
    }
}
