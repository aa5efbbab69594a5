//! What can go wrong with a Job that is followed from outside.

use std::time::Duration;

use base::diagnosis::{Code, Diagnose};
use kubernetes::api::error::KubernetesError;
use rotation::manifests::NAME;

use crate::cluster::job::outcome::JobProblem;

/// An error of a forced rotation inside of the cluster.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// A request failed.
    #[error(transparent)]
    Cluster(#[from] KubernetesError),
    /// There is no template to make a Job from.
    #[error("there is no CronJob {NAME} in namespace {namespace} to make a Job from")]
    NoCronJob {
        /// Where it was looked for.
        namespace: String,
    },
    /// The template is not one of ours.
    #[error("no Job can be made from the CronJob {NAME}: it has no container {NAME}")]
    TemplateUnusable,
    /// The pod does not start.
    #[error("the Job {job} does not start: {problem}")]
    Stuck {
        /// The Job.
        job: String,
        /// Why.
        problem: JobProblem,
    },
    /// A signal ended the watching, not the Job.
    #[error("stopped by a signal; the Job {job} goes on")]
    Left {
        /// The Job.
        job: String,
        /// How it is followed again.
        follow: String,
    },
    /// Every name that a Job of this rotation may have is taken.
    #[error("{attempts} Jobs of this rotation are there, and none of them is at work: {job} is the last")]
    TooMany {
        /// The last one.
        job: String,
        /// How many.
        attempts: u32,
    },
    /// It was waited for in vain.
    #[error("the Job {job} has not ended within {} s", limit.as_secs())]
    Unfinished {
        /// The Job.
        job: String,
        /// How long it was waited for.
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
            Self::Stuck { job, .. } => {
                Some(format!("Mend the cause: the Job goes on by itself. kubectl describe job/{job} shows more."))
            }
            Self::Left { follow, .. } => Some(format!("Follow it again: {follow}")),
            Self::TooMany { .. } => Some("Ask for it with another `--id`, or delete these Jobs.".to_owned()),
            Self::TemplateUnusable | Self::Unfinished { .. } => None,
        }
    }
}
