//! Pods: whose they are, and what is wrong with them. Pure.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base::diagnosis::RemoteText;
use chrono::{DateTime, Utc};

use crate::api::object::{ObjectName, Uid};
use crate::wire::pod::{ContainerState, ContainerStatus, Pod, PodCondition, Terminated};

/// What a container waits for when nothing is wrong.
const ORDINARY_WAITS: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// The properties of a pod that newleaf uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodFacts {
    pub name: ObjectName,
    /// The identity (uid) of the pod.
    pub uid: Uid,
    /// The identity of the controller that created the pod.
    pub owner: Option<Uid>,
    /// The revision of its template, for pods of a `StatefulSet` or `DaemonSet`.
    pub revision: Option<String>,
    /// The annotations that newleaf set.
    pub annotations: BTreeMap<String, String>,
    /// The time of its creation.
    pub created: Option<DateTime<Utc>>,
    /// The IP address, once the pod has one.
    pub address: Option<String>,
    /// Whether the pod is ready.
    pub ready: bool,
    /// Whether the pod is being deleted.
    pub ending: bool,
    /// Why the pod is not ready. `None` for a ready pod.
    pub problem: Option<PodProblem>,
}

/// Why a pod is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodProblem {
    /// A clause with the reason and the message of Kubernetes.
    pub why: RemoteText,
    pub container: Option<ObjectName>,
    /// Whether the last lines are in the log of the container's former run.
    pub previous: bool,
    /// Whether the kubelet holds the pod back: it cannot pull the image, the container crashes, a value is missing.
    pub held: bool,
}

impl PodFacts {
    /// Reads a pod. `None` for a pod that has ended for good and so holds no certificate.
    pub fn of(pod: Pod) -> Option<Self> {
        if let Some("Succeeded" | "Failed") = pod.status.phase.as_deref() {
            return None;
        }
        let ready = matches!(pod.condition("Ready"), Some(condition) if condition.status == "True");
        let problem = if ready { None } else { Some(problem(&pod)) };
        let owner = pod.controller().cloned();
        let address = address(&pod);
        let metadata = pod.metadata;
        Some(Self {
            name: metadata.name,
            uid: metadata.uid,
            owner,
            revision: metadata.labels.and_then(|labels| labels.revision),
            annotations: metadata.annotations,
            created: metadata.creation_timestamp,
            address,
            ready,
            ending: metadata.deletion_timestamp.is_some(),
            problem,
        })
    }
}

/// The address of the pod, if it parses.
fn address(pod: &Pod) -> Option<String> {
    let address: IpAddr = pod.status.address.as_deref()?.parse().ok()?;
    Some(address.to_string())
}

/// The reason why a pod is not ready.
fn problem(pod: &Pod) -> PodProblem {
    let whole = |why: &str| PodProblem { why: RemoteText::new(why), container: None, previous: false, held: false };
    if pod.metadata.deletion_timestamp.is_some() {
        return whole("is ending");
    }
    if let Some(unscheduled) = pod.condition("PodScheduled")
        && unscheduled.status == "False"
    {
        return whole(&format!("is not scheduled: {}", words(unscheduled)));
    }
    let containers = pod.status.container_statuses.as_deref().unwrap_or_default();
    let initial = pod.status.init_container_statuses.as_deref().unwrap_or_default();
    if let Some(problem) = initial.iter().chain(containers).find_map(container_trouble) {
        return problem;
    }
    match containers.iter().find(|container| !container.ready && is_running(container)) {
        Some(container) => not_probed(pod, container),
        None => whole("is being started"),
    }
}

/// The problem of a running container whose probe does not succeed.
fn not_probed(pod: &Pod, container: &ContainerStatus) -> PodProblem {
    let probe = if container.started == Some(true) { "readiness" } else { "startup" };
    let since = match pod.condition("Ready") {
        Some(PodCondition { last_transition_time: Some(since), .. }) => format!(" since {}", since.format("%FT%TZ")),
        Some(_) | None => String::new(),
    };
    let why = format!("container {} runs and has not passed its {probe} probe{since}", container.name);
    PodProblem { why: RemoteText::new(&why), container: Some(container.name.clone()), previous: false, held: false }
}

fn container_trouble(container: &ContainerStatus) -> Option<PodProblem> {
    let name = &container.name;
    let state = container.state.as_ref()?;
    let problem = |why: &str, previous, held| PodProblem {
        why: RemoteText::new(why),
        container: Some(name.clone()),
        previous,
        held,
    };
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.as_ref()?;
        if ORDINARY_WAITS.contains(&reason.as_str()) {
            return None;
        }
        let message = waiting.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        let before = match &container.last_state {
            Some(ContainerState { terminated: Some(ended), .. }) => format!("; before, it {}", ending(ended)),
            Some(_) | None => String::new(),
        };
        return Some(problem(&format!("container {name}: {reason}{message}{before}"), !before.is_empty(), true));
    }
    let ended = state.terminated.as_ref()?;
    if ended.exit_code == 0 {
        return None;
    }
    Some(problem(&format!("container {name} {}", ending(ended)), false, false))
}

fn ending(ended: &Terminated) -> String {
    let reason = ended.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("ended with exit code {}{reason}", ended.exit_code)
}

const fn is_running(container: &ContainerStatus) -> bool {
    matches!(container.state, Some(ContainerState { running: Some(_), .. }))
}

fn words(condition: &PodCondition) -> String {
    let parts = [&condition.reason, &condition.message];
    parts.into_iter().flatten().map(RemoteText::as_str).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A pod of a `StatefulSet`, created at noon, with a status of one's own.
    fn facts(metadata: &Value, status: &Value) -> Option<PodFacts> {
        let mut whole = json!({
            "name": "it-0",
            "uid": "u-0",
            "creationTimestamp": "2026-05-05T12:00:00Z",
            "labels": {"controller-revision-hash": "it-b", "pod-template-hash": "5d9c"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "it", "uid": "1", "controller": true}],
        });
        for (key, value) in metadata.as_object().into_iter().flatten() {
            whole[key] = value.clone();
        }
        let pod = serde_json::from_value(json!({"metadata": whole, "status": status})).ok()?;
        PodFacts::of(pod)
    }

    fn pod(metadata: &Value, status: &Value) -> PodFacts {
        facts(metadata, status).unwrap()
    }

    fn running() -> Value {
        json!({"phase": "Running", "podIP": "10.0.0.7", "conditions": [{"type": "Ready", "status": "True"}]})
    }

    #[test]
    fn a_pod_is_of_the_controller_that_its_owner_reference_names_by_identity() {
        let owned = |controller: bool| {
            let owner = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "uid": "1", "controller": controller});
            pod(&json!({"ownerReferences": [owner]}), &running()).owner
        };
        assert_eq!(owned(true).as_ref().map(Uid::as_str), Some("1"));
        assert_eq!(owned(false), None, "an owner that does not control it");
        assert_eq!(pod(&json!({"ownerReferences": null}), &running()).owner, None);
    }

    #[test]
    fn of_a_pod_only_what_is_used_is_kept() {
        let annotations =
            json!({"newleaf.dev/server-hash": "abc", "kubectl.kubernetes.io/last-applied-configuration": "large"});
        let kept = pod(&json!({"annotations": annotations}), &json!({"podIP": "not an address"}));
        assert_eq!(kept.annotations.into_keys().collect::<Vec<_>>(), ["newleaf.dev/server-hash"]);
        assert_eq!(kept.address, None);
    }

    #[test]
    fn a_pod_that_has_ended_holds_nothing() {
        assert_eq!(facts(&json!({}), &json!({"phase": "Failed", "reason": "Evicted"})), None);
        assert_eq!(facts(&json!({}), &json!({"phase": "Succeeded"})), None);
        assert!(facts(&json!({}), &json!({})).is_some(), "a pod that no kubelet has seen yet");
    }

    #[test]
    fn what_is_wrong_with_a_pod_is_told_in_words() {
        let waiting = |reason: &str, message: &str| {
            json!({"phase": "Pending", "containerStatuses": [
            {"name": "web", "ready": false, "restartCount": 0, "image": "i", "imageID": "", "state": {"waiting": {"reason": reason, "message": message}}}]})
        };
        let ended = json!({"terminated": {"exitCode": 3, "reason": "Error"}});
        let crashing = json!({"phase": "Running", "containerStatuses": [
            {"name": "web", "ready": false, "restartCount": 4, "image": "i", "imageID": "", "lastState": ended,
             "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}}}]});
        let unready = |started: bool| {
            json!({"phase": "Running",
            "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-05-05T12:00:05Z"}],
            "containerStatuses": [
            {"name": "aside", "ready": true, "restartCount": 0, "image": "i", "imageID": "", "started": true, "state": {"running": {}}},
            {"name": "web", "ready": false, "restartCount": 0, "image": "i", "imageID": "", "started": started, "state": {"running": {}}}]})
        };
        let failed = json!({"phase": "Pending", "initContainerStatuses": [
            {"name": "prepare", "ready": false, "restartCount": 0, "image": "i", "imageID": "", "state": ended}],
            "containerStatuses": [{"name": "web", "ready": false, "restartCount": 0, "image": "i", "imageID": "", "state": {"waiting": {"reason": "PodInitializing"}}}]});
        let nowhere = json!({"phase": "Pending", "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available"}]});
        for (status, why, held) in [
            (
                waiting("ImagePullBackOff", "Back-off pulling image"),
                "container web: ImagePullBackOff: Back-off pulling image",
                true,
            ),
            (
                waiting("CreateContainerConfigError", "secret \"s\" not found"),
                "container web: CreateContainerConfigError: secret \"s\" not found",
                true,
            ),
            (waiting("ContainerCreating", ""), "is being started", false),
            (
                crashing,
                "container web: CrashLoopBackOff: back-off 40s; before, it ended with exit code 3 (Error)",
                true,
            ),
            (
                unready(true),
                "container web runs and has not passed its readiness probe since 2026-05-05T12:00:05Z",
                false,
            ),
            (
                unready(false),
                "container web runs and has not passed its startup probe since 2026-05-05T12:00:05Z",
                false,
            ),
            (failed, "container prepare ended with exit code 3 (Error)", false),
            (nowhere, "is not scheduled: Unschedulable: 0/1 nodes are available", false),
            (json!({}), "is being started", false),
        ] {
            let problem = pod(&json!({}), &status).problem.unwrap();
            assert_eq!((problem.why.as_str(), problem.held), (why, held), "{status}");
        }
        assert_eq!(pod(&json!({}), &running()).problem, None);
    }
}
