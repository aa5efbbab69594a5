//! Reads from a Job and its pods how the Job ended, or why it does not start. Pure.

use std::fmt;
use std::time::Duration;

use base::diagnosis::{Class, RemoteText};
use chrono::{DateTime, TimeDelta, Utc};
use kubernetes::api::error::KubernetesError;
use kubernetes::api::object::ObjectName;
use kubernetes::warning::WarningEvent;
use kubernetes::wire::job::{Job, JobCondition, PodFailurePolicyRule};
use kubernetes::wire::pod::{ContainerState, Pod, Waiting};
use rotation::manifests::CONTAINER;

/// How long a pod may wait for an image or a ConfigMap, which are usually there at once.
const WAITING: Duration = Duration::from_secs(5);
/// How long a pod may wait for a node, or a Job for its first pod.
const PLACING: Duration = Duration::from_secs(30);
/// The age from which a Job without a pod will hardly get one: twice the wait for the first pod. Its controller may have
/// missed the end of the former pod and wait for it in vain.
const FORSAKEN: TimeDelta = TimeDelta::seconds(60);
/// How long a Job may wait for its next pod: twice the pause of Kubernetes after the last failure but one.
const TRYING_AGAIN: Duration = Duration::from_secs(80);
/// Normal reasons for a container to wait.
const ORDINARY: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// Warnings that show that a container will not start although its own state only says that it is being created.
const HOLDS_UP: [&str; 3] = ["FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"];

/// Why a Job does not start or makes no progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobProblem {
    /// The name of the pod, if there is one.
    pub pod: Option<ObjectName>,
    /// The reason in one word of Kubernetes.
    pub reason: RemoteText,
    /// The message of Kubernetes.
    pub message: RemoteText,
    /// How long it may last before newleaf stops waiting.
    pub problem_timer: Duration,
}

impl fmt::Display for JobProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pod, reason, message, .. } = self;
        match pod {
            Some(pod) => write!(f, "pod {pod}: {reason}: {message}"),
            None => write!(f, "{reason}: {message}"),
        }
    }
}

impl JobProblem {
    /// The API server does not answer.
    pub(super) fn unreachable(error: &KubernetesError) -> Self {
        Self::of_job("no answer", &format!("{error}; trying again"), Duration::MAX)
    }

    fn of_job(reason: &str, message: &str, problem_timer: Duration) -> Self {
        Self { pod: None, reason: RemoteText::new(reason), message: RemoteText::new(message), problem_timer }
    }
}

/// The exit code of a Job that has ended: that of its newest pod, or if the pod is gone, the one in the Job's status. The
/// container's own end comes first, because the Job controller needs seconds to report it.
pub(super) fn ended(job: &Job, pods: &[Pod]) -> Option<u8> {
    let exit = newest_exit_code(pods);
    if let Some(code) = exit
        && (code == 0 || is_last(job, code))
    {
        return exit;
    }
    if job.condition("Complete").is_some() {
        return Some(0);
    }
    let failed = job.condition("Failed")?;
    if failed.reason.as_ref().map(RemoteText::as_str) == Some("DeadlineExceeded") {
        return Some(Class::Temporary.exit_code());
    }
    if exit.is_some() {
        return exit;
    }
    Some(told_exit_code(failed).unwrap_or(Class::Temporary.exit_code()))
}

fn newest_exit_code(pods: &[Pod]) -> Option<u8> {
    exit_code(pods.last()?)
}

/// The exit code that the Job controller names if a rule of the failure policy has matched.
fn told_exit_code(failed: &JobCondition) -> Option<u8> {
    let (_, rest) = failed.message.as_ref()?.as_str().split_once("exit code ")?;
    let digits = rest.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Whether no pod of a Job is running and the Job has not succeeded, so that the same rotation gets another Job. This Job may
/// have failed for good before its controller reports it, or it waits for its next try, which does no harm later. A suspended
/// Job is not idle, because a person holds it back on purpose.
pub(super) fn is_idle(job: &Job, pods: &[Pod], now: Option<DateTime<Utc>>) -> bool {
    let is_being_ended = job.condition("FailureTarget").is_some() || job.metadata.deletion_timestamp.is_some();
    if is_being_ended {
        return true;
    }
    if let Some(code) = ended(job, pods) {
        return code != 0;
    }
    let is_at_work = pods.iter().any(|pod| exit_code(pod).is_none());
    if is_at_work {
        return false;
    }
    // A Job without pods, without failures and not yet old is about to get its first pod.
    !pods.is_empty() || has_lost_pods(job) || is_forsaken(job, now)
}

/// `now` is the time of the API server, which also recorded when the Job was created, so nothing compares two clocks.
fn is_forsaken(job: &Job, now: Option<DateTime<Utc>>) -> bool {
    let (Some(created), Some(now)) = (job.metadata.creation_timestamp, now) else { return false };
    let is_suspended = job.spec.suspend.unwrap_or_default();
    !is_suspended && now - created >= FORSAKEN
}

/// Whether pods of the Job have failed, whether they still exist or not.
fn has_lost_pods(job: &Job) -> bool {
    if job.status.failed.unwrap_or_default() > 0 {
        return true;
    }
    let Some(uncounted) = &job.status.uncounted_terminated_pods else { return false };
    !uncounted.failed.as_deref().unwrap_or_default().is_empty()
}

/// Whether the Job's policy fails it at once after this exit code.
fn is_last(job: &Job, code: u8) -> bool {
    let Some(policy) = &job.spec.pod_failure_policy else { return false };
    policy.rules.iter().any(|rule| fails_job(rule, code))
}

fn fails_job(rule: &PodFailurePolicyRule, code: u8) -> bool {
    let Some(codes) = &rule.on_exit_codes else { return false };
    rule.action == "FailJob" && codes.operator == "In" && codes.values.contains(&i32::from(code))
}

/// Why the newest pod does not start or has failed, or why there is none. `None` if nothing is wrong. `warning` is the last
/// warning about the pod or the Job.
pub(super) fn problem(job: &Job, pods: &[Pod], warning: Option<WarningEvent>) -> Option<JobProblem> {
    let Some(pod) = pods.last() else { return Some(without_pod(job, warning)) };
    let of_pod = |reason: RemoteText, message: Option<RemoteText>, problem_timer| {
        let message = message.unwrap_or_else(|| RemoteText::new("Kubernetes gives no message"));
        Some(JobProblem { pod: Some(pod.metadata.name.clone()), reason, message, problem_timer })
    };
    if let Some((waiting, reason)) = waiting(pod)
        && !ORDINARY.contains(&reason.as_str())
    {
        // A failing pull alternates between two reasons; it is one problem.
        let is_pull = reason.as_str() == "ImagePullBackOff";
        let reason = if is_pull { RemoteText::new("ErrImagePull") } else { reason.clone() };
        return of_pod(reason, waiting.message.clone(), WAITING);
    }
    if let Some(code) = exit_code(pod) {
        let reason = RemoteText::new(&format!("exit code {code}"));
        return of_pod(reason, Some(RemoteText::new("the Job starts another pod")), TRYING_AGAIN);
    }
    if let Some(unplaced) = pod.condition("PodScheduled")
        && unplaced.status == "False"
    {
        return of_pod(unplaced.reason.clone().unwrap_or_default(), unplaced.message.clone(), PLACING);
    }
    let WarningEvent { reason, message } = warning?;
    if !HOLDS_UP.contains(&reason.as_str()) {
        return None;
    }
    of_pod(reason, Some(message), PLACING)
}

fn without_pod(job: &Job, warning: Option<WarningEvent>) -> JobProblem {
    if has_lost_pods(job) {
        return JobProblem::of_job("its pod is gone", "the Job starts another pod", TRYING_AGAIN);
    }
    if let Some(WarningEvent { reason, message }) = warning {
        return JobProblem { pod: None, reason, message, problem_timer: PLACING };
    }
    let unknown = "a quota, an admission policy or a missing service account may forbid it";
    JobProblem::of_job("no pod was created", unknown, PLACING)
}

/// Whether the container runs or has run, so that it has a log.
pub(super) fn has_started(pod: &Pod) -> bool {
    match state(pod) {
        Some(state) => state.running.is_some() || state.terminated.is_some(),
        None => false,
    }
}

/// The exit code of a pod's container, if it has ended.
pub(super) fn exit_code(pod: &Pod) -> Option<u8> {
    let code = state(pod)?.terminated.as_ref()?.exit_code;
    Some(u8::try_from(code).unwrap_or(u8::MAX))
}

/// The reason for which the container waits, and the message.
fn waiting(pod: &Pod) -> Option<(&Waiting, &RemoteText)> {
    let waiting = state(pod)?.waiting.as_ref()?;
    Some((waiting, waiting.reason.as_ref()?))
}

fn state(pod: &Pod) -> Option<&ContainerState> {
    let statuses = pod.status.container_statuses.as_ref()?;
    statuses.iter().find(|status| status.name.as_str() == CONTAINER)?.state.as_ref()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cluster::job::samples::cron_job;

    fn pod(state: &Value) -> Pod {
        let status = json!({"containerStatuses": [{
            "name": "newleaf", "image": "", "imageID": "", "ready": false, "restartCount": 0, "state": state,
        }]});
        serde_json::from_value(json!({"metadata": {"name": "newleaf-now-1", "uid": "p"}, "status": status}))
            .expect("a pod")
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
        read(json!({"status": {"conditions": conditions}}))
    }

    fn read(mut object: Value) -> Job {
        object["metadata"]["name"] = json!("newleaf-now");
        object["metadata"]["uid"] = json!("j");
        serde_json::from_value(object).expect("a Job")
    }

    /// The specification of a Job of ours.
    fn spec() -> Value {
        json!(cron_job().spec.and_then(|spec| spec.job_template.spec))
    }

    #[test]
    fn a_container_that_succeeded_has_ended_before_its_job_says_so() {
        assert_eq!(ended(&job(&[]), &[exited(0)]), Some(0));
        assert_eq!(ended(&job(&[]), &[exited(75)]), None, "the Job may try again");
        assert_eq!(ended(&job(&[]), &[]), None);
    }

    #[test]
    fn an_exit_code_that_fails_the_job_ends_it_before_it_says_so() {
        let running = read(json!({"spec": spec()}));
        for code in [2, 4, 77, 78] {
            assert_eq!(ended(&running, &[exited(code)]), u8::try_from(code).ok(), "its policy fails the Job at once");
        }
        for code in [1, 5, 75, 130, 137, 143] {
            assert_eq!(ended(&running, &[exited(code)]), None, "{code}: the Job tries again");
        }
        assert_eq!(reason(&running, &[exited(75)]).as_deref(), Some("exit code 75"));
    }

    #[test]
    fn a_job_of_which_nothing_is_at_work_is_not_followed_again() {
        let of_ours = |status: Value| read(json!({"spec": spec(), "status": status}));
        let running = || pod(&json!({"running": {}}));
        let now = Some(DateTime::UNIX_EPOCH);
        for (what, status, pods) in [
            ("it was just made", json!({}), vec![]),
            ("it is done", json!({"conditions": [{"type": "Complete", "status": "True"}]}), vec![]),
            ("it is done and does not say so yet", json!({}), vec![exited(0)]),
            ("its pod is pending", json!({}), vec![pod(&json!({}))]),
            ("its second try runs", json!({"failed": 1}), vec![exited(75), running()]),
            ("its second try runs, the first is gone", json!({"failed": 1}), vec![running()]),
        ] {
            assert!(!is_idle(&of_ours(status), &pods, now), "{what}");
        }
        for (what, status, pods) in [
            ("it fails", json!({"conditions": [{"type": "FailureTarget", "status": "True"}]}), vec![]),
            ("it will fail and does not say so yet", json!({}), vec![exited(2)]),
            ("it waits for its next try", json!({}), vec![exited(75)]),
            ("it waits, the pod is gone", json!({"failed": 1}), vec![]),
            ("it waits, the pod is not counted yet", json!({"uncountedTerminatedPods": {"failed": ["1"]}}), vec![]),
        ] {
            assert!(is_idle(&of_ours(status), &pods, now), "{what}");
        }
        let mut deleted = job(&[("Complete", "", "")]);
        deleted.metadata.deletion_timestamp = Some(DateTime::UNIX_EPOCH);
        assert!(is_idle(&deleted, &[], now));
    }

    #[test]
    fn a_job_that_gets_no_pod_is_followed_for_a_while_only() {
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(1);
        let job = |age: i64, suspend: bool| {
            let created = (now - TimeDelta::seconds(age)).to_rfc3339();
            read(json!({"metadata": {"creationTimestamp": created}, "spec": {"suspend": suspend, "template": {}}}))
        };
        let is_idle = |job: &Job, pods: &[Pod]| is_idle(job, pods, Some(now));
        assert!(!is_idle(&job(59, false), &[]), "it may still get one");
        assert!(is_idle(&job(60, false), &[]));
        assert!(!super::is_idle(&job(60, false), &[], None), "the API server did not say what time it is");
        assert!(!is_idle(&job(3600, true), &[]), "it is suspended");
        assert!(!is_idle(&job(3600, false), &[pod(&json!({"running": {}}))]), "it has one");
        assert!(!is_idle(&job(-3600, false), &[]), "its clock is ahead");
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
        let creating = [waiting("ContainerCreating")];
        assert_eq!(problem(&job(&[]), &creating, None), None);
        let pull = problem(&job(&[]), &[waiting("ErrImagePull")], None).expect("problem");
        assert_eq!(pull.to_string(), "pod newleaf-now-1: ErrImagePull: back-off pulling image");
        assert_eq!(problem(&job(&[]), &[waiting("ImagePullBackOff")], None), Some(pull));
        let mount = warning("FailedMount", "configmap \"newleaf\" not found");
        let seen = problem(&job(&[]), &creating, Some(mount)).map(|problem| problem.to_string());
        assert_eq!(seen.as_deref(), Some("pod newleaf-now-1: FailedMount: configmap \"newleaf\" not found"));
        assert_eq!(problem(&job(&[]), &creating, Some(warning("FailedScheduling", "it has a node now"))), None);
        assert_eq!(problem(&job(&[]), &[pod(&json!({"running": {}}))], None), None);
    }

    #[test]
    fn what_keeps_a_pod_from_being_made_is_told_in_the_words_of_kubernetes() {
        let quota = warning("FailedCreate", "exceeded quota: none");
        let seen = problem(&job(&[]), &[], Some(quota)).map(|problem| problem.to_string());
        assert_eq!(seen.as_deref(), Some("FailedCreate: exceeded quota: none"));
        assert_eq!(reason(&job(&[]), &[]).as_deref(), Some("no pod was created"));
        assert_eq!(reason(&read(json!({"status": {"failed": 1}})), &[]).as_deref(), Some("its pod is gone"));
    }

    fn reason(job: &Job, pods: &[Pod]) -> Option<String> {
        problem(job, pods, None).map(|problem| problem.reason.to_string())
    }

    fn warning(reason: &str, message: &str) -> WarningEvent {
        WarningEvent { reason: RemoteText::new(reason), message: RemoteText::new(message) }
    }
}
