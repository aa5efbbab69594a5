//! The ports of a run in a cluster.

use std::rc::Rc;

use base::diagnosis::{Class, Failure};
use kubernetes::api::connection::Connection;
use kubernetes::events::Events;
use kubernetes::lease::{ClusterLease, Timing};
use rotation::document::Database;
use rotation::document::cluster::ClusterPlace;
use rotation::figures::Figures;
use terminal::stop_token::StopToken;

use crate::clock::SystemClock;
use crate::cluster::consumers::ClusterConsumers;
use crate::cluster::figures::FiguresWriter;
use crate::cluster::secrets::Secrets;

/// The Secrets, the Lease, the workloads and the clock that a configuration names: everything that a run needs from a
/// cluster.
#[derive(Debug)]
pub struct Cluster {
    /// The store of the authority and the leaves.
    pub secrets: Secrets,
    /// The Lease, which lets one run work at a time.
    pub lease: Rc<ClusterLease>,
    /// The workloads that load the leaves.
    pub consumers: ClusterConsumers,
    /// The clock of this process.
    pub clock: SystemClock,
    events: Events,
    figures: FiguresWriter,
}

/// The identity of the run, and what the operator permits it.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The pod's name, or another name that no other process has. It holds the Lease and signs Events.
    pub name: String,
    /// Whether to take ownership of Secrets created by another tool.
    pub adopt: bool,
}

impl Cluster {
    /// The ports for a place, within a tokio runtime. It sends no request yet.
    pub fn new(
        connection: &Connection,
        place: &ClusterPlace,
        database: Option<&Database>,
        identity: &Identity,
    ) -> Self {
        Self::timed(connection, place, database, identity, Timing::default())
    }

    /// The same with a Lease of another length, so that a test does not wait 15 s for an abandoned Lease.
    pub fn timed(
        connection: &Connection,
        place: &ClusterPlace,
        database: Option<&Database>,
        identity: &Identity,
        timing: Timing,
    ) -> Self {
        let (client, stop) = (|| connection.client.clone(), StopToken::of_process());
        let events = Events::new(client(), identity.name.clone());
        let lease =
            Rc::new(ClusterLease::new(client(), &place.namespace, &identity.name, timing, Rc::new(stop.clone())));
        let secrets = Secrets::new(client(), place, identity.adopt, events.clone()).under(Rc::clone(&lease));
        let consumers = ClusterConsumers::new(client(), place, database, stop);
        let consumers = consumers.under(Rc::clone(&lease)).announced_by(events.clone());
        let figures = FiguresWriter::new(client(), &place.namespace);
        Self { secrets, lease, consumers, clock: SystemClock::start(), events, figures }
    }

    /// For a run outside the cluster: it does not ask a database again that did not answer.
    #[must_use]
    pub fn from_outside(mut self) -> Self {
        self.consumers.work_from_outside();
        self
    }

    /// Writes the figures of a run for Prometheus. Never fails.
    pub async fn tell_figures(&self, figures: Figures) {
        self.figures.write(figures).await;
    }

    /// Posts an Event on the Secret that a refusal is about, because a person must decide. Posts none if the refused write has
    /// posted it already.
    pub async fn tell_refusal(&self, failure: &Failure) {
        if failure.class() == Class::Refused && !self.events.has_warned() {
            self.secrets.tell_refusal(self.secrets.refusing_slot(), failure).await;
        }
    }
}
