//! The errors of a Job that newleaf follows from outside.

use std::time::Duration;

use base::diagnosis::{Code, Diagnose};
use base::duration::spelled;
use kubernetes::api::error::KubernetesError;
use rotation::manifests::NAME;

use crate::cluster::job::outcome::JobProblem;

/// An error of a rotation that runs as a Job.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// A request failed.
    #[error(transparent)]
    Cluster(#[from] KubernetesError),
    /// There is no CronJob, so there is no template for a Job.
    #[error("CronJob {NAME} does not exist in namespace {namespace}: newleaf needs it as the template of the Job")]
    NoCronJob {
        /// The namespace without the CronJob.
        namespace: String,
    },
    /// The CronJob is not newleaf's.
    #[error("CronJob {NAME} has no container {NAME}, so newleaf cannot create a Job from it")]
    TemplateUnusable,
    /// The pod does not start.
    #[error("the Job {job} does not start: {problem}")]
    Stuck {
        /// The name of the Job.
        job: String,
        /// Why it does not start.
        problem: JobProblem,
    },
    /// A signal ended the watching, not the Job.
    #[error("stopped by a signal; the Job {job} continues")]
    Left {
        job: String,
        /// The command that follows the Job again.
        follow: String,
    },
    /// Every name that a Job of this rotation may have is taken.
    #[error("{attempts} Jobs of this rotation exist and none of them is running: {job} is the last")]
    TooMany {
        /// The name of the last Job.
        job: String,
        /// The number of Jobs.
        attempts: u32,
    },
    /// The Job did not end in time.
    #[error("the Job {job} did not end within {}", spelled(*limit))]
    Unfinished {
        job: String,
        /// How long newleaf waited.
        limit: Duration,
    },
}

impl Diagnose for JobError {
    fn code(&self) -> Code {
        match self {
            Self::Cluster(error) => error.code(),
            Self::NoCronJob { .. } | Self::TemplateUnusable => Code::TemplateMissing,
            Self::Stuck { .. } | Self::TooMany { .. } => Code::JobStuck,
            Self::Left { .. } => Code::Interrupted,
            Self::Unfinished { .. } => Code::JobUnfinished,
        }
    }

    fn object(&self) -> Option<String> {
        match self {
            Self::Cluster(error) => error.object(),
            Self::NoCronJob { .. } | Self::TemplateUnusable => Some(format!("cronjobs/{NAME}")),
            Self::Stuck { job, problem } => Some(match &problem.pod {
                Some(pod) => format!("pods/{pod}"),
                None => format!("jobs/{job}"),
            }),
            Self::Left { job, .. } | Self::Unfinished { job, .. } | Self::TooMany { job, .. } => {
                Some(format!("jobs/{job}"))
            }
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Cluster(error) => error.hint(),
            Self::NoCronJob { namespace } => {
                Some(format!("Apply the manifests: newleaf manifests --namespace {namespace} | kubectl apply -f -"))
            }
            Self::Stuck { job, .. } => Some(format!(
                "Remove the cause; the Job then continues by itself. `kubectl describe job/{job}` shows more."
            )),
            Self::Left { follow, .. } => Some(format!("Follow it again: {follow}")),
            Self::TooMany { .. } => Some("Use another `--id`, or delete these Jobs.".to_owned()),
            Self::TemplateUnusable | Self::Unfinished { .. } => None,
        }
    }
}
