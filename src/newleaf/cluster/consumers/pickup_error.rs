//! The errors of a pick-up in the cluster, each with its code.

use std::fmt;
use std::time::Duration;

use base::diagnosis::{Code, Diagnose, Failure, RemoteText};
use base::duration::spelled;
use kubernetes::api::object::ObjectName;
use kubernetes::rollout::Halt;
use kubernetes::warning::WarningEvent;
use kubernetes::workload::WorkloadName;
use rotation::document::cluster::{Choice, Target};
use rotation::engine::facts::Serial;

use crate::evidence::Refused;

/// A rollout that did not finish, with the evidence that the operator needs.
#[derive(Debug, thiserror::Error)]
#[error("{workload} did not finish its rollout within {}: {why}{because}; {serving}", whole(*waited))]
pub struct FailedRollout {
    /// The workload that newleaf restarts.
    pub workload: WorkloadName,
    /// How long newleaf waited.
    pub waited: Duration,
    /// What was missing at the end.
    pub why: RemoteText,
    /// The cause that blocks it.
    pub because: RolloutCause,
    /// The number of ready pods, in words.
    pub serving: String,
    /// The hint, if newleaf knows a way out.
    pub way_out: Option<String>,
}

/// The cause that blocks a rollout.
#[derive(Debug)]
pub enum RolloutCause {
    /// Nothing shows the cause.
    Unknown,
    /// The last warning of Kubernetes.
    Warning(WarningEvent),
    /// A pod that does not become ready.
    Pod {
        /// The name of the pod.
        name: ObjectName,
        /// What is wrong with it.
        why: RemoteText,
        /// The last warning of Kubernetes about it.
        warning: Option<WarningEvent>,
        /// The last lines of its log.
        log: Vec<RemoteText>,
    },
}

impl fmt::Display for RolloutCause {
    /// A clause after a semicolon. Empty for an unknown cause.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Warning(warning) => write!(f, "; {warning}"),
            Self::Pod { name, why, warning, log } => {
                write!(f, "; pod {name}: {why}")?;
                if let Some(warning) = warning {
                    write!(f, " ({warning})")?;
                }
                if log.is_empty() {
                    return Ok(());
                }
                let lines: Vec<&str> = log.iter().map(RemoteText::as_str).collect();
                write!(f, "; its log ends with: {}", lines.join(" | "))
            }
        }
    }
}

/// Why a consumer did not load what is stored.
#[derive(Debug, thiserror::Error)]
pub enum PickUpError {
    /// The configuration has no such consumer.
    #[error("consumer {name:?} is not in the configuration")]
    ConsumerUnknown {
        /// The name that was asked for.
        name: String,
    },
    /// No workload has the labels.
    #[error("no {kind} in namespace {namespace} has the labels {selector:?} of consumer {consumer:?}")]
    NothingSelected {
        /// The name of the consumer.
        consumer: String,
        /// The kind of workload.
        kind: &'static str,
        /// The namespace of the workloads.
        namespace: String,
        /// The label selector.
        selector: String,
    },
    /// The pods were not replaced in time, or cannot be.
    #[error(transparent)]
    RolloutFailed(Box<FailedRollout>),
    /// A setting of the workload forbids Kubernetes to replace the pods.
    #[error("{workload} has a new pod template, but Kubernetes replaces no pod: {}", halt.why)]
    RolloutHalted {
        /// The workload that newleaf restarts.
        workload: WorkloadName,
        /// Why, and how to let Kubernetes continue.
        halt: Halt,
    },
    /// Another field manager removed or changed the annotation.
    #[error("annotation {annotation} of {workload} was {} after newleaf set it", reverted(owners))]
    Reverted {
        /// The workload that newleaf restarts.
        workload: WorkloadName,
        /// The name of the annotation.
        annotation: &'static str,
        /// The field managers that own it now. None if it is gone.
        owners: Vec<RemoteText>,
        /// All others that write the pod template.
        writers: Vec<RemoteText>,
    },
    /// Another field manager owns the annotation.
    #[error("the pod template of {workload} cannot be annotated: {message}")]
    FieldConflict {
        /// The workload that newleaf restarts.
        workload: WorkloadName,
        /// The message of the API server, which names the other manager and the field.
        message: RemoteText,
    },
    /// The kubelet did not deliver the files.
    #[error("the kubelet did not deliver the new {what} to {endpoint} within {}", whole(*waited))]
    NotProjected {
        /// The endpoint of the server.
        endpoint: String,
        /// The missing file.
        what: &'static str,
        /// How long newleaf waited.
        waited: Duration,
    },
    /// The server has the files, was reloaded, and shows the old ones.
    #[error(
        "{endpoint} refused to load the new {what}: it has the file and was reloaded, but still serves serial \
         {served}"
    )]
    ReloadRefused {
        /// The endpoint of the server.
        endpoint: String,
        /// The refused file.
        what: &'static str,
        /// The serial of the leaf that it serves.
        served: Serial,
    },
    /// newleaf cannot reload the server, because the server refuses the login.
    #[error("cannot reload consumer {consumer:?}: login failed: {refusal}")]
    AllLoginsRefused {
        /// The name of the consumer.
        consumer: String,
        /// The workloads of the consumer.
        target: Option<Target>,
        /// How the server refused the login.
        refusal: Failure,
    },
    /// The pick-up lacks something that it needs.
    #[error("consumer {consumer:?} cannot load its leaf: {reason}")]
    Impossible {
        /// The name of the consumer.
        consumer: String,
        /// What is missing.
        reason: &'static str,
    },
    /// The consumer still uses older material.
    #[error("consumer {consumer:?} has not loaded the stored certificate: {reason}")]
    Stale {
        /// The name of the consumer.
        consumer: String,
        /// What it shows.
        reason: RemoteText,
    },
    /// newleaf could not observe the consumer until the end of the wait.
    #[error("consumer {consumer:?} could not be observed within {}: {reason}", whole(*waited))]
    Unobserved {
        /// The name of the consumer.
        consumer: String,
        /// The reason, as a clause.
        reason: RemoteText,
        /// The code of the reason.
        code: Code,
        /// How long newleaf waited.
        waited: Duration,
    },
}

fn whole(waited: Duration) -> String {
    spelled(Duration::from_secs(waited.as_secs()))
}

/// Workloads as the arguments of `kubectl rollout restart`.
fn restarted(target: &Target) -> String {
    let kind = target.kind.as_str();
    match &target.choice {
        Choice::Named(name) => format!("{kind}/{name}"),
        Choice::Labelled(selector) => format!("{kind} --selector '{selector}'"),
    }
}

/// What happened to the annotation. Removing a field leaves no trace of its manager; changing it does.
fn reverted(owners: &[RemoteText]) -> String {
    if owners.is_empty() {
        "removed by another field manager".to_owned()
    } else {
        format!("changed by {}", list(owners))
    }
}

fn list(managers: &[RemoteText]) -> String {
    managers.iter().map(RemoteText::as_str).collect::<Vec<_>>().join(", ")
}

impl From<Refused> for PickUpError {
    fn from(refused: Refused) -> Self {
        let Refused { endpoint, what, served } = refused;
        Self::ReloadRefused { endpoint, what, served }
    }
}

impl Diagnose for PickUpError {
    fn code(&self) -> Code {
        match self {
            Self::ConsumerUnknown { .. } => Code::ValueInvalid,
            Self::NothingSelected { .. } => Code::ObjectMissing,
            Self::RolloutFailed(_) => Code::RolloutFailed,
            Self::RolloutHalted { .. } => Code::RolloutHalted,
            Self::Reverted { .. } => Code::RestartReverted,
            Self::FieldConflict { .. } => Code::FieldConflict,
            Self::NotProjected { .. } => Code::FilesNotProjected,
            Self::ReloadRefused { .. } => Code::ReloadRefused,
            Self::AllLoginsRefused { .. } => Code::ClientLeafRefused,
            Self::Impossible { .. } => Code::ConsumerSignalFailed,
            Self::Stale { .. } => Code::StaleCertificate,
            Self::Unobserved { code, .. } => *code,
        }
    }

    fn object(&self) -> Option<String> {
        Some(match self {
            Self::RolloutFailed(rollout) => rollout.workload.object(),
            Self::RolloutHalted { workload, .. }
            | Self::Reverted { workload, .. }
            | Self::FieldConflict { workload, .. } => workload.object(),
            Self::NotProjected { endpoint, .. } | Self::ReloadRefused { endpoint, .. } => endpoint.clone(),
            Self::ConsumerUnknown { name: consumer }
            | Self::NothingSelected { consumer, .. }
            | Self::AllLoginsRefused { consumer, .. }
            | Self::Impossible { consumer, .. }
            | Self::Stale { consumer, .. }
            | Self::Unobserved { consumer, .. } => consumer.clone(),
        })
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::RolloutFailed(rollout) => rollout.way_out.clone(),
            Self::AllLoginsRefused { target: Some(target), .. } => Some(format!(
                "Restart it so that it loads the stored certificate: `kubectl --namespace {} rollout restart {}`, then run again. \
                 Or set `fallback: {{restart: true}}` at the consumer, and newleaf restarts it.",
                target.namespace,
                restarted(target)
            )),
            Self::RolloutHalted { halt, .. } => Some(format!("{} The next run then finishes.", halt.way_out)),
            Self::Reverted { owners, writers, annotation, .. } => {
                let suspects = if owners.is_empty() { writers } else { owners };
                if suspects.is_empty() {
                    return None;
                }
                Some(format!(
                    "Make the field managers of the pod template keep annotations of others, {annotation} among them. These \
                     managers write the template: {}.",
                    list(suspects)
                ))
            }
            Self::ConsumerUnknown { .. }
            | Self::NothingSelected { .. }
            | Self::FieldConflict { .. }
            | Self::NotProjected { .. }
            | Self::ReloadRefused { .. }
            | Self::AllLoginsRefused { target: None, .. }
            | Self::Impossible { .. }
            | Self::Stale { .. }
            | Self::Unobserved { .. } => None,
        }
    }
}
