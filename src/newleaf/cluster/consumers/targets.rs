//! Which workloads a configuration means.

use std::time::Duration;

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kubernetes::api::error::KubernetesError;
use kubernetes::workload::{self, Workload, WorkloadName, resource};
use rotation::document::cluster::{Choice, Target};

/// Reads the workloads that a target means. One that is named must be there.
pub(crate) async fn read_all(
    client: &Client,
    target: &Target,
    limit: Duration,
) -> Result<Vec<Workload>, KubernetesError> {
    let Target { namespace, kind, choice } = target;
    match choice {
        Choice::Named(name) => {
            let name = WorkloadName { namespace: namespace.clone(), kind: *kind, name: name.clone() };
            Ok(vec![workload::get(client, &name, limit).await?.object])
        }
        Choice::Labelled(selector) => workload::list(client, namespace, *kind, selector, limit).await,
    }
}

/// The names of the workloads that a target means; those with labels are asked for.
pub(crate) async fn find(
    client: &Client,
    target: &Target,
    limit: Duration,
) -> Result<Vec<WorkloadName>, KubernetesError> {
    let name = |name: String| WorkloadName { namespace: target.namespace.clone(), kind: target.kind, name };
    if let Choice::Named(object) = &target.choice {
        return Ok(vec![name(object.clone())]);
    }
    let workloads = read_all(client, target, limit).await?;
    Ok(workloads.into_iter().map(|workload| name(workload.object.metadata.name.to_string())).collect())
}

/// The workloads that a target means, as Events name them. `kubectl describe` finds an Event by the uid.
pub(crate) async fn references(client: &Client, target: &Target, limit: Duration) -> Vec<ObjectReference> {
    let workloads = read_all(client, target, limit).await.unwrap_or_default();
    let reference = |workload: Workload| ObjectReference {
        api_version: Some(resource(target.kind).version()),
        kind: Some(target.kind.kind().to_owned()),
        namespace: Some(target.namespace.clone()),
        name: Some(workload.object.metadata.name.to_string()),
        uid: Some(workload.uid().as_str().to_owned()),
        ..ObjectReference::default()
    };
    workloads.into_iter().map(reference).collect()
}
