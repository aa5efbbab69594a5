//! A rotation started from outside the cluster: newleaf creates a Job from the CronJob's template and follows it to its
//! end. The authority's key stays in the cluster. This module also reads how the CronJob's last runs ended.
//!
//! | File | Subject |
//! |---|---|
//! | [`template`] | the Job that newleaf creates. Pure |
//! | [`outcome`] | how a Job ended or why it does not start, from the Job and its pods. Pure |
//! | [`problem_timer`] | when newleaf reports a problem, and when it stops waiting. Pure |
//! | [`runs`] | the last run and the next one, from the CronJob and its Jobs. Pure |
//! | [`log`] | the pods' log, line by line, across lost connections |
//! | [`error`] | the errors, each with its code |

pub mod error;
pub mod log;
pub mod outcome;
pub mod problem_timer;
pub mod runs;
#[cfg(test)]
mod samples;
pub mod template;

use std::ops::ControlFlow;
use std::time::Duration;

use base::diagnosis::{Class, Diagnose, RemoteText};
use chrono::{DateTime, Utc};
use k8s_openapi::api::batch::v1::{CronJob, Job as NewJob};
use kube::Client;
use kubernetes::api::call::Call;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::object::{ReadObject, Uid};
use kubernetes::api::read::Selection;
use kubernetes::api::resource::Resource;
use kubernetes::pod_requests::of_job;
use kubernetes::warning::{self, WarningEvent};
use kubernetes::wire::job::Job;
use kubernetes::wire::pod::Pod;
use rotation::manifests::{NAME, ROTATION_JOBS};
use tokio::time::{Instant, sleep};

use crate::cluster::job::error::JobError;
use crate::cluster::job::log::Log;
use crate::cluster::job::outcome::{JobProblem, ended, is_idle, problem};
use crate::cluster::job::problem_timer::{Action, ProblemTimer};
use crate::cluster::job::runs::{LastRun, Runs};
use crate::cluster::job::template::JobRequest;

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(10);
/// How long newleaf tries to create the Job while the API server does not answer.
const CREATING: Duration = Duration::from_secs(60);
/// How many Jobs one forced rotation may have. Each further Job follows one that has failed.
const ATTEMPTS: u32 = 100;
/// The pause between two reads of the Job and its pods.
const PAUSE: Duration = Duration::from_millis(500);
/// How much longer than the Job's own deadline newleaf waits.
const BEYOND_THE_JOB: Duration = Duration::from_secs(60);
/// How long newleaf waits for a Job without a deadline.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(60 * 60);
/// How long newleaf tries to read the last lines of a Job that has ended.
const LAST_LINES: Duration = Duration::from_secs(10);

/// A Job that newleaf started or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The name of the Job.
    pub name: String,
    /// Whether the Job existed already, because the operator asked for the same rotation before.
    pub existed: bool,
    uid: Uid,
    limit: Duration,
}

/// A Job, its pods from the oldest to the newest, and the API server's time.
struct JobSeen {
    job: Job,
    pods: Vec<Pod>,
    at: Option<DateTime<Utc>>,
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
    pub const fn new(client: Client, namespace: String) -> Self {
        Self { client, namespace }
    }

    /// Creates the Job of a rotation. The Job of a forced rotation may exist already; newleaf then follows it, unless it has
    /// failed, waits for its next try or gets no pod. In that case newleaf creates another Job for the same rotation, so that
    /// the log of the first stays.
    pub async fn start(&self, wanted: &JobRequest<'_>) -> Result<Started, JobError> {
        let absent = || JobError::NoCronJob { namespace: self.namespace.clone() };
        let cron_job = self.cron_job().await?.ok_or_else(absent)?;
        let mut job = template::job(&cron_job.object, wanted).ok_or(JobError::TemplateUnusable)?;
        let limit = match deadline(&job) {
            Some(deadline) => deadline.saturating_add(BEYOND_THE_JOB),
            None => WITHOUT_DEADLINE,
        };
        for attempt in 1..=ATTEMPTS {
            job.metadata.name = template::name(wanted, attempt);
            let (there, existed) = self.make(&job).await?;
            let (name, uid) = (there.metadata.name.to_string(), there.metadata.uid.clone());
            let is_ours = there.is_of(cron_job.guard.uid());
            if !existed || (is_ours && !self.is_idle(&name, &uid).await?) {
                return Ok(Started { name, existed, uid, limit });
            }
        }
        Err(JobError::TooMany { job: job.metadata.name.unwrap_or_default(), attempts: ATTEMPTS })
    }

    /// Whether no pod of an existing Job is running. Asks again for up to [`CREATING`] while the API server does not answer.
    async fn is_idle(&self, name: &str, uid: &Uid) -> Result<bool, JobError> {
        let begin = Instant::now();
        loop {
            match self.look(name, uid).await {
                Ok(JobSeen { job, pods, at }) => return Ok(is_idle(&job, &pods, at)),
                // It has been deleted meanwhile.
                Err(KubernetesError::NotFound { .. }) => return Ok(true),
                Err(error) if passes(&error) && begin.elapsed() < CREATING => sleep(PAUSE).await,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Creates a Job, or reads the existing one of that name. Returns which of the two. Retries for up to [`CREATING`].
    async fn make(&self, job: &NewJob) -> Result<(Job, bool), JobError> {
        let begin = Instant::now();
        loop {
            let error = match self.make_once(job).await {
                Ok(there) => return Ok(there),
                Err(error) => error,
            };
            // A Job may exist although the API server did not answer the create request: the next try finds it. If the
            // conflicting Job cannot be read, it has just been deleted, or the conflict was about another object.
            let is_conflict = matches!(error, KubernetesError::Conflict { .. }) && job.metadata.name.is_some();
            if !(is_conflict || passes(&error)) || begin.elapsed() >= CREATING {
                return Err(error.into());
            }
            sleep(PAUSE).await;
        }
    }

    async fn make_once(&self, job: &NewJob) -> Result<(Job, bool), KubernetesError> {
        let create = Call::create(Resource::Job, &self.namespace);
        let conflict = match create.make::<Job>(&self.client, job, REQUEST).await {
            Ok(made) => return Ok((made.object, false)),
            Err(conflict @ KubernetesError::Conflict { .. }) => conflict,
            Err(error) => return Err(error),
        };
        let Some(name) = &job.metadata.name else { return Err(conflict) };
        match Call::get(Resource::Job, &self.namespace, name).read::<Job>(&self.client, REQUEST).await? {
            Some(there) => Ok((there.object, true)),
            None => Err(conflict),
        }
    }

    /// Passes each line of the Job's log to `line` and waits for the end of the Job, at most until its limit. Returns the exit
    /// code. It reopens a lost connection.
    pub async fn follow(&self, started: &Started, line: &mut dyn FnMut(&RemoteText)) -> Result<u8, JobError> {
        let begin = Instant::now();
        let mut end = None;
        let mut log = Log::default();
        let mut problem_timer = ProblemTimer::default();
        loop {
            let problem = match self.see(started, &mut log, &mut end, line).await {
                Ok(ControlFlow::Break(code)) => return Ok(code),
                Ok(ControlFlow::Continue(problem)) => problem,
                Err(error) if passes(&error) => Some(JobProblem::unreachable(&error)),
                Err(error) => return Err(error.into()),
            };
            match problem_timer.see(problem, Instant::now()) {
                Action::Wait => {}
                Action::Tell(problem) => line(&RemoteText::new(&format!("waiting: {problem}"))),
                Action::GiveUp(problem) => return Err(JobError::Stuck { job: started.name.clone(), problem }),
            }
            if begin.elapsed() >= started.limit {
                return Err(JobError::Unfinished { job: started.name.clone(), limit: started.limit });
            }
            sleep(PAUSE).await;
        }
    }

    /// Reads the Job, its pods and the new lines of its log. Returns the exit code once the log is complete; until then the
    /// present problem. `end` is the time at which newleaf first saw the Job ended.
    async fn see(
        &self,
        started: &Started,
        log: &mut Log,
        end: &mut Option<Instant>,
        line: &mut dyn FnMut(&RemoteText),
    ) -> Result<ControlFlow<u8, Option<JobProblem>>, KubernetesError> {
        let JobSeen { job, pods, .. } = self.look(&started.name, &started.uid).await?;
        let whole = self.tell(&pods, log, line).await?;
        if let Some(code) = ended(&job, &pods) {
            let waited = end.get_or_insert_with(Instant::now).elapsed();
            let done = whole || waited >= LAST_LINES;
            return Ok(if done { ControlFlow::Break(code) } else { ControlFlow::Continue(None) });
        }
        let warning = self.warning(&started.uid, &pods).await?;
        Ok(ControlFlow::Continue(problem(&job, &pods, warning)))
    }

    /// The runs of the CronJob. `None` if there is no CronJob.
    pub async fn runs(&self, now: DateTime<Utc>) -> Result<Option<Runs>, KubernetesError> {
        let Some(cron_job) = self.cron_job().await? else { return Ok(None) };
        let selection = Selection { labels: ROTATION_JOBS.to_owned(), ..Selection::default() };
        let mut last: Option<LastRun> = None;
        let keep = |job: Job| {
            // A label proves nothing; the owner reference does.
            let run = runs::last_run(&job).filter(|_| job.is_of(cron_job.guard.uid()));
            last = last.take().into_iter().chain(run).max_by_key(|run| run.created);
        };
        Call::list(Resource::Job, &self.namespace).each(&self.client, &selection, REQUEST, keep).await?;
        Ok(Some(Runs::of(&cron_job.object, last, now)))
    }

    async fn cron_job(&self) -> Result<Option<ReadObject<CronJob>>, KubernetesError> {
        Call::get(Resource::CronJob, &self.namespace, NAME).read(&self.client, REQUEST).await
    }

    /// Reads a Job and its pods. A new Job under the same name counts as not found.
    async fn look(&self, name: &str, uid: &Uid) -> Result<JobSeen, KubernetesError> {
        let call = Call::get(Resource::Job, &self.namespace, name);
        let ReadObject { object: job, answered: at, .. } =
            call.clone().read_present::<Job>(&self.client, REQUEST).await?;
        if job.metadata.uid != *uid {
            return Err(KubernetesError::NotFound { call });
        }
        let pods = of_job(&self.client, &self.namespace, uid, REQUEST).await?;
        Ok(JobSeen { job, pods, at })
    }

    /// The last warning of Kubernetes about the pod that does not start, or about the Job that gets no pod.
    async fn warning(&self, job: &Uid, pods: &[Pod]) -> Result<Option<WarningEvent>, KubernetesError> {
        let object = match pods.last() {
            None => job,
            Some(pod) if outcome::has_started(pod) => return Ok(None),
            Some(pod) => &pod.metadata.uid,
        };
        warning::last(&self.client, &self.namespace, object, REQUEST).await
    }

    /// Passes on the new lines of the pods' logs. Returns when the last pod ends or the connection breaks, with whether the
    /// logs are complete.
    async fn tell(
        &self,
        pods: &[Pod],
        log: &mut Log,
        line: &mut dyn FnMut(&RemoteText),
    ) -> Result<bool, KubernetesError> {
        let mut whole = true;
        for pod in pods.iter().filter(|pod| outcome::has_started(pod)) {
            whole &= match log.read(&self.client, &self.namespace, pod, line).await {
                Ok(whole) => whole,
                Err(KubernetesError::NotFound { .. }) => true,
                // A kubelet that has just started may not know yet that the container has started.
                Err(KubernetesError::Refused { code: 400, .. }) => false,
                Err(error) if passes(&error) => false,
                Err(error) => return Err(error),
            };
        }
        Ok(whole)
    }
}

/// The deadline of a Job according to its specification.
fn deadline(job: &NewJob) -> Option<Duration> {
    let seconds = job.spec.as_ref()?.active_deadline_seconds?;
    Some(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Whether a retry may succeed. A person's credentials do not change by waiting.
fn passes(error: &KubernetesError) -> bool {
    error.code().class() == Class::Temporary && !matches!(error, KubernetesError::Unauthorized { .. })
}
