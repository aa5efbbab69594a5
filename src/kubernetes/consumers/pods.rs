//! Pods: whose they are, which leaf they have loaded, and what is wrong with them. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod, PodCondition};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::configuration::cluster::WorkloadKind;
use crate::kubernetes::consumers::workload::hash_annotation;
use crate::rotation::facts::Peer;

/// How far the clocks of two API servers may be apart: one notes when a Secret was written, another when a pod was made.
const SKEW_MAX: TimeDelta = TimeDelta::seconds(30);
/// What a container waits for when nothing is wrong.
const ORDINARY_WAITS: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// What matters of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodFacts {
    /// Its name.
    pub name: String,
    /// The workload that made it, if it is of a kind that newleaf restarts.
    pub owner: Option<(WorkloadKind, String)>,
    /// The revision of the template that it was made from, where it is of a `StatefulSet` or `DaemonSet`.
    pub revision: Option<String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// Its address, once it has one.
    pub address: Option<String>,
    /// Whether it serves.
    pub ready: bool,
    /// Whether it has been told to end.
    pub ending: bool,
    /// What is wrong with it, in words; `None` for one that is ready.
    pub trouble: Option<Trouble>,
}

/// What is wrong with a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A clause: the reason as Kubernetes gives it, and its message.
    pub why: String,
    /// The container that it is about.
    pub container: Option<String>,
    /// Whether its last words are in the log of its former run.
    pub previous: bool,
    /// Whether the kubelet holds it back: its image cannot be had, it crashes, a value is missing.
    pub held: bool,
}

impl PodFacts {
    /// Reads a pod; `None` for one that has ended for good, and so holds nothing.
    pub fn of(pod: &Pod) -> Option<Self> {
        let status = pod.status.as_ref();
        let phase = status.and_then(|status| status.phase.as_deref()).unwrap_or("Pending");
        if phase == "Succeeded" || phase == "Failed" {
            return None;
        }
        let ready = condition(pod, "Ready").is_some_and(|condition| condition.status == "True");
        Some(Self {
            name: pod.metadata.name.clone().unwrap_or_default(),
            owner: owner(pod),
            revision: label(pod, "controller-revision-hash"),
            annotations: pod.metadata.annotations.clone().unwrap_or_default(),
            created: pod.metadata.creation_timestamp.as_ref().and_then(instant),
            address: status.and_then(|status| status.pod_ip.clone()).filter(|address| !address.is_empty()),
            ready,
            ending: pod.metadata.deletion_timestamp.is_some(),
            trouble: if ready { None } else { Some(trouble(pod)) },
        })
    }

    /// Whether it was made with the annotation of a restart for this material.
    pub fn has_hash(&self, peer: Peer, hash: &str) -> bool {
        self.annotations.get(hash_annotation(peer)).is_some_and(|value| value == hash)
    }

    /// Why it has not loaded the stored leaf of a peer; `None` when it was made for it, or after it was written.
    pub fn stale(&self, peer: Peer, hash: &str, written: Option<DateTime<Utc>>) -> Option<String> {
        let made_after = match (self.created, written) {
            (Some(created), Some(written)) => created > written + SKEW_MAX,
            (None, _) | (_, None) => false,
        };
        if made_after || self.has_hash(peer, hash) {
            return None;
        }
        let state = if self.ending { "is ending and" } else { "still" };
        let since = self.created.map(|created| format!(", it was created at {}", created.format("%FT%TZ")));
        Some(format!("pod {} {state} has a former {peer} leaf{}", self.name, since.unwrap_or_default()))
    }
}

/// The workload that made a pod: a `StatefulSet` or `DaemonSet` by its owner reference, a Deployment by that of its
/// `ReplicaSet`, which is called after it and after the hash of its template.
fn owner(pod: &Pod) -> Option<(WorkloadKind, String)> {
    let mut owners = pod.metadata.owner_references.iter().flatten();
    let owner = owners.find(|owner| owner.controller == Some(true) && owner.api_version.starts_with("apps/"))?;
    match owner.kind.as_str() {
        "StatefulSet" => Some((WorkloadKind::StatefulSet, owner.name.clone())),
        "DaemonSet" => Some((WorkloadKind::DaemonSet, owner.name.clone())),
        "ReplicaSet" => {
            let template = label(pod, "pod-template-hash")?;
            let name = owner.name.strip_suffix(&template)?.strip_suffix('-')?;
            Some((WorkloadKind::Deployment, name.to_owned()))
        }
        _ => None,
    }
}

/// What keeps a pod from being ready.
fn trouble(pod: &Pod) -> Trouble {
    let whole = |why: String| Trouble { why, container: None, previous: false, held: false };
    if pod.metadata.deletion_timestamp.is_some() {
        return whole("is ending".to_owned());
    }
    if let Some(unscheduled) = condition(pod, "PodScheduled").filter(|condition| condition.status == "False") {
        return whole(format!("is not scheduled: {}", words(unscheduled)));
    }
    let status = pod.status.as_ref();
    let containers = status.and_then(|status| status.container_statuses.as_deref()).unwrap_or_default();
    let initial = status.and_then(|status| status.init_container_statuses.as_deref()).unwrap_or_default();
    if let Some(trouble) = initial.iter().chain(containers).find_map(container_trouble) {
        return trouble;
    }
    match containers.iter().find(|container| !container.ready && is_running(container)) {
        Some(container) => {
            let probe = if container.started == Some(true) { "readiness" } else { "startup" };
            let since = condition(pod, "Ready").and_then(|ready| ready.last_transition_time.as_ref()).and_then(instant);
            let since = since.map(|since| format!(" since {}", since.format("%FT%TZ"))).unwrap_or_default();
            let why = format!("container {} runs and has not passed its {probe} probe{since}", container.name);
            Trouble { why, container: Some(container.name.clone()), previous: false, held: false }
        }
        None => whole("is being started".to_owned()),
    }
}

fn container_trouble(container: &ContainerStatus) -> Option<Trouble> {
    let name = &container.name;
    let (state, last) = (container.state.as_ref()?, container.last_state.as_ref());
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.as_deref().filter(|reason| !ORDINARY_WAITS.contains(reason))?;
        let message = waiting.message.as_deref().map(|message| format!(": {message}")).unwrap_or_default();
        let before = last.and_then(ending).map(|ending| format!("; before, it {ending}")).unwrap_or_default();
        let previous = !before.is_empty();
        return Some(Trouble {
            why: format!("container {name}: {reason}{message}{before}"),
            container: Some(name.clone()),
            previous,
            held: true,
        });
    }
    let ended = state.terminated.as_ref().filter(|ended| ended.exit_code != 0).and(ending(state))?;
    Some(Trouble {
        why: format!("container {name} {ended}"),
        container: Some(name.clone()),
        previous: false,
        held: false,
    })
}

fn ending(state: &ContainerState) -> Option<String> {
    let ended = state.terminated.as_ref()?;
    let reason = ended.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    Some(format!("ended with exit code {}{reason}", ended.exit_code))
}

fn is_running(container: &ContainerStatus) -> bool {
    container.state.as_ref().is_some_and(|state| state.running.is_some())
}

fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<&'a PodCondition> {
    pod.status.as_ref()?.conditions.iter().flatten().find(|condition| condition.type_ == kind)
}

fn words(condition: &PodCondition) -> String {
    let parts = [condition.reason.as_deref(), condition.message.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

fn label(pod: &Pod, key: &str) -> Option<String> {
    pod.metadata.labels.as_ref()?.get(key).cloned()
}

/// The API's time as ours.
pub(crate) fn instant(time: &Time) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.0.as_second(), u32::try_from(time.0.subsec_nanosecond()).ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A pod of a `StatefulSet`, created at noon, with a status of one's own.
    fn facts(metadata: &Value, status: &Value) -> Option<PodFacts> {
        let mut whole = json!({
            "name": "it-0",
            "creationTimestamp": "2026-05-05T12:00:00Z",
            "labels": {"controller-revision-hash": "it-b", "pod-template-hash": "5d9c"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "it", "uid": "1", "controller": true}],
        });
        for (key, value) in metadata.as_object().into_iter().flatten() {
            whole[key] = value.clone();
        }
        let pod = serde_json::from_value(json!({"metadata": whole, "status": status})).ok()?;
        PodFacts::of(&pod)
    }

    fn pod(metadata: &Value, status: &Value) -> PodFacts {
        facts(metadata, status).unwrap()
    }

    fn running() -> Value {
        json!({"phase": "Running", "podIP": "10.0.0.7", "conditions": [{"type": "Ready", "status": "True"}]})
    }

    fn owned(api: &str, kind: &str, name: &str, controller: bool) -> Option<(WorkloadKind, String)> {
        let owner = json!({"apiVersion": api, "kind": kind, "name": name, "uid": "1", "controller": controller});
        pod(&json!({"ownerReferences": [owner]}), &running()).owner
    }

    #[test]
    fn a_pod_belongs_to_the_workload_that_controls_it() {
        let of = |kind, name: &str| Some((kind, name.to_owned()));
        assert_eq!(owned("apps/v1", "StatefulSet", "db", true), of(WorkloadKind::StatefulSet, "db"));
        assert_eq!(owned("apps/v1", "DaemonSet", "db", true), of(WorkloadKind::DaemonSet, "db"));
        assert_eq!(owned("apps/v1", "ReplicaSet", "web-5d9c", true), of(WorkloadKind::Deployment, "web"));
        assert_eq!(owned("apps/v1", "ReplicaSet", "web-a-5d9c", true), of(WorkloadKind::Deployment, "web-a"));
        assert_eq!(owned("apps/v1", "ReplicaSet", "web", true), None, "a ReplicaSet that no Deployment made");
        assert_eq!(owned("apps/v1", "ReplicaSet", "5d9c", true), None);
        assert_eq!(owned("apps/v1", "StatefulSet", "db", false), None, "an owner that does not control it");
        assert_eq!(owned("batch/v1", "Job", "db", true), None);
        assert_eq!(owned("example.org/v1", "StatefulSet", "db", true), None, "somebody's own kind of that name");
        assert_eq!(pod(&json!({"ownerReferences": null}), &running()).owner, None);
    }

    #[test]
    fn a_pod_has_loaded_what_it_was_made_for_or_after() {
        let at = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        let plain = pod(&json!({}), &running());
        let marked = pod(&json!({"annotations": {"newleaf.dev/server-hash": "abc"}}), &running());
        let later = at("2026-05-05T12:00:01Z");
        assert_eq!(marked.stale(Peer::Server, "abc", later), None);
        assert!(marked.stale(Peer::Client, "abc", later).is_some(), "a mark is for one leaf");
        assert!(marked.stale(Peer::Server, "other", later).is_some());
        assert_eq!(plain.stale(Peer::Server, "abc", at("2026-05-05T11:59:29Z")), None);
        // Another API server, whose clock may differ, has noted when the Secret was written: the pod may have been first.
        assert!(plain.stale(Peer::Server, "abc", at("2026-05-05T11:59:30Z")).is_some());
        let why = plain.stale(Peer::Server, "abc", None).expect("nothing is known");
        assert_eq!(why, "pod it-0 still has a former server leaf, it was created at 2026-05-05T12:00:00Z");
        let ending = pod(&json!({"deletionTimestamp": "2026-05-05T12:30:00Z"}), &running());
        let why = ending.stale(Peer::Server, "abc", later).expect("it has the former one");
        assert!(why.starts_with("pod it-0 is ending and has a former server leaf"), "{why}");
    }

    #[test]
    fn a_pod_that_has_ended_holds_nothing() {
        assert_eq!(facts(&json!({}), &json!({"phase": "Failed", "reason": "Evicted"})), None);
        assert_eq!(facts(&json!({}), &json!({"phase": "Succeeded"})), None);
        assert!(facts(&json!({}), &json!({})).is_some(), "one that nobody has looked at yet");
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
            let trouble = pod(&json!({}), &status).trouble.unwrap();
            assert_eq!((trouble.why.as_str(), trouble.held), (why, held), "{status}");
        }
        assert_eq!(pod(&json!({}), &running()).trouble, None);
    }
}
