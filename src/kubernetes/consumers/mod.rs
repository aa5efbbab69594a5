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
mod reach;
mod reload;
mod restart;
pub mod rollout;
mod scene;
pub mod workload;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use tokio::time::Instant;

use crate::configuration::cluster::{Choice, ClusterConsumer, ClusterPickup, ClusterPlace, Target};
use crate::configuration::{Database, Endpoint};
use crate::diagnosis::{Failure, RemoteText};
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::consumers::pickup_error::PickUpError;
use crate::kubernetes::consumers::reach::Reach;
use crate::kubernetes::consumers::restart::{Marks, REQUEST, Restart};
use crate::kubernetes::consumers::scene::Scene;
use crate::kubernetes::consumers::workload::{WorkloadName, annotated_hash, hash_annotation};
use crate::postgres::certificate::bundle_subjects;
use crate::postgres::judge::{self, ExpectedServer};
use crate::postgres::world::{CALL, Depth, World};
use crate::rotation::facts::{ConsumerFacts, Loaded, Observed, Peer};
use crate::rotation::material::{Material, TRUST_BUNDLE};
use crate::rotation::ports::{Consumers, Expected, Observation};

/// How long a reload may take before the server's files are compared with ours to find out whether it was refused.
const RELOAD: Duration = Duration::from_secs(1);

/// How much is told of what a consumer shows: it may have many pods.
const REASON_MAX: usize = 2000;

/// What consumers need to know from the other ports of the cluster.
pub trait Surroundings {
    /// When the data of a leaf's Secret was last written; `None` when it is not known.
    fn written_at(&self, peer: Peer) -> Option<DateTime<Utc>>;

    /// The time of day.
    fn now(&self) -> DateTime<Utc>;

    /// Whether a signal has asked the run to stop.
    fn interrupted(&self) -> bool;

    /// An error unless the run may write now: it holds the Lease.
    fn may_write(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// The consumers of a configuration.
pub struct ClusterConsumers<S> {
    pub(super) client: Client,
    consumers: Vec<ClusterConsumer>,
    projection: Duration,
    database: Option<Database>,
    reach: Reach,
    pub(super) surroundings: S,
    /// Consumers and hashes of which this process has told them.
    told: RefCell<BTreeSet<(String, String)>>,
}

impl<S> fmt::Debug for ClusterConsumers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterConsumers").field("consumers", &self.consumers).finish_non_exhaustive()
    }
}

impl<S: Surroundings> ClusterConsumers<S> {
    /// The consumers of a place, servers first.
    pub fn new(client: Client, place: &ClusterPlace, database: Option<&Database>, surroundings: S) -> Self {
        let mut consumers = place.consumers.clone();
        consumers.sort_by_key(|consumer| consumer.peer);
        let (database, reach, told) = (database.cloned(), Reach::default(), RefCell::default());
        Self { client, consumers, projection: place.projection, database, reach, surroundings, told }
    }

    /// Does not ask again what did not answer from outside of the cluster.
    pub(super) fn work_from_outside(&mut self) {
        self.reach = Reach::from_outside();
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
        if self.surroundings.interrupted() { Err(stopped()) } else { Ok(()) }
    }

    /// The pods of all consumers but those that pick up nothing.
    pub(super) async fn scene(&self) -> Result<Scene, KubernetesError> {
        let looked_at = self.consumers.iter().filter(|consumer| consumer.pickup != ClusterPickup::Login);
        Scene::see(&self.client, looked_at.filter_map(|consumer| consumer.target.as_ref())).await
    }

    /// The database with every ready pod of the server as an endpoint of its own, besides the configured ones: what is
    /// behind a Service answers only one of them.
    pub(super) fn database(&self, scene: &Scene) -> Option<Database> {
        let mut database = self.database.clone()?;
        let first = database.endpoints.first()?.clone();
        let servers = self.consumers.iter().filter(|consumer| consumer.peer == Peer::Server);
        let pods = servers.filter_map(|server| scene.pods_of(server.target.as_ref()?).ok()).flatten();
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
    ) -> Result<(Scene, World), KubernetesError> {
        let scene = self.scene().await?;
        let database = self.database(&scene);
        let world = World::see(database.as_ref(), expected.snapshot, depth, limit.min(CALL)).await;
        self.reach.note(&world);
        Ok((scene, world))
    }

    fn judge(&self, consumer: &ClusterConsumer, expected: Expected<'_>, scene: &Scene, world: &World) -> Loaded {
        if consumer.pickup == ClusterPickup::Login {
            let written = self.surroundings.written_at(consumer.peer);
            let ago = written.and_then(|written| (self.surroundings.now() - written).to_std().ok());
            return judge::each_login(authorities_change(consumer.peer, expected), ago, self.projection + judge::LOGIN);
        }
        let told = self.told(consumer, expected, scene);
        let leaf = match expected.inspection.leaf(consumer.peer) {
            Observed::Present(leaf) => leaf,
            Observed::Absent | Observed::Unreadable(_) => {
                let nothing = || Loaded::Unknown(format!("there is no usable {} leaf to compare with", consumer.peer));
                return if told == Loaded::NotRunning { told } else { nothing() };
            }
        };
        if matches!(told, Loaded::Unknown(_)) {
            return told;
        }
        match consumer.peer {
            Peer::Client => judge::client(told, &leaf.serial, world, self.old_sessions_count(expected, scene)),
            Peer::Server => {
                let bundle = stored(Peer::Server, expected).and_then(|material| material.entry(TRUST_BUNDLE));
                let Some((subjects, subjects_shared)) = bundle.and_then(bundle_subjects) else {
                    return Loaded::Unknown("the stored trust bundle cannot be read".to_owned());
                };
                let serial = leaf.serial.clone();
                let wanted = ExpectedServer { fingerprint: leaf.fingerprint, serial, subjects, subjects_shared };
                judge::server(told, &wanted, world)
            }
        }
    }

    /// What is known without the database: what its pods were made for, or whether it was told.
    fn told(&self, consumer: &ClusterConsumer, expected: Expected<'_>, scene: &Scene) -> Loaded {
        let hash = stored(consumer.peer, expected).and_then(annotated_hash);
        let was_told = |hash: &String| self.told.borrow().contains(&(consumer.name.clone(), hash.clone()));
        let untold = || Loaded::Stale("it has not been told since the stored certificate was written".to_owned());
        let Some(target) = &consumer.target else {
            return if hash.as_ref().is_some_and(was_told) { Loaded::Current } else { untold() };
        };
        let pods = match scene.pods_of(target) {
            Ok(pods) => pods,
            Err(reason) => return Loaded::Unknown(reason),
        };
        if let Some(meaning) = scene.emptiness(target) {
            return meaning;
        }
        let Some(hash) = hash else { return untold() };
        // A server that was reloaded keeps its pods.
        let reloads = matches!(consumer.pickup, ClusterPickup::Reload { .. });
        if reloads && was_told(&hash) {
            return Loaded::Current;
        }
        let written = self.surroundings.written_at(consumer.peer);
        let stale: Vec<String> = pods.iter().filter_map(|pod| pod.stale(consumer.peer, &hash, written)).collect();
        if stale.is_empty() { Loaded::Current } else { Loaded::Stale(stale.join("; ")) }
    }

    /// Whether a session that was opened with an older leaf must be gone: a session does not say which consumer it belongs
    /// to, so only when each of them has been started anew, which keeps no session, and none is still to be told.
    fn old_sessions_count(&self, expected: Expected<'_>, scene: &Scene) -> bool {
        let mut clients = self.consumers.iter().filter(|consumer| consumer.peer == Peer::Client);
        clients.all(|client| client.pickup == ClusterPickup::Restart && self.told(client, expected, scene).is_settled())
    }

    /// Whether it is old and this process has not told it: it could not be seen before, and waiting changes nothing.
    fn is_left_alone(&self, consumer: &ClusterConsumer, expected: Expected<'_>, loaded: &Loaded) -> bool {
        let hash = stored(consumer.peer, expected).and_then(annotated_hash).unwrap_or_default();
        matches!(loaded, Loaded::Stale(_)) && !self.told.borrow().contains(&(consumer.name.clone(), hash))
    }

    /// Marks the workloads of a consumer for what is stored, and waits for their rollouts.
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
            let marks: Marks = peers
                .filter_map(|peer| Some((hash_annotation(peer), annotated_hash(stored(peer, expected)?)?)))
                .collect();
            if !marks.contains_key(hash_annotation(consumer.peer)) {
                return Err(impossible("there is no usable leaf to load").into());
            }
            wanted.push((name, marks));
        }
        let interrupted = || self.surroundings.interrupted();
        let may_write = || self.surroundings.may_write();
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
        let mut last = Loaded::Unknown("nothing was seen in time".to_owned());
        let looks = async {
            // What a server serves is seen without logging in.
            let depth = if consumer.peer == Peer::Server { Depth::Handshakes } else { Depth::Sessions };
            loop {
                let (scene, world) = match consumer.pickup {
                    // Only time tells.
                    ClusterPickup::Login => Default::default(),
                    ClusterPickup::Reload { .. } | ClusterPickup::Restart => self.see(expected, depth, limit).await?,
                };
                last = self.judge(consumer, expected, &scene, &world);
                if last.is_settled() || self.is_left_alone(consumer, expected, &last) {
                    return Ok(());
                }
                if begin.elapsed() >= RELOAD && matches!(consumer.pickup, ClusterPickup::Reload { .. }) {
                    self.look_for_refusal(expected, &scene, &world).await?;
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

/// Whether more than one authority is at hand or trusted: only then can a file that was read too early do harm.
fn authorities_change(peer: Peer, expected: Expected<'_>) -> bool {
    let generations = expected.inspection.authorities.present().map_or(0, Vec::len);
    let trusted = expected.inspection.leaf(peer).present().map_or(0, |leaf| leaf.trust.len());
    generations > 1 || trusted > 1
}

/// What is stored for a peer.
pub(super) fn stored(peer: Peer, expected: Expected<'_>) -> Option<&Material> {
    expected.snapshot.stored(peer.slot()).map(|stored| &stored.material)
}

impl<S: Surroundings> Consumers for ClusterConsumers<S> {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        // Which sessions last matters to the removal of an authority only, and looking for it takes its time.
        let single = expected.inspection.authorities.present().is_some_and(|authorities| authorities.len() == 1);
        let depth = if single { Depth::Sessions } else { Depth::LastingSessions };
        let scene = self.scene().await?;
        let database = self.database(&scene);
        let world = Box::pin(self.reach.see(database.as_ref(), expected.snapshot, depth)).await;
        let facts = |consumer: &ClusterConsumer| ConsumerFacts {
            name: consumer.name.clone(),
            peer: consumer.peer,
            loaded: self.judge(consumer, expected, &scene, &world),
        };
        let authorities = expected.inspection.authorities.present().map_or(&[][..], Vec::as_slice);
        Ok(Observation {
            consumers: self.consumers.iter().map(facts).collect(),
            issuers_in_use: judge::issuers(&world, authorities),
            reference: world.sights.iter().find_map(|sight| sight.look.as_ref()).map(|look| look.clock),
        })
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
            self.told.borrow_mut().insert((consumer.name.clone(), hash));
        }
        Ok(())
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let consumer = self.find(consumer)?;
        let name = || consumer.name.clone();
        match Box::pin(self.wait(consumer, expected, limit)).await? {
            Loaded::Current | Loaded::EachLogin | Loaded::NotRunning => Ok(()),
            Loaded::Stale(reason) => {
                let reason = RemoteText::within(&reason, REASON_MAX);
                Err(PickUpError::Stale { consumer: name(), reason }.into())
            }
            Loaded::Unknown(reason) => {
                let reason = RemoteText::within(&reason, REASON_MAX);
                Err(PickUpError::Unobserved { consumer: name(), reason, waited: limit }.into())
            }
        }
    }
}
