//! What a run needs of a cluster.

use std::rc::Rc;

use base::diagnosis::{Class, Failure};
use kubernetes::api::connection::Connection;
use kubernetes::events::Events;
use kubernetes::lease::{ClusterLease, Timing};
use rotation::document::Database;
use rotation::document::cluster::ClusterPlace;
use terminal::stop_token::StopToken;

use crate::clock::SystemClock;
use crate::cluster::consumers::ClusterConsumers;
use crate::cluster::secrets::Secrets;

/// The Secrets, the Lease, the workloads and the clock, as a configuration names them: everything that a run needs of a
/// cluster.
#[derive(Debug)]
pub struct Cluster {
    /// Authority and leaves.
    pub secrets: Secrets,
    /// One run at a time.
    pub lease: Rc<ClusterLease>,
    /// The workloads that load the leaves.
    pub consumers: ClusterConsumers,
    /// Time.
    pub clock: SystemClock,
    events: Events,
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
    /// What a run needs of a place, within a tokio runtime. Nothing is sent yet.
    pub fn new(
        connection: &Connection,
        place: &ClusterPlace,
        database: Option<&Database>,
        identity: &Identity,
    ) -> Self {
        Self::timed(connection, place, database, identity, Timing::default())
    }

    /// The same with a Lease of another length: a test does not wait a quarter of a minute for one that was left behind.
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
        Self { secrets, lease, consumers, clock: SystemClock::start(), events }
    }

    /// From outside of the cluster: where the database does not answer, it is not asked again and again.
    #[must_use]
    pub fn from_outside(mut self) -> Self {
        self.consumers.work_from_outside();
        self
    }

    /// Says with an Event on the Secret that it is about that a person must decide, unless an Event has said it already where it
    /// happened.
    pub async fn tell_refusal(&self, failure: &Failure) {
        if failure.class() == Class::Refused && !self.events.has_warned() {
            self.secrets.tell_refusal(self.secrets.refusing_slot(), failure).await;
        }
    }
}
