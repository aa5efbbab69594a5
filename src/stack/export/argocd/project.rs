//! The `AppProject`: what the Application may read and write, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::export::argocd::application::{ARGOCD, FINALIZER, IN_CLUSTER, Synced};
use crate::object::Object;

/// What Kubernetes makes of objects of a kind, by group and kind. Argo CD shows no pod, no log and no Event of what a project does
/// not allow. None of them can do more than what it is made of.
const CHILDREN: [(&str, (&str, &str)); 3] =
    [("Job", ("", "Pod")), ("Deployment", ("apps", "ReplicaSet")), ("Service", ("discovery.k8s.io", "EndpointSlice"))];

/// The project of a stack alone: its repository, its namespaces, its kinds, and what belongs to the whole cluster by its name.
pub(super) fn project(name: &str, synced: &Synced<'_>, objects: &[Object], is_hub: bool) -> Value {
    // The clusters of a hub are those with a label, which may change: a project cannot select by it.
    let server = if is_hub { "*" } else { IN_CLUSTER };
    let namespaces: BTreeSet<&str> =
        objects.iter().filter_map(Object::namespace).chain(std::iter::once(synced.namespace)).collect();
    let destination = |namespace: &&str| json!({ "server": server, "namespace": namespace });
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        // With it, the project stays until its last Application is gone, which without a project would be stuck.
        "metadata": { "name": name, "namespace": ARGOCD, "finalizers": [FINALIZER] },
        "spec": {
            "sourceRepos": [synced.repository],
            "destinations": namespaces.iter().map(destination).collect::<Vec<_>>(),
            "clusterResourceWhitelist": cluster_wide(objects),
            "namespaceResourceWhitelist": kinds(objects),
        },
    })
}

/// Each object without a namespace: another one of its kind may be anything, a role over the whole cluster for example.
fn cluster_wide(objects: &[Object]) -> Value {
    let allowed: BTreeSet<(&str, &str, &str)> = objects
        .iter()
        .filter(|object| object.namespace().is_none())
        .map(|object| (group(object), object.kind(), object.name()))
        .collect();
    allowed.into_iter().map(|(group, kind, name)| json!({ "group": group, "kind": kind, "name": name })).collect()
}

fn kinds(objects: &[Object]) -> Value {
    let own = objects.iter().filter(|object| object.namespace().is_some());
    let mut allowed: BTreeSet<(&str, &str)> = own.map(|object| (group(object), object.kind())).collect();
    for (parent, child) in CHILDREN {
        if objects.iter().any(|object| object.kind() == parent) {
            allowed.insert(child);
        }
    }
    allowed.into_iter().map(|(group, kind)| json!({ "group": group, "kind": kind })).collect()
}

/// `apps` of `apps/v1`; empty for the core group.
fn group(object: &Object) -> &str {
    object.api_version().rsplit_once('/').map_or("", |(group, _)| group)
}
