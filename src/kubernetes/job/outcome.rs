//! What a Job and its pods say: how it ended, or why it does not start. Pure.

use std::fmt;
use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerState, Pod};

use crate::diagnosis::Class;
use crate::kubernetes::manifests::CONTAINER;

/// How long a pod may wait for what is usually there at once: an image that cannot be pulled, a ConfigMap.
const WAITING: Duration = Duration::from_secs(5);
/// How long a pod may wait for a node, or a Job for its pod.
const PLACING: Duration = Duration::from_secs(30);
/// Waiting for these is ordinary.
const ORDINARY: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// Why a Job does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The pod, if there is one.
    pub pod: Option<String>,
    /// In Kubernetes' word.
    pub reason: String,
    /// In its words.
    pub message: String,
    /// How long it may last before it is an error.
    pub patience: Duration,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pod, reason, message, .. } = self;
        match pod {
            Some(pod) => write!(f, "pod {pod}: {reason}: {message}"),
            None => write!(f, "{reason}: {message}"),
        }
    }
}

/// The exit code of a Job that has ended: of its newest pod, or where that is gone, of what the Job says about it.
pub(super) fn ended(job: &Job, pods: &[Pod]) -> Option<u8> {
    let exit = pods.last().and_then(exit_code);
    if exit == Some(0) {
        return exit;
    }
    let conditions = job.status.as_ref().and_then(|status| status.conditions.as_ref());
    let holds = |wanted: &str| conditions?.iter().find(|it| it.type_ == wanted && it.status == "True");
    if holds("Complete").is_some() {
        return Some(0);
    }
    let failed = holds("Failed")?;
    if failed.reason.as_deref() == Some("DeadlineExceeded") {
        return Some(Class::Temporary.exit_code());
    }
    let told = failed.message.as_deref().and_then(|message| message.split("exit code ").nth(1)).and_then(|rest| {
        rest.split(|character: char| !character.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
    });
    exit.or(told).or(Some(Class::Temporary.exit_code()))
}

/// Why the newest pod does not start, or why there is none; `None` as long as nothing is wrong.
pub(super) fn trouble(pods: &[Pod]) -> Option<Trouble> {
    let Some(pod) = pods.last() else {
        return Some(Trouble {
            pod: None,
            reason: "no pod was made".to_owned(),
            message: "a quota, an admission policy or a missing service account may forbid it".to_owned(),
            patience: PLACING,
        });
    };
    let of_pod = |reason: String, message: Option<String>, patience| {
        let message = message.unwrap_or_else(|| "no more is said".to_owned());
        Some(Trouble { pod: pod.metadata.name.clone(), reason, message, patience })
    };
    if let Some(waiting) = state(pod).and_then(|state| state.waiting.as_ref()) {
        let reason = waiting.reason.clone().filter(|reason| !ORDINARY.contains(&reason.as_str()))?;
        // A failing pull changes its reason to and fro; it is one trouble.
        let reason = if reason == "ImagePullBackOff" { "ErrImagePull".to_owned() } else { reason };
        return of_pod(reason, waiting.message.clone(), WAITING);
    }
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref())?;
    let unplaced = conditions.iter().find(|it| it.type_ == "PodScheduled" && it.status == "False")?;
    of_pod(unplaced.reason.clone().unwrap_or_default(), unplaced.message.clone(), PLACING)
}

/// Whether the container runs or has run, so that there is a log.
pub(super) fn has_started(pod: &Pod) -> bool {
    state(pod).is_some_and(|state| state.running.is_some() || state.terminated.is_some())
}

/// The exit code of a pod's container that has ended.
pub(super) fn exit_code(pod: &Pod) -> Option<u8> {
    let code = state(pod)?.terminated.as_ref()?.exit_code;
    Some(u8::try_from(code).unwrap_or(u8::MAX))
}

fn state(pod: &Pod) -> Option<&ContainerState> {
    let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
    statuses.iter().find(|status| status.name == CONTAINER)?.state.as_ref()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(state: &Value) -> Pod {
        let status = json!({"containerStatuses": [{
            "name": "newleaf", "image": "", "imageID": "", "ready": false, "restartCount": 0, "state": state,
        }]});
        serde_json::from_value(json!({"metadata": {"name": "newleaf-now-1"}, "status": status})).expect("a pod")
    }

    fn exited(code: i32) -> Pod {
        pod(&json!({"terminated": {"exitCode": code}}))
    }

    fn job(conditions: &[(&str, &str, &str)]) -> Job {
        let conditions: Vec<Value> = conditions
            .iter()
            .map(
                |(kind, reason, message)| json!({"type": kind, "status": "True", "reason": reason, "message": message}),
            )
            .collect();
        serde_json::from_value(json!({"status": {"conditions": conditions}})).expect("a Job")
    }

    #[test]
    fn a_container_that_succeeded_has_ended_before_its_job_says_so() {
        assert_eq!(ended(&job(&[]), &[exited(0)]), Some(0));
        assert_eq!(ended(&job(&[]), &[exited(75)]), None, "the Job may try again");
        assert_eq!(ended(&job(&[]), &[]), None);
    }

    #[test]
    fn the_newest_pod_gives_the_exit_code_of_a_failed_job() {
        let failed = job(&[("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")]);
        assert_eq!(ended(&failed, &[exited(75), exited(5)]), Some(5));
    }

    #[test]
    fn a_job_without_pods_still_tells_its_exit_code() {
        let policy = "Container newleaf for pod backstage/newleaf-now-1 failed with exit code 77 matching FailJob rule at index 2";
        assert_eq!(ended(&job(&[("Failed", "PodFailurePolicy", policy)]), &[]), Some(77));
        assert_eq!(ended(&job(&[("Failed", "BackoffLimitExceeded", "limit")]), &[]), Some(75));
        assert_eq!(ended(&job(&[("Failed", "DeadlineExceeded", "too long")]), &[exited(143)]), Some(75));
        assert_eq!(ended(&job(&[("Complete", "", "")]), &[]), Some(0));
    }

    #[test]
    fn what_keeps_a_pod_from_starting_is_named_and_ordinary_waiting_is_not() {
        let waiting = |reason: &str| pod(&json!({"waiting": {"reason": reason, "message": "back-off pulling image"}}));
        assert_eq!(trouble(&[waiting("ContainerCreating")]), None);
        let pull = trouble(&[waiting("ErrImagePull")]).expect("trouble");
        assert_eq!(pull.to_string(), "pod newleaf-now-1: ErrImagePull: back-off pulling image");
        assert_eq!(trouble(&[waiting("ImagePullBackOff")]), Some(pull));
        assert_eq!(trouble(&[exited(0)]), None);
        assert_eq!(trouble(&[]).map(|trouble| trouble.reason).as_deref(), Some("no pod was made"));
    }
}
