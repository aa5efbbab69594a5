//! The Application, alone and as the template of an `ApplicationSet`.

use rotation::figures::CONFIG_MAP;
use serde_json::{Value, json};

use crate::export::SpokeLabel;
use crate::export::argocd::ROTATION_MANAGER;

/// The namespace of Argo CD itself, where it looks for Applications.
pub(super) const ARGOCD: &str = "argocd";
/// The cluster that Argo CD runs in.
pub(super) const IN_CLUSTER: &str = "https://kubernetes.default.svc";
/// With it, who deletes the Application deletes its objects, but for those that are kept.
pub(super) const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// What an Application syncs, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Synced<'a> {
    /// The name of the Application.
    pub(super) name: &'a str,
    /// The project that says what it may read and write.
    pub(super) project: &'a str,
    /// The namespace of the objects.
    pub(super) namespace: &'a str,
    /// The address of the Git repository.
    pub(super) repository: &'a str,
    /// The branch, tag or commit.
    pub(super) revision: &'a str,
    /// The folder of the objects in the repository.
    pub(super) path: &'a str,
    /// Whether what the rotation restarts is among the objects.
    pub(super) has_workloads: bool,
}

/// For the cluster that Argo CD runs in.
pub(super) fn application(synced: &Synced<'_>) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": { "name": synced.name, "namespace": ARGOCD, "finalizers": [FINALIZER] },
        "spec": spec(synced, IN_CLUSTER),
    })
}

/// One for each cluster of a hub that has the label.
pub(super) fn application_set(synced: &Synced<'_>, label: &SpokeLabel) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": { "name": synced.name, "namespace": ARGOCD },
        "spec": {
            "goTemplate": true,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [{ "clusters": { "selector": { "matchLabels": { &label.key: label.value } } } }],
            "template": {
                "metadata": {
                    "name": format!("{}-{{{{.nameNormalized}}}}", synced.name),
                    "finalizers": [FINALIZER],
                },
                "spec": spec(synced, "{{.server}}"),
            },
        },
    })
}

fn spec(synced: &Synced<'_>, server: &str) -> Value {
    json!({
        "project": synced.project,
        "source": {
            "repoURL": synced.repository,
            "targetRevision": synced.revision,
            "path": synced.path,
            "directory": { "recurse": true },
        },
        "destination": { "server": server, "namespace": synced.namespace },
        "ignoreDifferences": ignored(synced.has_workloads),
        "syncPolicy": {
            "automated": { "prune": true, "selfHeal": true },
            "syncOptions": [
                // Fields of others stay: the mark by which the rotation restarts pods, and that of `kubectl rollout restart`.
                "ServerSideApply=true",
                "RespectIgnoreDifferences=true",
                // Two Applications with one object would undo each other's work without end.
                "FailOnSharedResource=true",
                // What needs the kinds of other projects comes last, and may be there before their CRDs are.
                "SkipDryRunOnMissingResource=true",
            ],
            // Argo CD tries a failed revision no more of its own accord. A retry takes the newest.
            "retry": {
                "limit": 5,
                "refresh": true,
                "backoff": { "duration": "10s", "factor": 2, "maxDuration": "3m" },
            },
        },
    })
}

/// What the rotation writes into objects of the stack is no drift: the figures, and the hash of the leaf in the template of a pod.
fn ignored(has_workloads: bool) -> Value {
    let managers = [ROTATION_MANAGER];
    let mut ignored =
        vec![json!({ "group": "", "kind": "ConfigMap", "name": CONFIG_MAP, "managedFieldsManagers": managers })];
    if has_workloads {
        let of = |kind: &str| json!({ "group": "apps", "kind": kind, "managedFieldsManagers": managers });
        ignored.extend(["Deployment", "StatefulSet"].map(of));
    }
    ignored.into()
}
