//! How far an object is, by the rules of its kind: those of `kstatus` (cli-utils), and workloads by their rollout. Pure.

use base::diagnosis::RemoteText;
use base::workload_kind::WorkloadKind;
use serde_json::Value;

use crate::pods::PodFacts;
use crate::rollout::{Halt, Rollout};
use crate::wire::pod::Pod;
use crate::workload::Workload;

/// How far an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It is what it should be.
    Ready,
    /// Kubernetes works on it. The text names what is missing.
    Waiting(String),
    /// Kubernetes makes no progress. The text says why.
    Stuck(RemoteText),
    /// A setting of the object forbids progress.
    Halted(Halt),
}

/// Kinds that say nothing until their controller has seen them: without a condition they are not ready.
const CONDITIONED: [&str; 1] = ["ExternalSecret"];

/// How far an object is, as the API server returned it.
pub fn readiness(object: &Value) -> Readiness {
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        return Readiness::Waiting("it is being deleted".to_owned());
    }
    match text(object, "/kind") {
        "Deployment" => rollout(WorkloadKind::Deployment, object),
        "StatefulSet" => rollout(WorkloadKind::StatefulSet, object),
        "DaemonSet" => rollout(WorkloadKind::DaemonSet, object),
        "Job" => job(object),
        "Pod" => pod(object),
        "PersistentVolumeClaim" => claim(object),
        "Service" => service(object),
        "Namespace" if text(object, "/status/phase") == "Terminating" => stuck("the namespace is being deleted"),
        _ => by_conditions(object),
    }
}

fn rollout(kind: WorkloadKind, object: &Value) -> Readiness {
    let Ok(workload) = serde_json::from_value(object.clone()) else {
        return Readiness::Waiting("its status cannot be read yet".to_owned());
    };
    match Workload::new(kind, workload).rollout() {
        Rollout::Complete | Rollout::NotRunning => Readiness::Ready,
        Rollout::Progressing(why) => Readiness::Waiting(why),
        Rollout::Stuck(why) => Readiness::Stuck(why),
        Rollout::Halted(halt) => Readiness::Halted(halt),
    }
}

fn job(object: &Value) -> Readiness {
    if let Some(failed) = condition(object, "Failed").filter(|failed| is(failed, "True")) {
        return Readiness::Stuck(words(failed));
    }
    if condition(object, "Complete").is_some_and(|complete| is(complete, "True")) {
        return Readiness::Ready;
    }
    if object.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
        let name = text(object, "/metadata/name");
        let way_out = format!("Resume it with `kubectl patch job/{name} -p '{{\"spec\":{{\"suspend\":false}}}}'`.");
        return Readiness::Halted(Halt { why: "it is suspended".to_owned(), way_out });
    }
    let count = |field: &str| object.pointer(&format!("/status/{field}")).and_then(Value::as_i64).unwrap_or_default();
    Readiness::Waiting(match (count("active"), count("failed")) {
        (0, 0) => "its pod has not been made yet".to_owned(),
        (active, 0) => format!("{active} pod is running"),
        (active, failed) => format!("{failed} tries have failed, {active} pod is running"),
    })
}

fn pod(object: &Value) -> Readiness {
    match text(object, "/status/phase") {
        "Succeeded" => return Readiness::Ready,
        "Failed" => return stuck(&format!("it has failed: {}", text(object, "/status/reason"))),
        _ => {}
    }
    let facts = serde_json::from_value::<Pod>(object.clone()).ok().and_then(PodFacts::of);
    match facts.map(|facts| facts.problem) {
        Some(None) => Readiness::Ready,
        Some(Some(problem)) if problem.held => Readiness::Stuck(problem.why),
        Some(Some(problem)) => Readiness::Waiting(problem.why.as_str().to_owned()),
        None => Readiness::Waiting("its status cannot be read yet".to_owned()),
    }
}

fn claim(object: &Value) -> Readiness {
    match text(object, "/status/phase") {
        "Bound" => Readiness::Ready,
        "Lost" => stuck("its volume is gone"),
        _ => Readiness::Waiting("no volume is bound to it yet".to_owned()),
    }
}

fn service(object: &Value) -> Readiness {
    if text(object, "/spec/type") == "LoadBalancer" && text(object, "/spec/clusterIP").is_empty() {
        return Readiness::Waiting("it has no address yet".to_owned());
    }
    Readiness::Ready
}

/// The rules for every other kind: the controller has seen the present generation, and says nothing bad.
fn by_conditions(object: &Value) -> Readiness {
    let generation = object.pointer("/metadata/generation").and_then(Value::as_i64);
    let observed = object.pointer("/status/observedGeneration").and_then(Value::as_i64);
    if let (Some(generation), Some(observed)) = (generation, observed)
        && observed < generation
    {
        return Readiness::Waiting("its controller has not processed the change yet".to_owned());
    }
    if let Some(stalled) = condition(object, "Stalled").filter(|stalled| is(stalled, "True")) {
        return Readiness::Stuck(words(stalled));
    }
    if let Some(reconciling) = condition(object, "Reconciling").filter(|reconciling| is(reconciling, "True")) {
        return Readiness::Waiting(words(reconciling).as_str().to_owned());
    }
    match condition(object, "Ready") {
        Some(ready) if is(ready, "True") => Readiness::Ready,
        Some(ready) => Readiness::Waiting(words(ready).as_str().to_owned()),
        None if CONDITIONED.contains(&text(object, "/kind")) => {
            Readiness::Waiting("its controller has not seen it yet".to_owned())
        }
        None => Readiness::Ready,
    }
}

fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    conditions.iter().find(|condition| text(condition, "/type") == kind)
}

fn is(condition: &Value, status: &str) -> bool {
    text(condition, "/status") == status
}

fn words(condition: &Value) -> RemoteText {
    let (reason, message) = (text(condition, "/reason"), text(condition, "/message").trim_end_matches('.'));
    RemoteText::new(&if message.is_empty() { reason.to_owned() } else { format!("{reason}: {message}") })
}

fn stuck(why: &str) -> Readiness {
    Readiness::Stuck(RemoteText::new(why))
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: &str, spec: &Value, status: &Value) -> String {
        let metadata = json!({"name": "it", "uid": "u", "generation": 2});
        match readiness(&json!({"kind": kind, "metadata": metadata, "spec": spec, "status": status})) {
            Readiness::Ready => "ready".to_owned(),
            Readiness::Waiting(why) => format!("waiting: {why}"),
            Readiness::Stuck(why) => format!("stuck: {why}"),
            Readiness::Halted(halt) => format!("halted: {}", halt.why),
        }
    }

    fn with(conditions: &Value) -> Value {
        json!({"observedGeneration": 2, "conditions": conditions})
    }

    #[test]
    fn each_kind_is_judged_by_its_own_rules() {
        let no = json!({});
        let condition =
            |kind: &str, status: &str| json!([{"type": kind, "status": status, "reason": "R", "message": "m."}]);
        for (kind, spec, status, expected) in [
            ("ConfigMap", no.clone(), no.clone(), "ready"),
            ("CronJob", no.clone(), no.clone(), "ready"),
            ("Ingress", no.clone(), json!({"loadBalancer": {}}), "ready"),
            ("Job", no.clone(), no.clone(), "waiting: its pod has not been made yet"),
            ("Job", no.clone(), json!({"active": 1}), "waiting: 1 pod is running"),
            ("Job", no.clone(), json!({"active": 1, "failed": 2}), "waiting: 2 tries have failed, 1 pod is running"),
            ("Job", json!({"suspend": true}), no.clone(), "halted: it is suspended"),
            ("Job", no.clone(), with(&condition("Complete", "True")), "ready"),
            ("Job", no.clone(), with(&condition("Failed", "True")), "stuck: R: m"),
            ("PersistentVolumeClaim", no.clone(), json!({"phase": "Pending"}), "waiting: no volume is bound to it yet"),
            ("PersistentVolumeClaim", no.clone(), json!({"phase": "Bound"}), "ready"),
            ("PersistentVolumeClaim", no.clone(), json!({"phase": "Lost"}), "stuck: its volume is gone"),
            ("Service", json!({"type": "LoadBalancer"}), no.clone(), "waiting: it has no address yet"),
            ("Service", json!({"type": "ClusterIP"}), no.clone(), "ready"),
            ("Namespace", no.clone(), json!({"phase": "Active"}), "ready"),
            ("Namespace", no.clone(), json!({"phase": "Terminating"}), "stuck: the namespace is being deleted"),
            ("ExternalSecret", no.clone(), no.clone(), "waiting: its controller has not seen it yet"),
            ("ExternalSecret", no.clone(), with(&condition("Ready", "False")), "waiting: R: m"),
            ("ExternalSecret", no.clone(), with(&condition("Ready", "True")), "ready"),
            ("Cluster", no.clone(), with(&condition("Stalled", "True")), "stuck: R: m"),
            ("Cluster", no.clone(), with(&condition("Reconciling", "True")), "waiting: R: m"),
            (
                "Cluster",
                no.clone(),
                json!({"observedGeneration": 1}),
                "waiting: its controller has not processed the change yet",
            ),
            (
                "Deployment",
                json!({"selector": {}}),
                no.clone(),
                "waiting: its controller has not processed the change yet",
            ),
            ("Pod", no.clone(), json!({"phase": "Succeeded"}), "ready"),
            ("Pod", no.clone(), json!({"phase": "Failed", "reason": "Evicted"}), "stuck: it has failed: Evicted"),
            ("Pod", no.clone(), json!({"phase": "Pending"}), "waiting: is being started"),
        ] {
            assert_eq!(of(kind, &spec, &status), expected, "{kind} {spec} {status}");
        }
    }

    #[test]
    fn what_is_being_deleted_is_never_ready() {
        let object = json!({"kind": "ConfigMap", "metadata": {"deletionTimestamp": "2026-05-05T12:00:00Z"}});
        assert_eq!(readiness(&object), Readiness::Waiting("it is being deleted".to_owned()));
    }
}
