//! Pods and Events as they are in a real namespace: of 12 KB, with everything that newleaf does not need.

use serde_json::{Value, json};

use super::world::NAMESPACE;

/// A pod of the stub: what it is selected by, and how it is answered.
#[derive(Debug, Clone)]
pub(crate) struct StubPod {
    pub(crate) name: String,
    pub(crate) labels: Value,
    pub(crate) phase: String,
    pub(crate) json: String,
}

/// An Event of the stub.
#[derive(Debug, Clone)]
pub(crate) struct StubEvent {
    pub(crate) object: Value,
}

/// So many pods with the labels of a workload, which another controller has made: the server's selection by labels does
/// not leave them out, and their owner does. With labels of their own it does.
pub(crate) fn crowd(count: usize, app: &str) -> Vec<StubPod> {
    let one = pod("CROWD-NAME", "CROWD-UID", app, &json!({}), &owner("ReplicaSet", "crowd-5d9c7b6f4", "crowd-uid"));
    let numbered = |number: usize| StubPod {
        name: format!("crowd-5d9c7b6f4-{number:05}"),
        labels: one.labels.clone(),
        phase: one.phase.clone(),
        json: one
            .json
            .replace("CROWD-NAME", &format!("crowd-5d9c7b6f4-{number:05}"))
            .replace("CROWD-UID", &format!("00000000-0000-4000-8000-{number:012}")),
    };
    (0..count).map(numbered).collect()
}

/// The pod of a Job of newleaf, marked as its controller marks it.
pub(crate) fn job_pod(name: &str, job: &str, owner: &Value, state: &Value) -> StubPod {
    let labels = json!({"batch.kubernetes.io/controller-uid": format!("uid-of-{job}"), "batch.kubernetes.io/job-name": job,
        "app.kubernetes.io/name": "newleaf", "app.kubernetes.io/component": "rotation"});
    let object = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE, "uid": format!("uid-of-{name}"), "resourceVersion": "7",
            "labels": labels, "creationTimestamp": "2026-01-01T05:01:00Z", "ownerReferences": [owner]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "newleaf", "ready": true, "restartCount": 0, "image": "i",
            "imageID": "", "state": state}]},
    });
    StubPod { name: name.to_owned(), labels, phase: "Running".to_owned(), json: object.to_string() }
}

/// The pod of a workload.
pub(crate) fn owned_pod(name: &str, uid: &str, app: &str, annotations: &Value, owner: &Value) -> StubPod {
    pod(name, uid, app, annotations, owner)
}

pub(crate) fn owner(kind: &str, name: &str, uid: &str) -> Value {
    let group = if kind == "Job" { "batch/v1" } else { "apps/v1" };
    json!({"apiVersion": group, "kind": kind, "name": name, "uid": uid, "controller": true, "blockOwnerDeletion": true})
}

fn pod(name: &str, uid: &str, app: &str, annotations: &Value, owner: &Value) -> StubPod {
    let labels = json!({"app": app, "pod-template-hash": "5d9c7b6f4", "controller-revision-hash": "r-1"});
    let containers: Vec<Value> = ["web", "proxy", "metrics"].iter().map(|name| container(name)).collect();
    let statuses: Vec<Value> = ["web", "proxy", "metrics"].iter().map(|name| status(name)).collect();
    let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"]
        .map(|kind| json!({"type": kind, "status": "True", "lastTransitionTime": "2026-11-25T05:01:00Z"}));
    let mut all = json!({"prometheus.io/scrape": "true", "example.org/notes": "n".repeat(600)});
    for (key, value) in annotations.as_object().into_iter().flatten() {
        all[key] = value.clone();
    }
    let object = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE, "uid": uid, "resourceVersion": "7", "labels": labels,
            "creationTimestamp": "2026-01-01T05:01:00Z", "annotations": all, "ownerReferences": [owner],
            "managedFields": managed_fields()},
        "spec": {"containers": containers, "nodeName": "node-1", "serviceAccountName": "default",
            "volumes": (0..4).map(|number| json!({"name": format!("v{number}"), "secret": {"secretName": "s"}})).collect::<Vec<_>>(),
            "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]},
        "status": {"phase": "Running", "podIP": "10.1.0.1", "conditions": conditions, "containerStatuses": statuses},
    });
    StubPod { name: name.to_owned(), labels, phase: "Running".to_owned(), json: object.to_string() }
}

fn container(name: &str) -> Value {
    let environment: Vec<Value> = (0..16)
        .map(|number| json!({"name": format!("SETTING_{number}"), "value": format!("value of setting {number}")}))
        .collect();
    let mounts: Vec<Value> =
        (0..4).map(|number| json!({"name": format!("v{number}"), "mountPath": format!("/v{number}")})).collect();
    let probe = json!({"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "timeoutSeconds": 1, "periodSeconds": 10});
    json!({"name": name, "image": "registry.example.org/team/application:1.2.3", "env": environment, "volumeMounts": mounts,
        "livenessProbe": probe, "readinessProbe": probe, "imagePullPolicy": "IfNotPresent",
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m", "memory": "256Mi"}}})
}

fn status(name: &str) -> Value {
    json!({"name": name, "ready": true, "restartCount": 0, "started": true, "image": "registry.example.org/team/application:1.2.3",
        "imageID": format!("registry.example.org/team/application@sha256:{}", "a".repeat(64)),
        "containerID": format!("containerd://{}", "b".repeat(64)), "state": {"running": {"startedAt": "2026-11-25T05:01:00Z"}}})
}

fn managed_fields() -> Value {
    let mut environment = json!({".": {}});
    for number in 0..16 {
        environment[format!("k:{{\"name\":\"SETTING_{number}\"}}")] = json!({".": {}, "f:name": {}, "f:value": {}});
    }
    let mut containers = json!({});
    for name in ["web", "proxy"] {
        containers[format!("k:{{\"name\":\"{name}\"}}")] = json!({".": {}, "f:env": environment, "f:image": {}, "f:resources": {".": {}, "f:limits": {}, "f:requests": {}}});
    }
    json!([
        {"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1", "time": "2026-11-25T05:01:00Z",
            "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:containers": containers}}},
        {"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": "2026-11-25T05:01:10Z", "subresource": "status",
            "fieldsType": "FieldsV1", "fieldsV1": {"f:status": {"f:conditions": {}, "f:containerStatuses": {}, "f:phase": {}, "f:podIP": {}}}},
    ])
}

/// A warning about an object, of the core group.
pub(crate) fn event(number: usize, kind: &str, name: &str, uid: &str, message: &str) -> StubEvent {
    let object = json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": format!("{name}.{number:016x}"), "namespace": NAMESPACE, "uid": format!("event-{number}"),
            "resourceVersion": "8", "creationTimestamp": "2026-11-25T05:02:00Z",
            "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": {"f:message": {}, "f:reason": {}, "f:type": {}}}]},
        "involvedObject": {"kind": kind, "name": name, "namespace": NAMESPACE, "uid": uid, "apiVersion": "v1"},
        "reason": "FailedMount", "message": message, "type": "Warning", "count": 1,
        "source": {"component": "kubelet", "host": "node-1"}, "firstTimestamp": "2026-11-25T05:02:00Z",
        "lastTimestamp": "2026-11-25T05:02:00Z",
    });
    StubEvent { object }
}
