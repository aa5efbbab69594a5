//! The requests about pods. They decide nothing but the owner of a pod.

use std::collections::BTreeSet;
use std::time::Duration;

use base::diagnosis::RemoteText;
use base::workload_kind::WorkloadKind;
use kube::Client;
use kube::api::LogParams;
use kube::core::Selector;
use serde_json::json;

use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::object::{ObjectName, Uid};
use crate::api::read::Selection;
use crate::api::resource::Resource;
use crate::api::write::Change;
use crate::pods::{PodFacts, PodProblem};
use crate::wire::pod::Pod;
use crate::wire::workload::ReplicaSet;
use crate::workload::Workload;

/// How much of a failed pod's log newleaf shows: the number of lines, and of characters per line.
const LOG_LINES: usize = 10;
const LINE_MAX: usize = 300;
/// How many bytes of the log newleaf asks for.
const LOG_BYTES: i64 = 4096;
/// The label that the Job controller sets on the pods of a Job (Kubernetes, "Well-Known Labels").
const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";
/// Selects pods that have not ended for good. Pods of finished Jobs and evicted pods may be thousands.
const NOT_ENDED: &str = "status.phase!=Succeeded,status.phase!=Failed";

/// The pods of a workload that have not ended for good.
///
/// The API server selects them by the label selector of the workload. The identity in the owner reference decides who owns
/// a pod. A pod of a Deployment belongs to one of its `ReplicaSets`; newleaf reads these, because names prove nothing.
pub async fn of_workload(
    client: &Client,
    namespace: &str,
    workload: &Workload,
    limit: Duration,
) -> Result<Vec<PodFacts>, KubernetesError> {
    let labels = labels(workload);
    let makers = match workload.kind() {
        WorkloadKind::Deployment => replica_sets(client, namespace, workload, &labels, limit).await?,
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => BTreeSet::from([workload.uid().clone()]),
    };
    let selection = Selection { labels, fields: NOT_ENDED.to_owned(), metadata: false };
    let mut own = Vec::new();
    let keep = |pod: Pod| {
        if let Some(controller) = pod.controller()
            && makers.contains(controller)
        {
            own.extend(PodFacts::of(pod));
        }
    };
    Call::list(Resource::Pod, namespace).each(client, &selection, limit, keep).await?;
    Ok(own)
}

/// All pods of a Job, from the oldest to the newest. Its name does not select them: while the garbage collector removes a Job,
/// the pods of that Job and those of a new Job of the same name exist side by side.
pub async fn of_job(client: &Client, namespace: &str, job: &Uid, limit: Duration) -> Result<Vec<Pod>, KubernetesError> {
    let selection = Selection { labels: format!("{CONTROLLER_UID}={}", job.as_str()), ..Selection::default() };
    let mut own = Vec::new();
    // The label only narrows the list; the owner reference says which Job owns a pod.
    let keep = |pod: Pod| own.extend(Some(pod).filter(|pod| pod.controller() == Some(job)));
    Call::list(Resource::Pod, namespace).each(client, &selection, limit, keep).await?;
    own.sort_by_key(|pod| (pod.metadata.creation_timestamp, pod.metadata.name.clone()));
    Ok(own)
}

/// The identities of the `ReplicaSets` of a Deployment.
async fn replica_sets(
    client: &Client,
    namespace: &str,
    deployment: &Workload,
    labels: &str,
    limit: Duration,
) -> Result<BTreeSet<Uid>, KubernetesError> {
    let selection = Selection { labels: labels.to_owned(), metadata: true, ..Selection::default() };
    let mut own = BTreeSet::new();
    let keep = |set: ReplicaSet| {
        if set.is_of(deployment.uid()) {
            own.insert(set.metadata.uid);
        }
    };
    Call::list(Resource::ReplicaSet, namespace).each(client, &selection, limit, keep).await?;
    Ok(own)
}

/// The label selector of a workload as text. Empty if it is unreadable, which selects all pods.
fn labels(workload: &Workload) -> String {
    let Some(spec) = &workload.object.spec else { return String::new() };
    match Selector::try_from(spec.selector.clone()) {
        Ok(selector) => selector.to_string(),
        Err(_) => String::new(),
    }
}

/// The last log lines of a pod with a problem. None if the API server does not return them.
pub async fn last_log_lines(client: &Client, namespace: &str, pod: &PodFacts, limit: Duration) -> Vec<RemoteText> {
    let Some(PodProblem { container: Some(container), previous, .. }) = &pod.problem else { return Vec::new() };
    log_lines(client, (namespace, &pod.name), (Some(container), *previous), limit).await
}

/// The last log lines of a container: of the only one of the pod, if none is named; of its former run, if `previous`.
pub async fn log_lines(
    client: &Client,
    (namespace, pod): (&str, &ObjectName),
    (container, previous): (Option<&ObjectName>, bool),
    limit: Duration,
) -> Vec<RemoteText> {
    let wanted = LogParams {
        container: container.map(ToString::to_string),
        previous,
        tail_lines: i64::try_from(LOG_LINES).ok(),
        limit_bytes: Some(LOG_BYTES),
        ..LogParams::default()
    };
    let call = Call::get(Resource::PodLog, namespace, pod.as_str());
    let log = call.log_end(client, &wanted, limit).await.unwrap_or_default();
    lines(&log)
}

/// The first lines of the text, each cut to a limit and without anything that may be a key.
fn lines(log: &[u8]) -> Vec<RemoteText> {
    let text = String::from_utf8_lossy(log);
    let lines = text.lines().map(|line| RemoteText::within(line, LINE_MAX)).filter(|line| !line.is_empty());
    lines.take(LOG_LINES).collect()
}

/// Sets an annotation of a pod. A pod that is gone, or another one under its name, needs none.
pub async fn annotate(
    client: &Client,
    namespace: &str,
    pod: &PodFacts,
    (name, value): (&str, &str),
    limit: Duration,
) -> Result<(), KubernetesError> {
    if pod.annotations.get(name).map(String::as_str) == Some(value) {
        return Ok(());
    }
    // For any version of the pod: kubelet and controllers change it all the time, and the annotation is right for each.
    let change = Change::of_object(&pod.uid, json!({"annotations": {name: value}}), json!({}));
    let call = Call::patch(Resource::Pod, namespace, pod.name.as_str());
    match call.merge_quietly(client, &change, limit).await {
        Ok(()) | Err(KubernetesError::NotFound { .. } | KubernetesError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_log_are_printable_few_and_bounded() {
        let log = format!("\u{1b}[31mred\u{7}\r\n\n{}\n{}", "\u{e9}".repeat(1000), "more\n".repeat(1000));
        let lines = lines(log.as_bytes());
        assert_eq!(lines[0].as_str(), "[31mred");
        assert_eq!(lines[1].as_str().chars().count(), LINE_MAX);
        assert_eq!(lines.len(), LOG_LINES);
    }
}
