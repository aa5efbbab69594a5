//! The errors of the deployer, each with its code.

use std::path::PathBuf;
use std::time::Duration;

use base::diagnosis::{Code, Diagnose, RemoteText};
use base::duration::spelled;
use kubernetes::api::error::KubernetesError;
use stack::export::Tool;
use stack::problem::Problem;

use crate::keeper::StackKeeper;

/// Why a stack is not installed, shown or removed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The file of the stack cannot be read.
    #[error("failed to read the stack {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A raw layer is in a ConfigMap that does not exist.
    #[error("ConfigMap {namespace}/{name}, a raw layer of the stack, does not exist")]
    LayerAbsent {
        /// The namespace of the stack.
        namespace: String,
        /// The name of the ConfigMap.
        name: String,
    },
    /// The document is wrong.
    #[error("the stack {place} is not valid: {}", listed(problems))]
    Invalid {
        /// The file, or the defaults.
        place: String,
        /// Everything that is wrong.
        problems: Vec<Problem>,
    },
    /// The output cannot be written.
    #[error("failed to write the objects: {0}")]
    Unwritable(String),
    /// The cluster does not have a kind.
    #[error("{object} cannot be applied: the cluster does not have the kind {kind} of {api_version}")]
    KindMissing {
        /// The object.
        object: String,
        /// Its kind.
        kind: String,
        /// Its group and version.
        api_version: String,
    },
    /// Another field manager owns a field.
    #[error("{object} is not changed: another field manager owns what the stack would set")]
    Owned {
        /// The object.
        object: String,
        /// The answer of the API server, which names the manager and the field.
        #[source]
        source: KubernetesError,
    },
    /// The object belongs to another inventory.
    #[error("{object} belongs to another inventory, {owner}")]
    ForeignMember {
        /// The object.
        object: String,
        /// The other inventory.
        owner: String,
    },
    /// The inventory belongs to another program.
    #[error("the inventory {object} is kept by {owner}")]
    ForeignInventory {
        /// The parent object.
        object: String,
        /// Who keeps it.
        owner: String,
    },
    /// Another tool keeps the object.
    #[error("{object} is managed by {keeper}, which would undo or repeat what newleaf-deploy does")]
    Managed {
        /// The object.
        object: String,
        /// The tool.
        keeper: StackKeeper,
    },
    /// There is no stack of this program.
    #[error(
        "newleaf-deploy has installed no stack in namespace {namespace}, so there is nothing to hand over to {tool}"
    )]
    NothingInstalled {
        /// The namespace.
        namespace: String,
        /// The tool that was to go on with it.
        tool: Tool,
    },
    /// A field that cannot be changed would be.
    #[error("{object} cannot be changed in place")]
    Immutable {
        /// The object.
        object: String,
        /// The answer of the API server.
        #[source]
        source: KubernetesError,
    },
    /// Waiting cannot help.
    #[error("{object} does not become ready: {why}{}", told(lines))]
    Hopeless {
        /// The object.
        object: String,
        /// The reason of Kubernetes, and the pod.
        why: RemoteText,
        /// The last lines of the pod's log.
        lines: Vec<RemoteText>,
        /// A way out that is known.
        hint: Option<String>,
    },
    /// An object is not ready in time.
    #[error("{object} is not ready after {}: {why}{}", spelled(*limit), told(lines))]
    Late {
        /// The object.
        object: String,
        /// What is missing.
        why: RemoteText,
        /// How long the deployer waited.
        limit: Duration,
        /// The last lines of the pod's log.
        lines: Vec<RemoteText>,
    },
    /// An object is not gone in time.
    #[error("{object} is still there after {}: a finalizer keeps it", spelled(*limit))]
    Undeleted {
        /// The object.
        object: String,
        /// How long the deployer waited.
        limit: Duration,
    },
    /// Nothing is removed without consent.
    #[error("nothing was removed: `uninstall` needs your consent")]
    Unconfirmed,
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn told(lines: &[RemoteText]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: Vec<&str> = lines.iter().map(RemoteText::as_str).collect();
    format!("; its log ends with: {}", lines.join(" | "))
}

impl Diagnose for DeployError {
    fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } => Code::FileRead,
            Self::Unwritable(_) => Code::OutputFailed,
            Self::LayerAbsent { .. } => Code::CheckReference,
            Self::Invalid { .. } => Code::StackInvalid,
            Self::KindMissing { .. } => Code::KindMissing,
            Self::Owned { .. } => Code::ObjectConflict,
            Self::ForeignMember { .. } => Code::MemberForeign,
            Self::ForeignInventory { .. } => Code::InventoryForeign,
            Self::Managed { .. } => Code::StackManaged,
            Self::NothingInstalled { .. } => Code::NothingInstalled,
            Self::Immutable { .. } => Code::FieldImmutable,
            Self::Hopeless { .. } => Code::NeverReady,
            Self::Late { .. } => Code::NotReadyInTime,
            Self::Undeleted { .. } => Code::NotDeletedInTime,
            Self::Unconfirmed => Code::RemovalUnconfirmed,
        }
    }

    fn object(&self) -> Option<String> {
        match self {
            Self::Unreadable { path, .. } => Some(path.display().to_string()),
            Self::LayerAbsent { namespace, name } => Some(format!("ConfigMap {namespace}/{name}")),
            Self::Invalid { place, .. } => Some(place.clone()),
            Self::NothingInstalled { namespace, .. } => Some(format!("Namespace {namespace}")),
            Self::Unwritable(_) | Self::Unconfirmed => None,
            Self::KindMissing { object, .. }
            | Self::Owned { object, .. }
            | Self::ForeignMember { object, .. }
            | Self::ForeignInventory { object, .. }
            | Self::Managed { object, .. }
            | Self::Immutable { object, .. }
            | Self::Hopeless { object, .. }
            | Self::Late { object, .. }
            | Self::Undeleted { object, .. } => Some(object.clone()),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Hopeless { hint, .. } => hint.clone(),
            Self::LayerAbsent { namespace, name } => Some(format!(
                "Create it with `kubectl --namespace {namespace} create configmap {name} --from-file=FOLDER`, or take it out of \
                 `raw`."
            )),
            Self::Managed { keeper, .. } => Some(format!(
                "Change the stack where {} reads it, with `newleaf-deploy export`. To go on with newleaf-deploy instead, make {} stop \
                 applying the stack without deleting it, then run `newleaf-deploy handover --from {}` and `newleaf-deploy install`.",
                keeper.tool,
                keeper.tool,
                keeper.tool.name()
            )),
            Self::Unreadable { .. }
            | Self::Unwritable(_)
            | Self::NothingInstalled { .. }
            | Self::Invalid { .. }
            | Self::KindMissing { .. }
            | Self::Owned { .. }
            | Self::ForeignMember { .. }
            | Self::ForeignInventory { .. }
            | Self::Immutable { .. }
            | Self::Late { .. }
            | Self::Undeleted { .. }
            | Self::Unconfirmed => None,
        }
    }
}
