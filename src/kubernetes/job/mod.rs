//! A forced rotation from outside of the cluster: a Job made from the CronJob's own template, followed to its end. The
//! authority's key stays where it is. And how the CronJob's last runs went.
//!
//! | File | Subject |
//! |---|---|
//! | [`template`] | the Job that is made. Pure |
//! | [`outcome`] | what Job and pods say: how it ended, why it does not start. Pure |
//! | [`runs`] | what CronJob and Jobs say about the last run and the next one. Pure |
//! | [`log`] | the pods' log, line by line, across lost connections |
//! | [`error`] | what can go wrong, each with its code |

pub mod error;
pub mod log;
pub mod outcome;
pub mod runs;
pub mod template;

use std::time::Duration;

use chrono::{DateTime, Utc};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, PostParams};
use kube::{Api, Client};
use tokio::time::{Instant, sleep};

use crate::kubernetes::api::call::Call;
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::job::error::JobError;
use crate::kubernetes::job::log::Log;
use crate::kubernetes::job::outcome::{Trouble, ended, trouble};
use crate::kubernetes::job::runs::Runs;
use crate::kubernetes::manifests::{NAME, ROTATION_JOBS};
use crate::rotation::request::Force;

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(10);
/// How long it is tried to make the Job while the API server does not answer.
const CREATING: Duration = Duration::from_secs(60);
/// How often Job and pods are looked at.
const PAUSE: Duration = Duration::from_millis(500);
/// How much longer than the Job itself is waited for it.
const BEYOND_THE_JOB: Duration = Duration::from_secs(60);
/// How long a Job without a deadline of its own is waited for.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(60 * 60);

/// How it went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The Job runs; nobody waits for it.
    Started,
    /// The container ended with this exit code.
    Exited(u8),
}

/// A Job in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its name.
    pub name: String,
    /// Whether it was there already: the same rotation was asked for before.
    pub existed: bool,
    limit: Duration,
}

/// The Jobs of one namespace.
#[derive(Clone)]
pub struct Jobs {
    client: Client,
    namespace: String,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Jobs {
    /// Those of a namespace.
    pub const fn new(client: Client, namespace: String) -> Self {
        Self { client, namespace }
    }

    /// Makes the Job of a rotation, forced or not; that of a forced one may be there already and is then taken as it is.
    pub async fn start(&self, force: Option<&Force>) -> Result<Started, JobError> {
        let absent = || JobError::NoCronJob { namespace: self.namespace.clone() };
        let cron_job = self.cron_job().await?.ok_or_else(absent)?;
        let job = template::job(&cron_job, force).ok_or(JobError::TemplateUnusable)?;
        let wanted = job.metadata.name.clone();
        let deadline = job.spec.as_ref().and_then(|spec| spec.active_deadline_seconds);
        let deadline = deadline.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
        let limit = deadline.map_or(WITHOUT_DEADLINE, |deadline| deadline + BEYOND_THE_JOB);
        let begin = Instant::now();
        let jobs: Api<Job> = Api::namespaced(self.client.clone(), &self.namespace);
        let (name, existed) = loop {
            let call = self.call("create", "batch", "jobs", wanted.as_deref());
            match call.send(REQUEST, jobs.create(&PostParams::default(), &job)).await {
                Ok(made) => break (made.metadata.name.unwrap_or_default(), false),
                Err(KubernetesError::Conflict { .. }) => break (wanted.unwrap_or_default(), true),
                // It may have been made nevertheless; then the next try finds it.
                Err(error) if passes(&error) && begin.elapsed() < CREATING => sleep(PAUSE).await,
                Err(error) => return Err(error.into()),
            }
        };
        Ok(Started { name, existed, limit })
    }

    /// Hands each line of the Job's log to `line`, and waits for the Job's end. A lost connection is made again.
    pub async fn follow(&self, started: &Started, line: &mut dyn FnMut(&str)) -> Result<Ended, JobError> {
        let begin = Instant::now();
        let mut log = Log::default();
        let mut troubled: Option<(Trouble, Instant)> = None;
        loop {
            match self.look(&started.name).await {
                Ok((job, pods)) => {
                    self.tell(&pods, &mut log, line).await?;
                    if let Some(code) = ended(&job, &pods) {
                        return Ok(Ended::Exited(code));
                    }
                    troubled = match (trouble(&pods), troubled) {
                        (Some(now), Some((before, since))) if now.reason == before.reason => Some((now, since)),
                        (now, _) => now.map(|now| (now, Instant::now())),
                    };
                }
                Err(error) if passes(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if let Some((trouble, _)) = troubled.as_ref().filter(|(trouble, since)| since.elapsed() >= trouble.patience)
            {
                return Err(JobError::Stuck { job: started.name.clone(), trouble: trouble.clone() });
            }
            if begin.elapsed() >= started.limit {
                return Err(JobError::Unfinished { job: started.name.clone(), limit: started.limit });
            }
            sleep(PAUSE).await;
        }
    }

    /// How the runs of the CronJob go; `None` where there is no CronJob.
    pub async fn runs(&self, now: DateTime<Utc>) -> Result<Option<Runs>, KubernetesError> {
        let Some(cron_job) = self.cron_job().await? else { return Ok(None) };
        let jobs: Api<Job> = Api::namespaced(self.client.clone(), &self.namespace);
        let made = ListParams::default().labels(ROTATION_JOBS);
        let listed = self.call("list", "batch", "jobs", None).send(REQUEST, jobs.list(&made)).await?;
        Ok(Some(Runs::of(&cron_job, &listed.items, now)))
    }

    async fn cron_job(&self) -> Result<Option<CronJob>, KubernetesError> {
        let api: Api<CronJob> = Api::namespaced(self.client.clone(), &self.namespace);
        self.call("get", "batch", "cronjobs", Some(NAME)).send(REQUEST, api.get_opt(NAME)).await
    }

    /// The Job and its pods, oldest first.
    async fn look(&self, name: &str) -> Result<(Job, Vec<Pod>), KubernetesError> {
        let jobs: Api<Job> = Api::namespaced(self.client.clone(), &self.namespace);
        let job = self.call("get", "batch", "jobs", Some(name)).send(REQUEST, jobs.get(name)).await?;
        let selected = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={name}"));
        let listed = self.call("list", "", "pods", None).send(REQUEST, self.pods().list(&selected)).await?;
        let mut pods = listed.items;
        pods.sort_by_key(|pod| (pod.metadata.creation_timestamp.clone(), pod.metadata.name.clone()));
        Ok((job, pods))
    }

    /// Hands on what the pods have written and was not told yet; returns when the last of them ends or the line is cut.
    async fn tell(&self, pods: &[Pod], log: &mut Log, line: &mut dyn FnMut(&str)) -> Result<(), JobError> {
        for pod in pods.iter().filter(|pod| outcome::has_started(pod)) {
            let name = pod.metadata.name.as_deref().unwrap_or_default();
            let call = self.call("get", "", "pods/log", Some(name));
            match log.read(&self.pods(), pod, call, line).await {
                Err(KubernetesError::NotFound { .. }) | Ok(()) => {}
                Err(error) if passes(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    fn call(&self, verb: &'static str, group: &'static str, resource: &'static str, name: Option<&str>) -> Call {
        Call { verb, group, resource, namespace: self.namespace.clone(), name: name.map(str::to_owned) }
    }
}

/// Whether an error may be gone at the next try.
const fn passes(error: &KubernetesError) -> bool {
    matches!(
        error,
        KubernetesError::Unreachable { .. }
            | KubernetesError::Timeout { .. }
            | KubernetesError::Answered { code: 429 | 500.., .. }
    )
}
