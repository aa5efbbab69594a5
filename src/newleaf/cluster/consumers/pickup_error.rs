//! What can go wrong when workloads shall load a leaf, each with its code.

use std::fmt;
use std::time::Duration;

use base::diagnosis::{Code, Diagnose, Failure, RemoteText};
use kubernetes::api::object::ObjectName;
use kubernetes::rollout::Halt;
use kubernetes::warning::WarningEvent;
use kubernetes::workload::WorkloadName;
use rotation::document::cluster::{Choice, Target};
use rotation::engine::facts::Serial;

use crate::evidence::Refused;

/// A rollout that did not finish, with everything that a person wants to know about it.
#[derive(Debug, thiserror::Error)]
#[error("{workload} did not finish its rollout within {} s: {why}{because}; {serving}", waited.as_secs())]
pub struct FailedRollout {
    /// The workload.
    pub workload: WorkloadName,
    /// How long it was waited for.
    pub waited: Duration,
    /// What was waited for last.
    pub why: RemoteText,
    /// What keeps it.
    pub because: RolloutCause,
    /// What still serves.
    pub serving: String,
    /// What to do, where it is known.
    pub way_out: Option<String>,
}

/// What keeps a rollout.
#[derive(Debug)]
pub enum RolloutCause {
    /// Nothing that can be seen.
    Unknown,
    /// What Kubernetes complained of last.
    Warning(WarningEvent),
    /// A pod that does not get ready.
    Pod {
        /// Its name.
        name: ObjectName,
        /// What is wrong with it.
        why: RemoteText,
        /// What Kubernetes complained of last about it.
        warning: Option<WarningEvent>,
        /// Its last lines.
        log: Vec<RemoteText>,
    },
}

impl fmt::Display for RolloutCause {
    /// After a semicolon; nothing where nothing is known.
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
    /// There is no such consumer.
    #[error("no consumer is called {name:?}")]
    ConsumerUnknown {
        /// The name.
        name: String,
    },
    /// No workload has the labels.
    #[error("no {kind} in namespace {namespace} has the labels {selector:?} of consumer {consumer:?}")]
    NothingSelected {
        /// The consumer.
        consumer: String,
        /// The kind of workload.
        kind: &'static str,
        /// Where.
        namespace: String,
        /// The label selector.
        selector: String,
    },
    /// The pods were not replaced in time, or cannot be.
    #[error(transparent)]
    RolloutFailed(Box<FailedRollout>),
    /// A person has told Kubernetes not to replace the pods.
    #[error("{workload} is marked for new pods, and Kubernetes replaces none: {}", halt.why)]
    RolloutHalted {
        /// The workload.
        workload: WorkloadName,
        /// Why, and what makes it go on.
        halt: Halt,
    },
    /// The annotation was applied, and is gone.
    #[error("the annotation {annotation} of {workload} was applied, and {}", reverted(owners))]
    Reverted {
        /// The workload.
        workload: WorkloadName,
        /// Which annotation.
        annotation: &'static str,
        /// The field managers that own it now; none when it is gone.
        owners: Vec<RemoteText>,
        /// All others that write the pod template.
        writers: Vec<RemoteText>,
    },
    /// Another field manager owns the annotation.
    #[error("the pod template of {workload} cannot be marked: {message}")]
    FieldConflict {
        /// The workload.
        workload: WorkloadName,
        /// What the API server says: it names the other manager and the field.
        message: RemoteText,
    },
    /// The kubelet has not brought the files.
    #[error("{endpoint} has not got the stored {what} as a file within {} s", waited.as_secs())]
    NotProjected {
        /// Which server.
        endpoint: String,
        /// Which file.
        what: &'static str,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The server has the files, was reloaded, and shows the old ones.
    #[error(
        "{endpoint} has the stored {what} as a file, was reloaded, and does not use it (it serves serial {served}): it \
         refused to load it"
    )]
    ReloadRefused {
        /// Which server.
        endpoint: String,
        /// Which file.
        what: &'static str,
        /// What it serves.
        served: Serial,
    },
    /// The server cannot be told to reload, because nobody can log in.
    #[error("consumer {consumer:?} cannot be made to reload, for nobody can log in: {refusal}")]
    NobodyAdmitted {
        /// The consumer.
        consumer: String,
        /// Its workloads.
        target: Option<Target>,
        /// How the server refused the login.
        refusal: Failure,
    },
    /// What the pick-up needs is not there.
    #[error("consumer {consumer:?} cannot be made to load its leaf: {reason}")]
    Impossible {
        /// The consumer.
        consumer: String,
        /// What is missing.
        reason: &'static str,
    },
    /// Something older is still in use.
    #[error("consumer {consumer:?} has not loaded what is stored: {reason}")]
    Stale {
        /// The consumer.
        consumer: String,
        /// What it shows.
        reason: RemoteText,
    },
    /// A consumer could not be observed until the end of the wait.
    #[error("consumer {consumer:?} could not be observed within {} s: {reason}", waited.as_secs())]
    Unobserved {
        /// The consumer.
        consumer: String,
        /// Why.
        reason: RemoteText,
        /// What kind of reason it is.
        code: Code,
        /// How long it was waited for.
        waited: Duration,
    },
}

/// Workloads as the arguments of `kubectl rollout restart`.
fn restarted(target: &Target) -> String {
    let kind = target.kind.as_str();
    match &target.choice {
        Choice::Named(name) => format!("{kind}/{name}"),
        Choice::Labelled(selector) => format!("{kind} --selector '{selector}'"),
    }
}

/// Taking a field away leaves no trace of who did it; changing it does.
fn reverted(owners: &[RemoteText]) -> String {
    if owners.is_empty() {
        "another field manager has taken it away".to_owned()
    } else {
        format!("{} has changed it", list(owners))
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
            Self::NobodyAdmitted { .. } => Code::ClientLeafRefused,
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
            | Self::NobodyAdmitted { consumer, .. }
            | Self::Impossible { consumer, .. }
            | Self::Stale { consumer, .. }
            | Self::Unobserved { consumer, .. } => consumer.clone(),
        })
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::RolloutFailed(rollout) => rollout.way_out.clone(),
            Self::NobodyAdmitted { target: Some(target), .. } => Some(format!(
                "Start it anew, so that it loads what is stored: `kubectl --namespace {} rollout restart {}`, and run again; or \
                 set `fallback: {{restart: true}}` at the consumer, and newleaf does it.",
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
                    "Whoever it was must leave annotations of the pod template alone that are not theirs, {annotation} among \
                     them. Its template is written by: {}.",
                    list(suspects)
                ))
            }
            Self::ConsumerUnknown { .. }
            | Self::NothingSelected { .. }
            | Self::FieldConflict { .. }
            | Self::NotProjected { .. }
            | Self::ReloadRefused { .. }
            | Self::NobodyAdmitted { target: None, .. }
            | Self::Impossible { .. }
            | Self::Stale { .. }
            | Self::Unobserved { .. } => None,
        }
    }
}
