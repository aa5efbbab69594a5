//! All ports of a run in a cluster.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock::SystemClock;
use crate::configuration::Database;
use crate::configuration::cluster::ClusterPlace;
use crate::diagnosis::{Class, Failure};
use crate::kubernetes::api::connection::Connection;
use crate::kubernetes::consumers::ClusterConsumers;
use crate::kubernetes::events::{EventReason, Events};
use crate::kubernetes::lease::{ClusterLease, Timing};
use crate::kubernetes::secrets::Secrets;
use crate::rotation::facts::Login;
use crate::rotation::material::{Material, Revision, Slot, Stored};
use crate::rotation::ports::{Clock, Consumers, Expected, Lease, Observation, Store};

/// The Secrets, the Lease, the workloads and the clock, as a configuration names them: everything that a run needs of a
/// cluster.
#[derive(Debug)]
pub struct Cluster {
    secrets: Secrets,
    lease: Rc<ClusterLease>,
    consumers: ClusterConsumers,
    clock: SystemClock,
    events: Events,
    /// Consumers that were told to load what is stored, and not yet seen to have done so.
    picked_up: RefCell<BTreeSet<String>>,
}

/// Who works in the cluster, and with what leave.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The pod's name, or whatever tells this process from all others: holds the Lease, signs Events.
    pub name: String,
    /// Takes over Secrets that somebody else made.
    pub adopt: bool,
}

impl Cluster {
    /// The ports of a place, within a tokio runtime. Nothing is sent yet.
    pub fn new(
        connection: &Connection,
        place: &ClusterPlace,
        database: Option<&Database>,
        worker: &Identity,
    ) -> Result<Self, Failure> {
        Self::timed(connection, place, database, worker, Timing::default())
    }

    /// The same with a Lease of another length: a test does not wait a quarter of a minute for one that was left behind.
    pub fn timed(
        connection: &Connection,
        place: &ClusterPlace,
        database: Option<&Database>,
        worker: &Identity,
        timing: Timing,
    ) -> Result<Self, Failure> {
        let clock = SystemClock::start()?;
        let client = || connection.client.clone();
        let events = Events::new(client(), worker.name.clone());
        let secrets = Secrets::new(client(), place, worker.adopt, events.clone());
        let interruption = clock.interruption();
        let lease = ClusterLease::new(client(), &place.namespace, &worker.name, timing, interruption.clone());
        let lease = Rc::new(lease);
        let consumers = ClusterConsumers::new(client(), place, database, interruption).under(Rc::clone(&lease));
        Ok(Self { lease, consumers, secrets, clock, events, picked_up: RefCell::default() })
    }

    /// For whoever works from outside of the cluster: where the database does not answer, it is not asked again and again.
    #[must_use]
    pub fn from_outside(mut self) -> Self {
        self.consumers.work_from_outside();
        self
    }

    /// Tells those who look at the Secret that it is about that a person must decide, unless an Event has told it already where it
    /// happened.
    pub async fn tell_refusal(&self, failure: &Failure) {
        if failure.class() == Class::Refused && !self.events.has_warned() {
            self.secrets.tell_refusal(self.secrets.refusing_slot(), failure).await;
        }
    }

    /// Tells those who look at the workloads of a consumer how its pick-up went.
    async fn tell(&self, consumer: &str, picked_up: Result<(), &Failure>) {
        let (reason, note) = match picked_up {
            Ok(()) => (EventReason::PickedUp, format!("{consumer} has loaded the current certificate")),
            Err(failure) if failure.class() == Class::Interrupted => return,
            Err(failure) => (EventReason::PickUpFailed, format!("{}: {failure}", failure.code())),
        };
        for workload in self.consumers.workloads(consumer).await {
            self.events.post(workload, reason, note.clone()).await;
        }
    }
}

impl Clock for Cluster {
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

impl Store for Cluster {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        self.secrets.read(slot).await
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        self.lease.still_held()?;
        self.secrets.write(slot, expected, material).await
    }
}

impl Consumers for Cluster {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        self.consumers.observe(expected).await
    }

    async fn log_in(&self, client: &Material, limit: Duration) -> Login {
        self.consumers.log_in(client, limit).await
    }

    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.lease.still_held()?;
        let picked_up = self.consumers.pick_up(consumer, expected, limit).await;
        match &picked_up {
            Ok(()) => drop(self.picked_up.borrow_mut().insert(consumer.to_owned())),
            Err(failure) => self.tell(consumer, Err(failure)).await,
        }
        picked_up
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let proved = self.consumers.prove(consumer, expected, limit).await;
        // `verify` proves without the Lease, and writes nothing. That all is as it was is no news.
        let picked_up = self.picked_up.borrow_mut().remove(consumer);
        if picked_up || (proved.is_err() && self.lease.still_held().is_ok()) {
            self.tell(consumer, proved.as_ref().copied()).await;
        }
        proved
    }
}

impl Lease for Cluster {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        self.lease.acquire(limit).await
    }

    async fn release(&self) -> Result<(), Failure> {
        self.lease.release().await
    }
}
