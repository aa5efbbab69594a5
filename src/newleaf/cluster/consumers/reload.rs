//! A reload: wait until the kubelet has delivered the files to every server, make PostgreSQL read them again, and find out
//! whether it refused them. All of it over connections to the database.

use std::time::Duration;

use base::diagnosis::{Class, Code, Failure};
use kubernetes::pod_requests;
use rotation::document::Database;
use rotation::document::cluster::{ClusterConsumer, Target};
use rotation::engine::facts::Peer;
use rotation::engine::material::Material;
use rotation::engine::ports::Expected;
use rotation::manifests::PROJECTED;
use tokio::time::Instant;

use crate::cluster::consumers::hashes::annotated_hash;
use crate::cluster::consumers::pickup_error::PickUpError;
use crate::cluster::consumers::pods_seen::PodsSeen;
use crate::cluster::consumers::restart::REQUEST;
use crate::cluster::consumers::{ClusterConsumers, pause};
use crate::evidence::first_without;
use crate::postgres::endpoints::{self, CALL};

/// The part of a step's time for the fallback. The rest is for the kubelet, which may take 90 s: a shorter wait would restart
/// a server that is about to get its files.
const FALLBACK: Duration = Duration::from_secs(60);

/// The pause between the arrival of the files and the reload. PostgreSQL reports the time of a file in whole seconds
/// (`pg_stat_file`), and a cluster keeps no record of reloads: a later observation could not distinguish a reload in the same
/// second from one before the files arrived.
const SECOND: Duration = Duration::from_secs(1);

impl ClusterConsumers {
    /// Reloads every server once it has the files. If they do not arrive, restarts it if the fallback allows that.
    pub(super) async fn reload(
        &self,
        consumer: &ClusterConsumer,
        expected: Expected<'_>,
        (nudge, fallback): (bool, bool),
        limit: Duration,
    ) -> Result<(), Failure> {
        let begin = Instant::now();
        let first_limit = if fallback { limit.saturating_sub(FALLBACK).max(limit / 2) } else { limit };
        let arrived = Box::pin(self.await_files(consumer, expected, nudge, first_limit)).await;
        match arrived {
            Ok(database) => {
                let client = endpoints::client(expected.snapshot).ok_or_else(|| without_client(consumer))?;
                tokio::time::sleep(SECOND).await;
                let calls = u32::try_from(2 * database.endpoints.len()).unwrap_or(u32::MAX).max(1);
                Ok(endpoints::reload(
                    &database,
                    client,
                    limit.saturating_sub(begin.elapsed()).min(CALL * calls) / calls,
                )
                .await?)
            }
            Err(failure) if fallback && is_mended_by_restart(&failure) => {
                self.restart(consumer, expected, limit.saturating_sub(begin.elapsed())).await
            }
            Err(failure) if failure.code() == Code::ClientLeafRefused => {
                let target = consumer.target.clone();
                Err(PickUpError::AllLoginsRefused { consumer: consumer.name.clone(), target, refusal: failure }.into())
            }
            Err(failure) => Err(failure),
        }
    }

    /// Waits until every server has the stored certificate and bundle as files. Returns the database with these endpoints.
    async fn await_files(
        &self,
        consumer: &ClusterConsumer,
        expected: Expected<'_>,
        nudge: bool,
        limit: Duration,
    ) -> Result<Database, Failure> {
        let begin = Instant::now();
        let material =
            expected.material(Peer::Server).ok_or_else(|| impossible(consumer, "no server leaf is stored"))?;
        let client = endpoints::client(expected.snapshot).ok_or_else(|| without_client(consumer))?;
        let mut nudged = false;
        loop {
            // Pods come and go during the wait.
            let pods = self.pods_seen().await?;
            let database = self.database(&pods).ok_or_else(|| impossible(consumer, "no database is configured"))?;
            if let (true, false, Some(target)) = (nudge, nudged, &consumer.target) {
                self.nudge_all(target, &pods, material).await?;
                nudged = true;
            }
            let missing = match first_without(&database, client, material).await {
                None => return Ok(database),
                // Waiting does not grant a missing right.
                Some(Err(failure)) if failure.class() == Class::Denied => return Err(failure),
                Some(missing) => missing,
            };
            self.stop.check(&consumer.name)?;
            let left = limit.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Err(match missing {
                    Err(failure) => failure,
                    Ok((endpoint, what)) => {
                        PickUpError::NotProjected { endpoint, what, waited: begin.elapsed() }.into()
                    }
                });
            }
            tokio::time::sleep(pause::after(begin.elapsed()).min(left)).await;
        }
    }

    async fn nudge_all(&self, target: &Target, pods: &PodsSeen, material: &Material) -> Result<(), Failure> {
        let Some(hash) = annotated_hash(material) else { return Ok(()) };
        for pod in pods.pods_of(target).unwrap_or_default().into_iter().filter(|pod| !pod.ending) {
            // Any change of a pod makes its kubelet look at the Secrets now.
            pod_requests::annotate(&self.client, &target.namespace, pod, (PROJECTED, &hash), REQUEST).await?;
        }
        Ok(())
    }
}

/// Whether a restart helps. It does not help if a person must repair something, or if the run should stop. A server that
/// refuses every certificate has loaded expired files; the stored ones are newer, and newleaf has rehearsed them.
fn is_mended_by_restart(failure: &Failure) -> bool {
    matches!(failure.class(), Class::Temporary | Class::ProofFailed) || failure.code() == Code::ClientLeafRefused
}

fn impossible(consumer: &ClusterConsumer, reason: &'static str) -> PickUpError {
    PickUpError::Impossible { consumer: consumer.name.clone(), reason }
}

fn without_client(consumer: &ClusterConsumer) -> PickUpError {
    impossible(consumer, "no client leaf is stored")
}
