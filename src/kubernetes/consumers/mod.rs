//! The [`Consumers`] of a cluster: what their pods have loaded, how they are made to load what is stored, and the proof.
//!
//! | Consumer | Current when |
//! |---|---|
//! | server with a database to ask | every ready pod and every configured endpoint shows leaf and trust names in a handshake |
//! | server without one | every pod was made for what is stored, or after it was written |
//! | client | the same, and no session with another leaf is left |
//! | client that reads the files at each login | always; while authorities change, once no kubelet may still show the former files |
//!
//! A pod that is ending counts until it is gone: it still holds its sessions.

mod pause;
pub mod pickup_error;
pub mod pod_requests;
pub mod pods;
mod pods_seen;
mod reachability;
mod reload;
mod restart;
pub mod rollout;
pub mod workload;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use tokio::time::Instant;

use crate::clock::Interruption;
use crate::configuration::cluster::{Choice, ClusterConsumer, ClusterPickup, ClusterPlace, Target};
use crate::configuration::{Database, Endpoint};
use crate::diagnosis::{Code, Failure, RemoteText};
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::consumers::pickup_error::PickUpError;
use crate::kubernetes::consumers::pods_seen::PodsSeen;
use crate::kubernetes::consumers::reachability::Reachability;
use crate::kubernetes::consumers::restart::{HashAnnotations, REQUEST, Restart};
use crate::kubernetes::consumers::workload::{WorkloadName, annotated_hash, hash_annotation};
use crate::kubernetes::lease::ClusterLease;
use crate::postgres::endpoints::{CALL, DatabaseSeen, Depth};
use crate::postgres::evidence::{self, FirstSeen, stored};
use crate::postgres::files::Reading;
use crate::postgres::judge::{self, Clients, PickUpState};
use crate::rotation::facts::{ConsumerFacts, Loaded, Login, Peer, Unusable};
use crate::rotation::material::Material;
use crate::rotation::ports::{Consumers, Expected, Observation};

/// How long a reload may take before the server's files are compared with ours to find out whether it was refused.
const RELOAD: Duration = Duration::from_secs(1);

/// How much is told of what a consumer shows: it may have many pods.
const REASON_MAX: usize = 2000;

/// The consumers of a configuration.
pub struct ClusterConsumers {
    pub(super) client: Client,
    consumers: Vec<ClusterConsumer>,
    projection: Duration,
    database: Option<Database>,
    reachability: Reachability,
    interruption: Interruption,
    lease: Option<Rc<ClusterLease>>,
    first_seen: FirstSeen,
    /// Consumers and hashes of which this process has told them.
    picked_up: RefCell<BTreeSet<(String, String)>>,
}

impl fmt::Debug for ClusterConsumers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterConsumers").field("consumers", &self.consumers).finish_non_exhaustive()
    }
}

impl ClusterConsumers {
    /// The consumers of a place, servers first.
    pub fn new(client: Client, place: &ClusterPlace, database: Option<&Database>, interruption: Interruption) -> Self {
        let mut consumers = place.consumers.clone();
        consumers.sort_by_key(|consumer| consumer.peer);
        Self {
            client,
            consumers,
            projection: place.projection,
            database: database.cloned(),
            reachability: Reachability::default(),
            interruption,
            lease: None,
            first_seen: FirstSeen::default(),
            picked_up: RefCell::default(),
        }
    }

    /// Writes only while the run holds this Lease.
    pub(super) fn under(self, lease: Rc<ClusterLease>) -> Self {
        Self { lease: Some(lease), ..self }
    }

    /// Does not ask again what did not answer from outside of the cluster.
    pub(super) fn work_from_outside(&mut self) {
        self.reachability = Reachability::from_outside();
    }

    /// The workloads of a consumer that is made to pick up, as Events name them.
    pub(super) async fn workloads(&self, name: &str) -> Vec<ObjectReference> {
        let consumer = self.find(name).ok().filter(|consumer| consumer.pickup != ClusterPickup::Login);
        match consumer.and_then(|consumer| consumer.target.as_ref()) {
            Some(target) => workload::references(&self.client, target, REQUEST).await,
            None => Vec::new(),
        }
    }

    fn find(&self, name: &str) -> Result<&ClusterConsumer, PickUpError> {
        let unknown = || PickUpError::ConsumerUnknown { name: name.to_owned() };
        self.consumers.iter().find(|consumer| consumer.name == name).ok_or_else(unknown)
    }

    /// An error once a signal has asked to stop.
    pub(super) fn check(&self, waiting_for: &str) -> Result<(), PickUpError> {
        let stopped = || PickUpError::Interrupted { waiting_for: waiting_for.to_owned() };
        if self.interruption.is_set() { Err(stopped()) } else { Ok(()) }
    }

    /// The pods of all consumers but those that pick up nothing.
    pub(super) async fn pods_seen(&self) -> Result<PodsSeen, KubernetesError> {
        let looked_at = self.consumers.iter().filter(|consumer| consumer.pickup != ClusterPickup::Login);
        PodsSeen::see(&self.client, looked_at.filter_map(|consumer| consumer.target.as_ref())).await
    }

    /// The database with every ready pod of the server as an endpoint of its own, besides the configured ones: what is
    /// behind a Service answers only one of them.
    pub(super) fn database(&self, pods: &PodsSeen) -> Option<Database> {
        let mut database = self.database.clone()?;
        let first = database.endpoints.first()?.clone();
        let servers = self.consumers.iter().filter(|consumer| consumer.peer == Peer::Server);
        let pods = servers.filter_map(|server| pods.pods_of(server.target.as_ref()?).ok()).flatten();
        let mut hosts: BTreeSet<String> = database.endpoints.iter().map(|endpoint| endpoint.host.clone()).collect();
        for address in pods.filter(|pod| pod.ready && !pod.ending).filter_map(|pod| pod.address.clone()) {
            if hosts.insert(address.clone()) {
                let server_name = first.server_name.clone().unwrap_or_else(|| first.host.clone());
                database.endpoints.push(Endpoint { host: address, port: first.port, server_name: Some(server_name) });
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
    ) -> ConsumerFacts {
        let ClusterConsumer { name, peer, .. } = consumer;
        if consumer.pickup == ClusterPickup::Login {
            let changing = evidence::authorities_change(expected);
            let age = self.first_seen.age(*peer, expected);
            let loaded = judge::each_login(changing, age, self.projection + judge::LOGIN);
            return ConsumerFacts { name: name.clone(), peer: *peer, loaded, accepts_besides: BTreeSet::new() };
        }
        let pick_up = self.pick_up_state(consumer, expected, pods);
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

    /// What is known without the database: what its pods were made for, or whether it was made to load what is stored.
    fn pick_up_state(&self, consumer: &ClusterConsumer, expected: Expected<'_>, pods: &PodsSeen) -> PickUpState {
        let not_picked_up = || PickUpState::NotPickedUp("it was not made to load the stored certificate".to_owned());
        let Some(hash) = stored(consumer.peer, expected).and_then(annotated_hash) else { return not_picked_up() };
        let picked_up = self.is_picked_up(consumer, expected);
        let Some(target) = &consumer.target else {
            return if picked_up { PickUpState::PickedUp { restarted: false } } else { not_picked_up() };
        };
        let own = match pods.pods_of(target) {
            Ok(own) => own,
            Err(reason) => return PickUpState::Unknown(unseen(reason)),
        };
        if let Some(meaning) = pods.emptiness(target) {
            return meaning;
        }
        if own.iter().all(|pod| pod.has_hash(consumer.peer, &hash)) {
            return PickUpState::Started { by_us: true };
        }
        let written = expected.snapshot.stored(consumer.peer.slot()).and_then(|stored| stored.written);
        let stale: Vec<String> = own.iter().filter_map(|pod| pod.stale(consumer.peer, &hash, written)).collect();
        match consumer.pickup {
            _ if stale.is_empty() => PickUpState::Started { by_us: false },
            // A server that was reloaded keeps its pods.
            ClusterPickup::Reload { .. } if picked_up => PickUpState::PickedUp { restarted: false },
            ClusterPickup::Reload { .. } | ClusterPickup::Restart | ClusterPickup::Login => {
                PickUpState::NotPickedUp(stale.join("; "))
            }
        }
    }

    /// All clients together.
    fn clients(&self, expected: Expected<'_>, pods: &PodsSeen) -> Clients {
        let clients = || self.consumers.iter().filter(|consumer| consumer.peer == Peer::Client);
        let is_anew = |client: &ClusterConsumer| {
            client.pickup == ClusterPickup::Restart && self.pick_up_state(client, expected, pods).is_anew()
        };
        Clients { count: clients().count(), all_anew: clients().all(is_anew) }
    }

    /// Whether it shows something old and this process has not made it load what is stored: it could not be seen before, and
    /// waiting changes nothing.
    fn is_left_alone(&self, consumer: &ClusterConsumer, expected: Expected<'_>, loaded: &Loaded) -> bool {
        matches!(loaded, Loaded::Stale(_) | Loaded::Lingering(_)) && !self.is_picked_up(consumer, expected)
    }

    /// Whether this process has made it load what is stored.
    fn is_picked_up(&self, consumer: &ClusterConsumer, expected: Expected<'_>) -> bool {
        let hash = stored(consumer.peer, expected).and_then(annotated_hash);
        hash.is_some_and(|hash| self.picked_up.borrow().contains(&(consumer.name.clone(), hash)))
    }

    /// Annotates the pod templates of a consumer for what is stored, and waits for their rollouts.
    pub(super) async fn restart(
        &self,
        consumer: &ClusterConsumer,
        expected: Expected<'_>,
        limit: Duration,
    ) -> Result<(), Failure> {
        let impossible = |reason| PickUpError::Impossible { consumer: consumer.name.clone(), reason };
        let target = consumer.target.as_ref().ok_or_else(|| impossible("no workload is configured"))?;
        let names = workload::find(&self.client, target, REQUEST).await?;
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
            let peers = loads.iter().filter(|(_, workloads)| workloads.contains(&name)).map(|(peer, _)| *peer);
            let hashes: HashAnnotations = peers
                .filter_map(|peer| Some((hash_annotation(peer), annotated_hash(stored(peer, expected)?)?)))
                .collect();
            if !hashes.contains_key(hash_annotation(consumer.peer)) {
                return Err(impossible("there is no usable leaf to load").into());
            }
            wanted.push((name, hashes));
        }
        let interrupted = || self.interruption.is_set();
        let may_write = || self.lease.as_ref().map_or(Ok(()), |lease| lease.still_held());
        Restart { client: &self.client, interrupted: &interrupted, may_write: &may_write }.all(&wanted, limit).await
    }

    /// Which leaves the workloads of a target's kind and namespace load: one that loads both is rolled once for both.
    async fn loads(&self, target: &Target) -> Result<BTreeMap<Peer, BTreeSet<WorkloadName>>, Failure> {
        let mut loads: BTreeMap<Peer, BTreeSet<WorkloadName>> = BTreeMap::new();
        for consumer in self.consumers.iter().filter(|consumer| consumer.pickup != ClusterPickup::Login) {
            let Some(other) = &consumer.target else { continue };
            if (&other.namespace, other.kind) == (&target.namespace, target.kind) {
                let names = workload::find(&self.client, other, REQUEST).await?;
                loads.entry(consumer.peer).or_default().extend(names);
            }
        }
        Ok(loads)
    }

    /// Looks again and again until the consumer is settled; else says what it showed last. Gives up early when the
    /// server has refused the files.
    async fn wait(
        &self,
        consumer: &ClusterConsumer,
        expected: Expected<'_>,
        limit: Duration,
    ) -> Result<Loaded, Failure> {
        let begin = Instant::now();
        let mut last = Loaded::Unknown(unseen("nothing was seen in time".to_owned()));
        let looks = async {
            let depth = if consumer.peer == Peer::Server { Depth::Files } else { Depth::Sessions };
            loop {
                let (pods, seen) = match consumer.pickup {
                    // Only time tells.
                    ClusterPickup::Login => Default::default(),
                    ClusterPickup::Reload { .. } | ClusterPickup::Restart => self.see(expected, depth, limit).await?,
                };
                last = self.judge(consumer, expected, &pods, &seen).loaded;
                if is_proven(&last) || self.is_left_alone(consumer, expected, &last) {
                    return Ok(());
                }
                if begin.elapsed() >= RELOAD && matches!(consumer.pickup, ClusterPickup::Reload { .. }) {
                    let picked_up = self.is_picked_up(consumer, expected);
                    let earliest = if picked_up { Reading::SameSecond } else { Reading::After };
                    let database = self.database(&pods);
                    let looked = evidence::look_for_refusal(database.as_ref(), expected, &seen, earliest).await;
                    looked.map_err(PickUpError::from)?;
                }
                self.check(&consumer.name)?;
                tokio::time::sleep(pause::after(begin.elapsed())).await;
            }
        };
        match tokio::time::timeout(limit, looks).await {
            Ok(Err(failure)) => Err(failure),
            Ok(Ok(())) | Err(_) => Ok(last),
        }
    }
}

/// Whether a consumer is done.
const fn is_proven(loaded: &Loaded) -> bool {
    match loaded {
        Loaded::Current | Loaded::EachLogin | Loaded::Unproved(_) | Loaded::NotRunning => true,
        Loaded::Stale(_) | Loaded::Lingering(_) | Loaded::Unknown(_) => false,
    }
}

pub(super) const fn unseen(why: String) -> Unusable {
    Unusable { code: Code::ConsumerTimeout, why }
}

impl Consumers for ClusterConsumers {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        let pods = self.pods_seen().await?;
        let database = self.database(&pods);
        let seen =
            Box::pin(self.reachability.see(database.as_ref(), expected.snapshot, evidence::depth(expected))).await;
        let consumers = self.consumers.iter().map(|consumer| self.judge(consumer, expected, &pods, &seen)).collect();
        Ok(evidence::observation(consumers, expected, &seen))
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

    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let consumer = self.find(consumer)?;
        match consumer.pickup {
            ClusterPickup::Login => return Ok(()),
            ClusterPickup::Restart => Box::pin(self.restart(consumer, expected, limit)).await?,
            ClusterPickup::Reload { nudge, fallback } => {
                Box::pin(self.reload(consumer, expected, (nudge, fallback), limit)).await?;
            }
        }
        if let Some(hash) = stored(consumer.peer, expected).and_then(annotated_hash) {
            self.picked_up.borrow_mut().insert((consumer.name.clone(), hash));
        }
        Ok(())
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let consumer = self.find(consumer)?;
        let name = || consumer.name.clone();
        match Box::pin(self.wait(consumer, expected, limit)).await? {
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
