//! The [`Consumers`] of a cluster: what their pods have loaded, how newleaf makes them load the stored leaf, and the proof.
//!
//! | Consumer | Current when |
//! |---|---|
//! | server with a configured database | every ready pod and every configured endpoint shows leaf and trust names in a handshake |
//! | server without one | every pod was created for the stored leaf, or after it was written |
//! | client | the same, and no session with another leaf is open |
//! | client that reads the files at each login | always; while authorities change, once every kubelet has delivered the files |
//!
//! A pod that is ending counts until it is gone, because it still holds its sessions.

pub mod hashes;
mod pause;
pub mod pickup_error;
mod pods_seen;
mod reachability;
mod reload;
mod restart;
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use base::diagnosis::{Class, Code, Failure, RemoteText};
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kubernetes::api::error::KubernetesError;
use kubernetes::events::Events;
use kubernetes::lease::ClusterLease;
use kubernetes::workload::WorkloadName;
use rotation::document::cluster::{Choice, ClusterConsumer, ClusterPickup, ClusterPlace, Target};
use rotation::document::{Database, Endpoint};
use rotation::engine::facts::{ConsumerFacts, Loaded, Login, Peer, RunningFacts, Unusable};
use rotation::engine::material::Material;
use rotation::engine::ports::{Consumers, Expected};
use terminal::stop_token::StopToken;

use crate::cluster::consumers::hashes::hash_annotation;
use crate::cluster::consumers::pickup_error::PickUpError;
use crate::cluster::consumers::pods_seen::PodsSeen;
use crate::cluster::consumers::reachability::Reachability;
use crate::cluster::consumers::restart::{REQUEST, Restart, hash_annotations};
use crate::cluster::event_reasons;
use crate::evidence;
use crate::evidence::judge::{Clients, LOGIN};
use crate::evidence::wait::{self, Next, RELOAD, is_done};
use crate::postgres::endpoints::{CALL, DatabaseSeen, Depth};

/// The number of characters of a reason. A consumer may have many pods.
const REASON_MAX: usize = 2000;

/// The consumers of a configuration.
pub struct ClusterConsumers {
    pub(super) client: Client,
    consumers: Vec<ClusterConsumer>,
    projection: Duration,
    database: Option<Database>,
    reachability: Reachability,
    stop: StopToken,
    lease: Option<Rc<ClusterLease>>,
    events: Option<Events>,
}

impl fmt::Debug for ClusterConsumers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterConsumers").field("consumers", &self.consumers).finish_non_exhaustive()
    }
}

impl ClusterConsumers {
    /// The consumers of a place, servers first.
    pub fn new(client: Client, place: &ClusterPlace, database: Option<&Database>, stop: StopToken) -> Self {
        let mut consumers = place.consumers.clone();
        consumers.sort_by_key(|consumer| consumer.peer);
        Self {
            client,
            consumers,
            projection: place.projection,
            database: database.cloned(),
            reachability: Reachability::default(),
            stop,
            lease: None,
            events: None,
        }
    }

    /// Writes only while the run holds this Lease.
    pub(super) fn under(self, lease: Rc<ClusterLease>) -> Self {
        Self { lease: Some(lease), ..self }
    }

    /// Reports the result of a pick-up with Events on the workloads.
    pub(super) fn announced_by(self, events: Events) -> Self {
        Self { events: Some(events), ..self }
    }

    async fn announce(&self, consumer: &str, picked_up: Result<(), &Failure>) {
        let Some(events) = &self.events else { return };
        let (reason, note) = match picked_up {
            Ok(()) => (event_reasons::PICKED_UP, format!("{consumer} has loaded the current certificate")),
            Err(failure) if failure.class() == Class::Interrupted => return,
            Err(failure) => (event_reasons::PICK_UP_FAILED, format!("{}: {failure}", failure.code())),
        };
        for workload in self.workloads(consumer).await {
            events.post(workload, reason, note.clone()).await;
        }
    }

    /// Fails unless the run still holds the Lease.
    fn may_write(&self) -> Result<(), Failure> {
        match &self.lease {
            Some(lease) => lease.still_held(),
            None => Ok(()),
        }
    }

    /// For a run outside the cluster: does not ask a database again that did not answer.
    pub(super) fn work_from_outside(&mut self) {
        self.reachability = Reachability::from_outside();
    }

    /// The workloads of a consumer with a pick-up, as Events refer to them.
    async fn workloads(&self, name: &str) -> Vec<ObjectReference> {
        let Ok(consumer) = self.find(name) else { return Vec::new() };
        match &consumer.target {
            Some(target) if consumer.pickup != ClusterPickup::Login => {
                targets::references(&self.client, target, REQUEST).await
            }
            Some(_) | None => Vec::new(),
        }
    }

    fn find(&self, name: &str) -> Result<&ClusterConsumer, PickUpError> {
        let unknown = || PickUpError::ConsumerUnknown { name: name.to_owned() };
        self.consumers.iter().find(|consumer| consumer.name == name).ok_or_else(unknown)
    }

    /// The pods of all consumers that have a pick-up.
    pub(super) async fn pods_seen(&self) -> Result<PodsSeen, KubernetesError> {
        let looked_at = self.consumers.iter().filter(|consumer| consumer.pickup != ClusterPickup::Login);
        PodsSeen::see(&self.client, looked_at.filter_map(|consumer| consumer.target.as_ref())).await
    }

    /// The database with every ready pod of the server as an endpoint, besides the configured ones, because a Service passes a
    /// connection to only one of its pods.
    pub(super) fn database(&self, pods: &PodsSeen) -> Option<Database> {
        let mut database = self.database.clone()?;
        let Endpoint { host, port, server_name } = database.endpoints.first()?.clone();
        let server_name = server_name.unwrap_or(host);
        let mut hosts: BTreeSet<String> = database.endpoints.iter().map(|endpoint| endpoint.host.clone()).collect();
        for server in self.consumers.iter().filter(|consumer| consumer.peer == Peer::Server) {
            let Some(target) = &server.target else { continue };
            for pod in pods.pods_of(target).unwrap_or_default() {
                let Some(address) = &pod.address else { continue };
                if pod.ready && !pod.ending && hosts.insert(address.clone()) {
                    let (host, server_name) = (address.clone(), Some(server_name.clone()));
                    database.endpoints.push(Endpoint { host, port, server_name });
                }
            }
        }
        Some(database)
    }

    async fn see(
        &self,
        expected: Expected<'_>,
        depth: Depth,
        limit: Duration,
    ) -> Result<(PodsSeen, DatabaseSeen), KubernetesError> {
        let pods = self.pods_seen().await?;
        let database = self.database(&pods);
        let seen = DatabaseSeen::see(database.as_ref(), expected.snapshot, depth, limit.min(CALL)).await;
        self.reachability.note(&seen);
        Ok((pods, seen))
    }

    fn judge(
        &self,
        consumer: &ClusterConsumer,
        expected: Expected<'_>,
        pods: &PodsSeen,
        seen: &DatabaseSeen,
        waited: Duration,
    ) -> ConsumerFacts {
        let ClusterConsumer { name, peer, .. } = consumer;
        if consumer.pickup == ClusterPickup::Login {
            return evidence::each_login(name, *peer, expected, waited, self.projection + LOGIN);
        }
        let pick_up = pods.pick_up_state(consumer, expected);
        let facts = evidence::consumer(name, *peer, &pick_up, self.clients(expected, pods), expected, seen);
        match pods.unseen_server_pod(consumer, expected) {
            Some(why) if facts.loaded == Loaded::Current => {
                let loaded = match consumer.pickup {
                    ClusterPickup::Restart => Loaded::Stale(why),
                    ClusterPickup::Reload { .. } | ClusterPickup::Login => Loaded::Unknown(unseen(why)),
                };
                ConsumerFacts { loaded, ..facts }
            }
            Some(_) | None => facts,
        }
    }

    /// The number of clients, and whether all of them have restarted.
    fn clients(&self, expected: Expected<'_>, pods: &PodsSeen) -> Clients {
        let clients = || self.consumers.iter().filter(|consumer| consumer.peer == Peer::Client);
        let is_anew = |client: &ClusterConsumer| {
            client.pickup == ClusterPickup::Restart && pods.pick_up_state(client, expected).is_anew()
        };
        Clients { count: clients().count(), all_anew: clients().all(is_anew) }
    }

    /// Annotates the pod templates of a consumer with the hashes of the stored leaves, and waits for the rollouts.
    pub(super) async fn restart(
        &self,
        consumer: &ClusterConsumer,
        expected: Expected<'_>,
        limit: Duration,
    ) -> Result<(), Failure> {
        let impossible = |reason| PickUpError::Impossible { consumer: consumer.name.clone(), reason };
        let target = consumer.target.as_ref().ok_or_else(|| impossible("no workload is configured"))?;
        let names = targets::find(&self.client, target, REQUEST).await?;
        if let (true, Choice::Labelled(selector)) = (names.is_empty(), &target.choice) {
            return Err(PickUpError::NothingSelected {
                consumer: consumer.name.clone(),
                kind: target.kind.as_str(),
                namespace: target.namespace.clone(),
                selector: selector.clone(),
            }
            .into());
        }
        let loads = self.loads(target).await?;
        let mut wanted = Vec::new();
        for name in names {
            let hashes = hash_annotations(&name, &loads, expected);
            if !hashes.contains_key(hash_annotation(consumer.peer)) {
                return Err(impossible("no usable leaf is stored").into());
            }
            wanted.push((name, hashes));
        }
        let may_write = || self.may_write();
        Restart { client: &self.client, stop: &self.stop, may_write: &may_write }.all(&wanted, limit).await
    }

    /// The leaves that the workloads of a target's kind and namespace load. A workload that loads both gets one rollout.
    async fn loads(&self, target: &Target) -> Result<BTreeMap<Peer, BTreeSet<WorkloadName>>, Failure> {
        let mut loads: BTreeMap<Peer, BTreeSet<WorkloadName>> = BTreeMap::new();
        for consumer in self.consumers.iter().filter(|consumer| consumer.pickup != ClusterPickup::Login) {
            let Some(other) = &consumer.target else { continue };
            if (&other.namespace, other.kind) == (&target.namespace, target.kind) {
                let names = targets::find(&self.client, other, REQUEST).await?;
                loads.entry(consumer.peer).or_default().extend(names);
            }
        }
        Ok(loads)
    }

    /// Observes the consumer until it is settled, or returns its last state. Fails early if the server has refused the files.
    async fn wait(
        &self,
        consumer: &ClusterConsumer,
        expected: Expected<'_>,
        limit: Duration,
    ) -> Result<Loaded, Failure> {
        let picked_up = expected.memory.has_picked_up(consumer.peer, &consumer.name);
        let depth = wait::depth(consumer.peer);
        wait::wait(&self.stop, &consumer.name, limit, pause::after, async |waited, last| {
            let (pods, seen) = match consumer.pickup {
                // Nothing to observe: only the time that has passed counts.
                ClusterPickup::Login => Default::default(),
                ClusterPickup::Reload { .. } | ClusterPickup::Restart => self.see(expected, depth, limit).await?,
            };
            *last = self.judge(consumer, expected, &pods, &seen, waited).loaded;
            // It shows older material and this run has not made it load the stored leaf: waiting changes nothing.
            let is_left_alone = matches!(last, Loaded::Stale(_) | Loaded::Lingering(_)) && !picked_up;
            if is_done(last) || is_left_alone {
                return Ok(Next::End);
            }
            if waited >= RELOAD && matches!(consumer.pickup, ClusterPickup::Reload { .. }) {
                let earliest = wait::earliest_refusal(picked_up);
                let database = self.database(&pods);
                let looked = evidence::look_for_refusal(database.as_ref(), expected, &seen, earliest).await;
                looked.map_err(PickUpError::from)?;
            }
            Ok(Next::LookAgain)
        })
        .await
    }
}

pub(super) const fn unseen(why: String) -> Unusable {
    Unusable { code: Code::ConsumerTimeout, why }
}

#[async_trait(?Send)]
impl Consumers for ClusterConsumers {
    async fn observe(&self, expected: Expected<'_>) -> Result<RunningFacts, Failure> {
        let pods = self.pods_seen().await?;
        let database = self.database(&pods);
        let seen =
            Box::pin(self.reachability.see(database.as_ref(), expected.snapshot, evidence::depth(expected))).await;
        let consumers = self
            .consumers
            .iter()
            .map(|consumer| self.judge(consumer, expected, &pods, &seen, Duration::ZERO))
            .collect();
        Ok(evidence::running(consumers, expected, &seen))
    }

    async fn log_in(&self, client: &Material, limit: Duration) -> Login {
        match self.pods_seen().await {
            Ok(pods) => evidence::log_in(self.database(&pods).as_ref(), client, limit).await,
            Err(_) if self.database.is_none() => Login::NotTried,
            Err(error) => {
                let failure = Failure::from(error);
                Login::Unknown(Unusable { code: failure.code(), why: failure.to_string() })
            }
        }
    }

    async fn pick_up(&self, name: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.may_write()?;
        let picked_up = self.make_load(name, expected, limit).await;
        if let Err(failure) = &picked_up {
            self.announce(name, Err(failure)).await;
        }
        picked_up
    }

    async fn prove(&self, name: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let consumer = self.find(name)?;
        let proved = self.show(consumer, expected, limit).await;
        // `verify` proves without the Lease and writes nothing. An unchanged state is no news.
        let is_news = proved.is_err() || expected.memory.has_picked_up(consumer.peer, name);
        if is_news && self.may_write().is_ok() {
            self.announce(name, proved.as_ref().copied()).await;
        }
        proved
    }
}

impl ClusterConsumers {
    /// Makes a consumer load the stored leaf by its configured pick-up.
    async fn make_load(&self, name: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let consumer = self.find(name)?;
        match consumer.pickup {
            ClusterPickup::Login => Ok(()),
            ClusterPickup::Restart => self.restart(consumer, expected, limit).await,
            ClusterPickup::Reload { nudge, fallback } => {
                self.reload(consumer, expected, (nudge, fallback), limit).await
            }
        }
    }

    /// Waits until a consumer shows the stored leaf.
    async fn show(&self, consumer: &ClusterConsumer, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let name = || consumer.name.clone();
        match self.wait(consumer, expected, limit).await? {
            Loaded::Current | Loaded::EachLogin | Loaded::Unproved(_) | Loaded::NotRunning => Ok(()),
            Loaded::Stale(reason) | Loaded::Lingering(reason) => {
                let reason = RemoteText::within(&reason, REASON_MAX);
                Err(PickUpError::Stale { consumer: name(), reason }.into())
            }
            Loaded::Unknown(Unusable { code, why }) => {
                let reason = RemoteText::within(&why, REASON_MAX);
                Err(PickUpError::Unobserved { consumer: name(), code, reason, waited: limit }.into())
            }
        }
    }
}
