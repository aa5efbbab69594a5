//! What keeps an object from becoming ready: its pods, and the warnings of Kubernetes about it.

use std::time::Duration;

use base::diagnosis::RemoteText;
use base::workload_kind::WorkloadKind;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::object::Uid;
use kubernetes::pod_requests::{last_log_lines, log_lines, of_job, of_workload};
use kubernetes::pods::PodFacts;
use kubernetes::warning;
use kubernetes::workload::Workload;
use serde_json::Value;
use stack::object::text;

use crate::cluster::{REQUEST, StackCluster};
use crate::plan::MemberKey;

/// What is wrong, and how long it may be so before waiting cannot help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The pod or the controller, and the reason of Kubernetes.
    pub why: RemoteText,
    /// The last lines of the pod's log.
    pub lines: Vec<RemoteText>,
    /// How long it may last; none for what may end by itself.
    pub patience: Option<Duration>,
    /// The words of Kubernetes that name it, if it is known.
    pub name: &'static str,
    /// A way out that is known.
    pub hint: Option<String>,
}

/// What waiting cannot mend: words of Kubernetes, the patience, the way out.
const HOPELESS: [(&str, u64, &str); 11] = [
    ("ImagePullBackOff", 0, "Correct the image in the stack, or import it into the nodes of the cluster."),
    ("InvalidImageName", 0, "Correct the name of the image in the stack."),
    ("ErrImageNeverPull", 0, "Import the image into the nodes of the cluster, or let the kubelet pull it."),
    ("CreateContainerConfigError", 30, "Make the Secret, ConfigMap or key that the message names."),
    ("CreateContainerError", 30, "Correct what the message names."),
    ("RunContainerError", 30, "Correct what the message names."),
    ("CrashLoopBackOff", 60, "Read the log with `kubectl logs --previous`, and remove the cause."),
    (
        "unbound immediate PersistentVolumeClaims",
        30,
        "Set `database.storage.class` to a class of the cluster, or install a provisioner.",
    ),
    (
        "didn't find available persistent volumes",
        30,
        "Set `database.storage.class` to a class of the cluster, or install a provisioner.",
    ),
    ("exceeded quota", 5, "Raise the quota of the namespace, or lower the resources in the stack."),
    ("FailedCreate", 10, "Read the message: it names the quota, the policy or the webhook that refuses the pod."),
];

/// The trouble of an object that is not ready; none if nothing is known.
pub async fn trouble(cluster: &StackCluster, key: &MemberKey, object: &Value) -> Option<Trouble> {
    let namespace = key.namespace.as_deref()?;
    let uid = uid(object)?;
    let pods = pods(cluster, namespace, object, &uid).await.ok()?;
    if let Some(pod) = pods.iter().filter(|pod| !pod.ending).find(|pod| pod.problem.is_some()) {
        let problem = pod.problem.as_ref()?;
        let why = format!("pod {}: {}", pod.name, problem.why);
        let mut trouble = named(&why);
        if problem.container.is_some() {
            trouble.lines = last_log_lines(cluster.client(), namespace, pod, REQUEST).await;
        }
        return Some(trouble);
    }
    if !pods.is_empty() {
        return None;
    }
    let warning = warning::last(cluster.client(), namespace, &uid, REQUEST).await.ok()??;
    Some(named(&warning.to_string()))
}

fn named(why: &str) -> Trouble {
    let known = HOPELESS.iter().find(|(words, ..)| why.contains(words));
    Trouble {
        why: RemoteText::new(why),
        lines: Vec::new(),
        patience: known.map(|(_, seconds, _)| Duration::from_secs(*seconds)),
        name: known.map(|(words, ..)| *words).unwrap_or_default(),
        hint: known.map(|(.., hint)| (*hint).to_owned()),
    }
}

fn uid(object: &Value) -> Option<Uid> {
    serde_json::from_value(object.pointer("/metadata/uid")?.clone()).ok()
}

async fn pods(
    cluster: &StackCluster,
    namespace: &str,
    object: &Value,
    uid: &Uid,
) -> Result<Vec<PodFacts>, KubernetesError> {
    let kind = match text(object, "/kind") {
        "Deployment" => WorkloadKind::Deployment,
        "StatefulSet" => WorkloadKind::StatefulSet,
        "DaemonSet" => WorkloadKind::DaemonSet,
        "Job" => {
            let pods = of_job(cluster.client(), namespace, uid, REQUEST).await?;
            return Ok(pods.into_iter().filter_map(PodFacts::of).collect());
        }
        _ => return Ok(Vec::new()),
    };
    let Ok(workload) = serde_json::from_value(object.clone()) else { return Ok(Vec::new()) };
    of_workload(cluster.client(), namespace, &Workload::new(kind, workload), REQUEST).await
}

/// The last lines of the log of a Job's last pod: what it says about its failure.
pub async fn lines_of_job(cluster: &StackCluster, job: &Value) -> Vec<RemoteText> {
    let namespace = text(job, "/metadata/namespace");
    let Some(uid) = uid(job) else { return Vec::new() };
    let mut pods = of_job(cluster.client(), namespace, &uid, REQUEST).await.unwrap_or_default();
    let Some(last) = pods.pop() else { return Vec::new() };
    log_lines(cluster.client(), (namespace, &last.metadata.name), (None, false), REQUEST).await
}

/// Whether an object has pods.
pub fn has_pods(object: &Value) -> bool {
    ["Deployment", "StatefulSet", "DaemonSet", "Job"].contains(&text(object, "/kind"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waiting_cannot_mend_has_a_way_out_and_a_limit() {
        let seconds = |why: &str| named(why).patience.map(|patience| patience.as_secs());
        assert_eq!(seconds("pod a: container b: ImagePullBackOff: Back-off pulling image"), Some(0));
        assert_eq!(seconds("pod a: container b: CrashLoopBackOff: back-off 40s"), Some(60));
        assert_eq!(seconds("FailedCreate: pods \"a\" is forbidden: exceeded quota: q"), Some(5));
        assert_eq!(seconds("pod a: is being started"), None);
        assert!(HOPELESS.iter().all(|(.., hint)| hint.ends_with('.')));
    }
}
