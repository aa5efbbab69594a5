//! The progress of a rollout by the rules of `kubectl rollout status`, and the cases that they omit. Pure.

use base::diagnosis::RemoteText;

use crate::wire::workload::{WorkloadCondition, WorkloadObject, WorkloadSpec};

/// The progress of Kubernetes in replacing the pods of a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollout {
    /// Every pod has the present template and is available.
    Complete,
    /// The workload wants no pod.
    NotRunning,
    /// Kubernetes is replacing pods. The text names what is missing.
    Progressing(String),
    /// Kubernetes makes no progress. The text says why.
    Stuck(RemoteText),
    /// A setting of the workload forbids Kubernetes to replace the pods.
    Halted(Halt),
}

/// Why Kubernetes does not replace pods, and how to let it continue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// A clause without a full stop.
    pub why: String,
    /// The hint: an imperative sentence.
    pub way_out: String,
}

/// The reason of Kubernetes for a rollout without progress within the Deployment's `progressDeadlineSeconds`.
const DEADLINE_EXCEEDED: &str = "ProgressDeadlineExceeded";
const ON_DELETE: &str = "OnDelete";

pub(crate) fn deployment(workload: &WorkloadObject) -> Rollout {
    let (Some(spec), Some(status)) = (&workload.spec, &workload.status) else { return unobserved() };
    if !is_observed(workload.metadata.generation, status.observed_generation) {
        return unobserved();
    }
    let wanted = spec.replicas.unwrap_or(1);
    let (replicas, updated, available) = (status.replicas, status.updated_replicas, status.available_replicas);
    if wanted == 0 && replicas == 0 {
        return Rollout::NotRunning;
    }
    if updated >= wanted && replicas <= updated && available >= updated {
        return Rollout::Complete;
    }
    let name = &workload.metadata.name;
    let conditions = status.conditions.as_deref().unwrap_or_default();
    if spec.paused == Some(true) && (updated < wanted || replicas > updated) {
        return halted(
            "its rollout is paused".to_owned(),
            format!("Resume it with `kubectl rollout resume deployment/{name}`."),
        );
    }
    if let Some(progress) = condition(conditions, "Progressing")
        && progress.reason.as_ref().map(RemoteText::as_str) == Some(DEADLINE_EXCEEDED)
    {
        return Rollout::Stuck(words(progress, failed_to_create(conditions)));
    }
    // A quota or an admission policy: the controller retries for ever, in vain.
    if let Some(why) = failed_to_create(conditions) {
        return Rollout::Stuck(why);
    }
    Rollout::Progressing(if updated < wanted {
        format!("{updated} of {wanted} pods are new")
    } else if replicas > updated {
        format!("{} old pods have not ended yet", replicas.saturating_sub(updated))
    } else {
        format!("{available} of {updated} new pods are available")
    })
}

/// The rollout of a `StatefulSet`.
pub(crate) fn stateful_set(workload: &WorkloadObject) -> Rollout {
    let (Some(spec), Some(status)) = (&workload.spec, &workload.status) else { return unobserved() };
    if !is_observed(workload.metadata.generation, status.observed_generation) {
        return unobserved();
    }
    let wanted = spec.replicas.unwrap_or(1);
    let (ready, updated) = (status.ready_replicas, status.updated_replicas);
    if wanted == 0 && status.replicas == 0 {
        return Rollout::NotRunning;
    }
    let on_delete = is_on_delete(spec);
    let partition = partition(spec).unwrap_or_default();
    // `currentRevision` follows only when the controller itself has replaced every pod, so never with OnDelete.
    let same_revision = status.update_revision.is_some() && status.update_revision == status.current_revision;
    let all_new = if on_delete { updated >= wanted } else { same_revision };
    if all_new {
        return if ready >= wanted && status.replicas <= wanted {
            Rollout::Complete
        } else {
            Rollout::Progressing(format!("{ready} of {wanted} pods are ready"))
        };
    }
    let old = status.replicas.saturating_sub(updated);
    if on_delete && old > 0 {
        return by_hand(old);
    }
    if partition > 0 && !on_delete {
        return halted(
            format!("its partition of {partition} keeps {} on the former template", pods(old.min(partition))),
            "Set spec.updateStrategy.rollingUpdate.partition to 0.".to_owned(),
        );
    }
    Rollout::Progressing(if updated < wanted {
        format!("{updated} of {wanted} pods are new")
    } else {
        format!("{ready} of {wanted} pods are ready")
    })
}

/// The rollout of a `DaemonSet`.
pub(crate) fn daemon_set(workload: &WorkloadObject) -> Rollout {
    let (Some(spec), Some(status)) = (&workload.spec, &workload.status) else { return unobserved() };
    if !is_observed(workload.metadata.generation, status.observed_generation) {
        return unobserved();
    }
    let wanted = status.desired_number_scheduled;
    let (updated, available) = (status.updated_number_scheduled, status.number_available);
    if wanted == 0 && status.current_number_scheduled == 0 {
        return Rollout::NotRunning;
    }
    if updated >= wanted && available >= wanted {
        Rollout::Complete
    } else if status.current_number_scheduled > updated && is_on_delete(spec) {
        by_hand(status.current_number_scheduled.saturating_sub(updated))
    } else if updated < wanted {
        Rollout::Progressing(format!("{updated} of {wanted} pods are new"))
    } else {
        Rollout::Progressing(format!("{available} of {wanted} pods are available"))
    }
}

fn is_on_delete(spec: &WorkloadSpec) -> bool {
    let Some(strategy) = &spec.update_strategy else { return false };
    strategy.kind.as_deref() == Some(ON_DELETE)
}

fn partition(spec: &WorkloadSpec) -> Option<i32> {
    spec.update_strategy.as_ref()?.rolling_update.as_ref()?.partition
}

fn by_hand(old: i32) -> Rollout {
    halted(
        format!("its update strategy is OnDelete, and {} of the former template", pods_are(old)),
        "Delete its old pods one by one; Kubernetes creates new ones.".to_owned(),
    )
}

fn halted(why: String, way_out: String) -> Rollout {
    Rollout::Halted(Halt { why, way_out })
}

fn unobserved() -> Rollout {
    Rollout::Progressing("its controller has not processed the change yet".to_owned())
}

/// Whether the status belongs to the present specification.
fn is_observed(generation: Option<i64>, observed: Option<i64>) -> bool {
    let Some(observed) = observed else { return false };
    observed > 0 && observed >= generation.unwrap_or_default()
}

fn condition<'a>(conditions: &'a [WorkloadCondition], kind: &str) -> Option<&'a WorkloadCondition> {
    conditions.iter().find(|condition| condition.kind.as_str() == kind)
}

/// Why the controller cannot create a pod.
fn failed_to_create(conditions: &[WorkloadCondition]) -> Option<RemoteText> {
    let failure = condition(conditions, "ReplicaFailure")?;
    if failure.status == "True" { Some(words(failure, None)) } else { None }
}

fn words(condition: &WorkloadCondition, because: Option<RemoteText>) -> RemoteText {
    let reason = condition.reason.as_ref().unwrap_or(&condition.kind);
    let message = condition.message.as_ref().map(RemoteText::as_str).unwrap_or_default().trim_end_matches('.');
    let because = because.map(|why| format!(" ({why})")).unwrap_or_default();
    RemoteText::new(&format!("{reason}: {message}{because}"))
}

fn pods(count: i32) -> String {
    if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") }
}

fn pods_are(count: i32) -> String {
    format!("{} {}", pods(count), if count == 1 { "is" } else { "are" })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A workload as the API server gives it, of generation 2.
    fn object(kind: &str, mut spec: Value, status: &Value) -> Value {
        spec["selector"] = json!({});
        spec["template"] = json!({});
        json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "it", "uid": "u", "generation": 2}, "spec": spec, "status": status})
    }

    fn of_deployment(spec: Value, status: &Value) -> Rollout {
        deployment(&serde_json::from_value(object("Deployment", spec, status)).unwrap())
    }

    fn of_stateful_set(spec: Value, status: &Value) -> Rollout {
        stateful_set(&serde_json::from_value(object("StatefulSet", spec, status)).unwrap())
    }

    fn of_daemon_set(spec: Value, status: &Value) -> Rollout {
        let mut whole = json!({"currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0});
        for (key, value) in status.as_object().unwrap() {
            whole[key] = value.clone();
        }
        daemon_set(&serde_json::from_value(object("DaemonSet", spec, &whole)).unwrap())
    }

    fn progressing(what: &str) -> Rollout {
        Rollout::Progressing(what.to_owned())
    }

    fn why(rollout: &Rollout) -> &str {
        match rollout {
            Rollout::Halted(halt) => &halt.why,
            Rollout::Stuck(why) => why.as_str(),
            Rollout::Progressing(why) => why,
            Rollout::Complete | Rollout::NotRunning => "",
        }
    }

    const UNSEEN: &str = "its controller has not processed the change yet";

    #[test]
    fn a_deployment_is_judged_as_kubectl_judges_it() {
        let two = || json!({"replicas": 2});
        for (spec, status, wanted) in [
            (two(), json!({}), progressing(UNSEEN)),
            (
                two(),
                json!({"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}),
                progressing(UNSEEN),
            ),
            (two(), json!({"observedGeneration": 2, "replicas": 2}), progressing("0 of 2 pods are new")),
            (
                two(),
                json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 1, "availableReplicas": 2}),
                progressing("1 of 2 pods are new"),
            ),
            (
                two(),
                json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 2, "availableReplicas": 3}),
                progressing("1 old pods have not ended yet"),
            ),
            (
                two(),
                json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 1}),
                progressing("1 of 2 new pods are available"),
            ),
            (
                two(),
                json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}),
                Rollout::Complete,
            ),
            // The API server fills in one replica; an old object may lack it.
            (
                json!({}),
                json!({"observedGeneration": 3, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}),
                Rollout::Complete,
            ),
            (json!({"replicas": 0}), json!({"observedGeneration": 2}), Rollout::NotRunning),
            (
                json!({"replicas": 0}),
                json!({"observedGeneration": 2, "replicas": 1}),
                progressing("1 old pods have not ended yet"),
            ),
            // A person scaled it down in the middle: the surplus new pod still exists.
            (
                json!({"replicas": 1}),
                json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}),
                Rollout::Complete,
            ),
        ] {
            assert_eq!(of_deployment(spec.clone(), &status), wanted, "{spec} {status}");
        }
    }

    #[test]
    fn a_paused_deployment_is_halted_only_while_it_has_pods_to_replace() {
        let paused = || json!({"replicas": 1, "paused": true});
        let old = of_deployment(paused(), &json!({"observedGeneration": 2, "replicas": 1, "availableReplicas": 1}));
        assert!(
            matches!(&old, Rollout::Halted(halt) if halt.way_out.contains("rollout resume deployment/it")),
            "{old:?}"
        );
        let done = json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1});
        assert_eq!(of_deployment(paused(), &done), Rollout::Complete);
        let starting = json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1});
        assert_eq!(of_deployment(paused(), &starting), progressing("0 of 1 new pods are available"));
    }

    #[test]
    fn a_deployment_is_stuck_after_its_deadline_or_when_no_pod_can_be_made() {
        let quota = json!({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "pods \"it-1\" is forbidden: exceeded quota"});
        let late = json!({"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"it-5\" has timed out progressing."});
        let status = |conditions: Vec<&Value>| json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "availableReplicas": 1, "conditions": conditions});
        let spec = || json!({"replicas": 2});
        let rollout = of_deployment(spec(), &status(vec![&late]));
        assert_eq!(why(&rollout), "ProgressDeadlineExceeded: ReplicaSet \"it-5\" has timed out progressing");
        let rollout = of_deployment(spec(), &status(vec![&quota]));
        assert!(matches!(&rollout, Rollout::Stuck(why) if why.as_str().contains("exceeded quota")), "{rollout:?}");
        let both = of_deployment(spec(), &status(vec![&late, &quota]));
        assert!(why(&both).contains("timed out") && why(&both).contains("exceeded quota"), "{both:?}");
        // A condition of the past says nothing about a rollout that is complete.
        let done = json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "conditions": [late]});
        assert_eq!(of_deployment(spec(), &done), Rollout::Complete);
    }

    #[test]
    fn a_stateful_set_is_judged_as_kubectl_judges_it() {
        let spec = |replicas: i32| json!({"replicas": replicas, "serviceName": "it"});
        let seen = |replicas: i32, ready: i32, updated: i32, current: &str| {
            json!({"observedGeneration": 2, "replicas": replicas, "readyReplicas": ready, "updatedReplicas": updated,
                "currentRevision": current, "updateRevision": "it-b"})
        };
        for (spec, status, wanted) in [
            (spec(1), json!({"replicas": 0}), progressing(UNSEEN)),
            (spec(1), json!({"replicas": 1, "observedGeneration": 1}), progressing(UNSEEN)),
            (spec(2), seen(2, 2, 0, "it-a"), progressing("0 of 2 pods are new")),
            (spec(2), seen(2, 1, 1, "it-a"), progressing("1 of 2 pods are new")),
            (spec(2), seen(2, 1, 2, "it-a"), progressing("1 of 2 pods are ready")),
            (spec(2), seen(2, 2, 2, "it-a"), progressing("2 of 2 pods are ready")),
            (spec(2), seen(2, 1, 2, "it-b"), progressing("1 of 2 pods are ready")),
            (spec(2), seen(2, 2, 2, "it-b"), Rollout::Complete),
            (spec(0), seen(0, 0, 0, "it-b"), Rollout::NotRunning),
            (spec(0), seen(0, 0, 0, "it-a"), Rollout::NotRunning),
        ] {
            assert_eq!(of_stateful_set(spec.clone(), &status), wanted, "{spec} {status}");
        }
    }

    #[test]
    fn a_stateful_set_is_halted_by_its_strategy() {
        let spec = |strategy: Value| json!({"replicas": 3, "serviceName": "it", "updateStrategy": strategy});
        let status = |updated: i32, current: &str| {
            json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "updatedReplicas": updated,
                "currentRevision": current, "updateRevision": "it-b"})
        };
        let on_delete = || spec(json!({"type": "OnDelete"}));
        let rollout = of_stateful_set(on_delete(), &status(1, "it-a"));
        assert_eq!(why(&rollout), "its update strategy is OnDelete, and 2 pods are of the former template");
        // With OnDelete the current revision never follows.
        assert_eq!(of_stateful_set(on_delete(), &status(3, "it-a")), Rollout::Complete);
        // Deleted by hand, and not made again yet.
        let gap = json!({"observedGeneration": 2, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2, "currentRevision": "it-a", "updateRevision": "it-b"});
        assert_eq!(of_stateful_set(on_delete(), &gap), progressing("2 of 3 pods are new"));
        let partition = || spec(json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}));
        let rollout = of_stateful_set(partition(), &status(2, "it-a"));
        assert_eq!(why(&rollout), "its partition of 1 keeps 1 pod on the former template");
        assert_eq!(of_stateful_set(partition(), &status(3, "it-b")), Rollout::Complete);
        let none = spec(json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}));
        assert_eq!(of_stateful_set(none, &status(2, "it-a")), progressing("2 of 3 pods are new"));
    }

    #[test]
    fn a_daemon_set_is_judged_as_kubectl_judges_it() {
        let rolling = || json!({"updateStrategy": {"type": "RollingUpdate"}});
        for (spec, status, wanted) in [
            (rolling(), json!({"observedGeneration": 1, "desiredNumberScheduled": 1}), progressing(UNSEEN)),
            (rolling(), json!({"observedGeneration": 2}), Rollout::NotRunning),
            (
                rolling(),
                json!({"observedGeneration": 2, "desiredNumberScheduled": 2, "currentNumberScheduled": 2, "updatedNumberScheduled": 1, "numberAvailable": 2}),
                progressing("1 of 2 pods are new"),
            ),
            (
                rolling(),
                json!({"observedGeneration": 2, "desiredNumberScheduled": 2, "currentNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1}),
                progressing("1 of 2 pods are available"),
            ),
            (
                rolling(),
                json!({"observedGeneration": 2, "desiredNumberScheduled": 2, "currentNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}),
                Rollout::Complete,
            ),
        ] {
            assert_eq!(of_daemon_set(spec, &status), wanted, "{status}");
        }
        let on_delete = || json!({"updateStrategy": {"type": "OnDelete"}});
        let status = |updated: i32| {
            json!({"observedGeneration": 2, "desiredNumberScheduled": 1, "currentNumberScheduled": 1,
                "updatedNumberScheduled": updated, "numberAvailable": 1})
        };
        assert_eq!(
            why(&of_daemon_set(on_delete(), &status(0))),
            "its update strategy is OnDelete, and 1 pod is of the former template"
        );
        assert_eq!(of_daemon_set(on_delete(), &status(1)), Rollout::Complete);
        let gap = json!({"observedGeneration": 2, "desiredNumberScheduled": 1, "numberAvailable": 0});
        assert_eq!(of_daemon_set(on_delete(), &gap), progressing("0 of 1 pods are new"));
    }
}
