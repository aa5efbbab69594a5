//! A reload: wait until the kubelet has brought the files to every server, have them read again, and find out whether
//! they were refused. All of it through the database's own connection.

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

/// What a fallback has of a step's time. The rest is for the kubelet, which may take 90 s: a shorter wait would restart a
/// server that was about to have its files.
const FALLBACK: Duration = Duration::from_secs(60);

/// Between the files' arrival and the reload. PostgreSQL tells the time of a file in whole seconds (`pg_stat_file`), and in a
/// cluster no record stays: a later look could not tell a reload in the same second from one before the files came.
const SECOND: Duration = Duration::from_secs(1);

impl ClusterConsumers {
    /// Reloads every server once it has the files. Where they never arrive, restarts, if that is wanted.
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
                Err(PickUpError::NobodyAdmitted { consumer: consumer.name.clone(), target, refusal: failure }.into())
            }
            Err(failure) => Err(failure),
        }
    }

    /// Waits until every server has the stored certificate and bundle as files; the endpoints that have.
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
            // Pods come and go while one waits.
            let pods = self.pods_seen().await?;
            let database = self.database(&pods).ok_or_else(|| impossible(consumer, "no database is configured"))?;
            if let (true, false, Some(target)) = (nudge, nudged, &consumer.target) {
                self.nudge_all(target, &pods, material).await?;
                nudged = true;
            }
            let missing = match first_without(&database, client, material).await {
                None => return Ok(database),
                // Rights do not come with time.
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

/// What a person must mend is not mended by a restart; the same goes for a wish to stop. A server that accepts nobody's
/// certificate has loaded what has ended: what is stored is newer, and was rehearsed.
fn is_mended_by_restart(failure: &Failure) -> bool {
    matches!(failure.class(), Class::Temporary | Class::ProofFailed) || failure.code() == Code::ClientLeafRefused
}

fn impossible(consumer: &ClusterConsumer, reason: &'static str) -> PickUpError {
    PickUpError::Impossible { consumer: consumer.name.clone(), reason }
}

fn without_client(consumer: &ClusterConsumer) -> PickUpError {
    impossible(consumer, "no client leaf is stored")
}
