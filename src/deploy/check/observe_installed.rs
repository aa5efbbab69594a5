//! Collects the facts of an installed stack: nothing is changed in the cluster, and no private key is read into this program.

use std::collections::BTreeMap;
use std::path::Path;

use base64ct::{Base64, Encoding};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use futures_util::stream;
use kubernetes::api::call::Call;
use kubernetes::api::object::{OwnerReference, controller};
use kubernetes::api::questions::version;
use kubernetes::api::resource::Resource;
use rotation::manifests::{NAME, ROTATION_JOBS};
use rotation::pki::verify::Usage;
use serde::Deserialize;
use serde_json::Value;
use stack::components::{backstage, postgres};
use stack::object;
use stack::settings::Settings;
use stack::settings::database::DatabaseServer;
use stack::settings::rotation::{CLIENT_SECRET, SERVER_SECRET};

use crate::check::after::{AfterFacts, InstalledFacts};
use crate::check::certificates::{InstalledLeaf, PublicLeaf};
use crate::check::health::HealthFacts;
use crate::check::kept::with_rendered;
use crate::check::line::{Known, known};
use crate::check::observe::{AT_ONCE, listed, unknown};
use crate::check::observe_ingress;
use crate::check::operation::OperationFacts;
use crate::check::tried::{ProbeOutcome, TriedFacts};
use crate::cluster::{REQUEST, StackCluster};
use crate::keeper::{self, StackKeeper};
use crate::observe::TELLING;
use crate::plan::desired::DesiredObject;
use crate::text;

/// How the name of a CronJob tells that it takes backups.
const BACKUP_WORDS: [&str; 3] = ["backup", "dump", "snapshot"];

/// The public part of a Secret. The other values, the private key among them, are skipped while the answer is read.
#[derive(Debug, Deserialize)]
struct PublicSecret {
    #[serde(default)]
    data: Option<PublicData>,
}

#[derive(Debug, Default, Deserialize)]
struct PublicData {
    #[serde(rename = "tls.crt", default)]
    certificate: String,
    #[serde(rename = "ca.crt", default)]
    bundle: String,
}

/// An installed stack, and how its leaves are read.
#[derive(Debug, Clone, Copy)]
pub struct InstalledStack<'a> {
    /// The stack.
    pub settings: &'a Settings,
    /// What it renders.
    pub desired: &'a [DesiredObject],
    /// A folder with the public part of the leaves, for an account that may read no Secret.
    pub certificates: Option<&'a Path>,
}

/// Everything that is known of an installed stack.
pub async fn installed(
    cluster: &StackCluster,
    stack: InstalledStack<'_>,
    outcomes: Option<Vec<ProbeOutcome>>,
    now: DateTime<Utc>,
) -> AfterFacts {
    let InstalledStack { settings, desired, .. } = stack;
    let namespace = settings.namespace.as_str();
    let server = known(version(cluster.client(), REQUEST).await);
    let is_reachable = server.is_ok();
    let (keeper, objects) = if is_reachable { objects(cluster, desired).await } else { (None, Vec::new()) };
    let claims = listed(cluster, is_reachable, "v1", "PersistentVolumeClaim", namespace).await;
    let postgres = match &settings.database.server {
        DatabaseServer::Installed(postgres) => Some(postgres),
        DatabaseServer::Existing(_) => None,
    };
    let leaves = leaves(cluster, stack, postgres.is_some(), is_reachable).await;
    let stored = |secret: &str| {
        let leaf = leaves.iter().find(|leaf| leaf.secret == secret)?;
        leaf.stored.clone().ok().flatten()
    };
    let tried = TriedFacts {
        outcomes,
        namespace: namespace.to_owned(),
        role: settings.database.role.to_string(),
        server: stored(SERVER_SECRET),
        client: stored(CLIENT_SECRET),
        runs_database: postgres.is_some(),
        needs_newest_tls: postgres.is_some_and(|postgres| {
            postgres.parameters.get("ssl_min_protocol_version").is_some_and(|version| version == "TLSv1.3")
        }),
    };
    let jobs = jobs(cluster, namespace, &objects).await;
    AfterFacts {
        now,
        namespace: namespace.to_owned(),
        keeper,
        objects,
        claims: claims.map(|claims| claims.into_iter().filter(is_of_postgres).collect()),
        leaves,
        ingress: observe_ingress::ingress(cluster, settings, is_reachable).await,
        tried,
        health: health(settings),
        operation: OperationFacts {
            jobs,
            budget: settings.database.budget,
            has_database: postgres.is_some(),
            backups: backups(cluster, namespace, is_reachable).await,
            postgres_image: postgres.map(|postgres| postgres.image.as_str().to_owned()),
        },
        server,
    }
}

/// The workloads as the components render them.
fn health(settings: &Settings) -> HealthFacts {
    let objects = backstage::objects(settings).into_iter().chain(postgres::objects(settings));
    let workloads = objects.filter(|object| ["Deployment", "StatefulSet"].contains(&object.kind()));
    HealthFacts { rendered: workloads.map(|object| (object.title(), object.value().clone())).collect() }
}

/// The rendered objects, and the other tool that keeps them. What cannot be made again is the business of none: that tool may have
/// found the namespace where it is.
async fn objects(cluster: &StackCluster, desired: &[DesiredObject]) -> (Option<StackKeeper>, Vec<InstalledFacts>) {
    let (again, once): (Vec<_>, Vec<_>) = desired.iter().partition(|object| !object.key.is_kept());
    let mut seen = read(cluster, again).await;
    let telling = seen.iter().filter(|(object, _)| TELLING.contains(&object.key.kind.as_str()));
    let keeper = telling.filter_map(|(_, live)| live.as_ref().ok()?.as_ref()).find_map(keeper::keeper);
    if keeper.is_none() {
        seen.extend(read(cluster, once).await);
    }
    let is_kept = keeper.is_some();
    let facts = stream::iter(seen).map(|(object, live)| facts(cluster, object, live, is_kept)).buffered(AT_ONCE);
    (keeper, facts.collect().await)
}

async fn read<'a>(
    cluster: &StackCluster,
    desired: Vec<&'a DesiredObject>,
) -> Vec<(&'a DesiredObject, Known<Option<Value>>)> {
    let live = async |object: &'a DesiredObject| {
        let live = cluster.read(&object.api_version, &object.key).await;
        (object, live.map_err(|failure| unknown(&failure)))
    };
    stream::iter(desired).map(live).buffered(AT_ONCE).collect().await
}

async fn facts(
    cluster: &StackCluster,
    object: &DesiredObject,
    live: Known<Option<Value>>,
    is_kept: bool,
) -> InstalledFacts {
    // What is missing cannot differ, and a Job that has ended is removed by Kubernetes after a while.
    let applied = match &live {
        Ok(Some(live)) if is_kept && object.key.kind != "Job" => Some(Ok(with_rendered(live, &object.value))),
        Ok(Some(_)) if object.key.kind != "Job" => {
            Some(cluster.apply(&object.value, true).await.map_err(|failure| unknown(&failure)))
        }
        Ok(_) | Err(_) => None,
    };
    InstalledFacts { title: object.key.to_string(), kind: object.key.kind.clone(), live, applied }
}

fn is_of_postgres(claim: &Value) -> bool {
    object::text(claim, "/metadata/name").ends_with("-postgres-0")
}

async fn leaves(
    cluster: &StackCluster,
    InstalledStack { settings, certificates, .. }: InstalledStack<'_>,
    has_server: bool,
    is_reachable: bool,
) -> Vec<InstalledLeaf> {
    let seconds = i64::try_from(settings.rotation.rotate_after.seconds()).unwrap_or(i64::MAX);
    let rotate_after = TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
    let mut stored: BTreeMap<&'static str, Known<Option<PublicLeaf>>> = BTreeMap::new();
    for secret in [SERVER_SECRET, CLIENT_SECRET] {
        let leaf = match certificates {
            Some(folder) => mounted_leaf(&folder.join(secret)),
            None if is_reachable => public_leaf(cluster, settings.namespace.as_str(), secret).await,
            None => continue,
        };
        stored.insert(secret, leaf);
    }
    let bundle = |secret: &str| stored.get(secret)?.as_ref().ok()?.as_ref().map(|leaf| leaf.bundle.clone());
    let leaf = |secret: &'static str, usage, peer: &str| InstalledLeaf {
        secret,
        usage,
        rotate_after,
        stored: stored.get(secret).cloned().unwrap_or(Ok(None)),
        trusted_by: bundle(peer),
    };
    let mut leaves = vec![leaf(CLIENT_SECRET, Usage::Client, SERVER_SECRET)];
    if has_server {
        leaves.insert(0, leaf(SERVER_SECRET, Usage::Server, CLIENT_SECRET));
    }
    leaves
}

/// The same from files, as the kubelet mounts them.
fn mounted_leaf(folder: &Path) -> Known<Option<PublicLeaf>> {
    let certificate = folder.join("tls.crt");
    if !certificate.exists() {
        return Ok(None);
    }
    let file = |path: &Path| text::read_bytes(path).map_err(|failure| unknown(&failure));
    Ok(Some(PublicLeaf { certificate: file(&certificate)?, bundle: file(&folder.join("ca.crt"))? }))
}

async fn public_leaf(cluster: &StackCluster, namespace: &str, secret: &str) -> Known<Option<PublicLeaf>> {
    let call = Call::get(Resource::Secret, namespace, secret);
    let read = known(call.read::<PublicSecret>(cluster.client(), REQUEST).await)?;
    let Some(data) = read.and_then(|read| read.object.data) else { return Ok(None) };
    let decoded = |text: &str| Base64::decode_vec(text).unwrap_or_default();
    Ok(Some(PublicLeaf { certificate: decoded(&data.certificate), bundle: decoded(&data.bundle) }))
}

/// The Jobs of the CronJob: anyone can set the labels, but only the owner reference counts.
async fn jobs(cluster: &StackCluster, namespace: &str, objects: &[InstalledFacts]) -> Known<Vec<Value>> {
    let title = format!("CronJob {namespace}/{NAME}");
    let Some(cron_job) = objects.iter().find(|object| object.title == title) else { return Ok(Vec::new()) };
    let Some(cron_job) = cron_job.live.clone()? else { return Ok(Vec::new()) };
    let jobs = cluster.labelled(("batch/v1", "Job"), namespace, ROTATION_JOBS).await;
    let mut jobs = jobs.map_err(|failure| unknown(&failure))?;
    jobs.retain(|job| is_made_by(object::text(&cron_job, "/metadata/uid"), job));
    Ok(jobs)
}

fn is_made_by(maker: &str, object: &Value) -> bool {
    let owners = object.pointer("/metadata/ownerReferences").cloned().unwrap_or_default();
    let owners: Vec<OwnerReference> = serde_json::from_value(owners).unwrap_or_default();
    controller(&owners).is_some_and(|uid| uid.as_str() == maker)
}

async fn backups(cluster: &StackCluster, namespace: &str, is_reachable: bool) -> Known<Vec<String>> {
    let cron_jobs = listed(cluster, is_reachable, "batch/v1", "CronJob", namespace).await?;
    let named = cron_jobs.iter().map(|cron_job| object::text(cron_job, "/metadata/name").to_owned());
    let mut found: Vec<String> = named.filter(|name| BACKUP_WORDS.iter().any(|word| name.contains(word))).collect();
    let snapshots = listed(cluster, is_reachable, "snapshot.storage.k8s.io/v1", "VolumeSnapshot", namespace).await?;
    found.extend(snapshots.iter().map(|snapshot| object::text(snapshot, "/metadata/name").to_owned()));
    Ok(found)
}
