//! What the stub holds, and what it answers when nothing is wrong.

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::objects::{StubEvent, StubPod, owned_pod, owner};
use super::selection::{fields_match, labels_match};
use super::{Answer, Asked};

pub(crate) const NAMESPACE: &str = "backstage";

/// A namespace with a StatefulSet `postgres` and a Deployment `backstage`, each with one pod, and a Lease.
pub(crate) struct World {
    /// Single objects, by what follows the namespace in their path.
    pub(crate) objects: BTreeMap<String, Value>,
    pub(crate) pods: Vec<StubPod>,
    pub(crate) events: Vec<StubEvent>,
    /// The log of every pod that has none of its own.
    pub(crate) log: String,
    /// The logs of pods by name.
    pub(crate) logs: BTreeMap<String, String>,
    /// Whether a workload whose template changes gets its new pod.
    pub(crate) rolls: bool,
    version: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self {
            objects: BTreeMap::new(),
            pods: Vec::new(),
            events: Vec::new(),
            log: String::new(),
            logs: BTreeMap::new(),
            rolls: true,
            version: 100,
        };
        world.put("leases/newleaf", "coordination.k8s.io/v1", "Lease", json!({"spec": {}}));
        for (resource, kind, name) in
            [("statefulsets", "StatefulSet", "postgres"), ("deployments", "Deployment", "backstage")]
        {
            let object = json!({"spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "serviceName": name,
                "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": []}}}});
            world.put(&format!("{resource}/{name}"), "apps/v1", kind, object);
            world.roll(&format!("{resource}/{name}"));
        }
        world
    }

    /// Stores an object under its path; its metadata are completed.
    pub(crate) fn put(&mut self, path: &str, version: &str, kind: &str, mut object: Value) {
        let (_, name) = path.rsplit_once('/').expect("RESOURCE/NAME");
        self.version += 1;
        object["apiVersion"] = json!(version);
        object["kind"] = json!(kind);
        object["metadata"]["name"] = json!(name);
        object["metadata"]["namespace"] = json!(NAMESPACE);
        if object["metadata"]["uid"].is_null() {
            object["metadata"]["uid"] = json!(format!("uid-of-{name}"));
        }
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.objects.insert(path.to_owned(), object);
    }

    /// Gives a workload a pod of its template, and a status that says so.
    fn roll(&mut self, path: &str) {
        let Some(workload) = self.objects.get_mut(path) else { return };
        let (kind, name) = (
            workload["kind"].as_str().unwrap_or_default().to_owned(),
            path.rsplit('/').next().unwrap_or_default().to_owned(),
        );
        let generation = workload["metadata"]["generation"].as_i64().unwrap_or_default() + 1;
        workload["metadata"]["generation"] = json!(generation);
        if !self.rolls {
            workload["status"] = json!({"observedGeneration": generation, "replicas": 1, "updatedReplicas": 0, "availableReplicas": 1,
                "currentReplicas": 1, "currentRevision": "r-1", "updateRevision": "r-2"});
            return;
        }
        workload["status"] = json!({"observedGeneration": generation, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1,
            "readyReplicas": 1, "currentRevision": "r-1", "updateRevision": "r-1"});
        let annotations = workload["spec"]["template"]["metadata"]["annotations"].clone();
        let uid = workload["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        self.pods.retain(|pod| pod.labels["app"] != name.as_str() || !pod.name.starts_with(&format!("{name}-")));
        let (pod, maker) = if kind == "Deployment" {
            let set = format!("{name}-5d9c7b6f4");
            let references =
                json!({"metadata": {"labels": {"app": name}, "ownerReferences": [owner(&kind, &name, &uid)]}});
            self.put(&format!("replicasets/{set}"), "apps/v1", "ReplicaSet", references);
            (format!("{set}-x{generation}"), owner("ReplicaSet", &set, &format!("uid-of-{set}")))
        } else {
            (format!("{name}-0"), owner(&kind, &name, &uid))
        };
        self.pods.push(owned_pod(&pod, &format!("uid-of-{pod}-{generation}"), &name, &annotations, &maker));
    }

    pub(crate) fn answer(&mut self, asked: &Asked) -> Answer {
        let object = asked.object.as_str();
        match asked.method {
            _ if object == "/readyz" => Answer::Raw(StatusCode::OK, "text/plain", b"ok".to_vec()),
            Method::GET if object.ends_with("/log") => {
                let pod = object.trim_start_matches("pods/").trim_end_matches("/log");
                let log = self.logs.get(pod).unwrap_or(&self.log);
                Answer::Raw(StatusCode::OK, "text/plain", log.clone().into_bytes())
            }
            Method::GET if !object.contains('/') => self.list(asked),
            Method::POST => self.create(asked),
            Method::PATCH => self.patch(asked),
            _ => self.get(object),
        }
    }

    fn get(&self, path: &str) -> Answer {
        let (resource, name) = path.split_once('/').unwrap_or((path, ""));
        match self.objects.get(path) {
            Some(object) => Answer::Json(StatusCode::OK, object.clone()),
            None => Answer::not_found(resource, name),
        }
    }

    fn create(&mut self, asked: &Asked) -> Answer {
        let mut object = asked.body.clone();
        let made = format!("made-{}", self.version);
        let name = object["metadata"]["name"].as_str().unwrap_or(&made).to_owned();
        let path = format!("{}/{name}", asked.object);
        if self.objects.contains_key(&path) {
            let details = json!({"kind": asked.object, "name": name});
            return Answer::status(409, "AlreadyExists", "it already exists", &details);
        }
        note_writer(&mut object, asked);
        let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
        let (version, kind) = match asked.object.as_str() {
            "secrets" => ("v1".to_owned(), "Secret".to_owned()),
            "jobs" => ("batch/v1".to_owned(), "Job".to_owned()),
            _ => (text("apiVersion"), text("kind")),
        };
        self.put(&path, &version, &kind, object);
        Answer::Json(StatusCode::CREATED, self.objects[&path].clone())
    }

    fn patch(&mut self, asked: &Asked) -> Answer {
        let path = asked.object.clone();
        let Some(mut object) = self.objects.get(&path).cloned() else { return self.get(&path) };
        for field in ["uid", "resourceVersion"] {
            let wanted = &asked.body["metadata"][field];
            if !wanted.is_null() && *wanted != object["metadata"][field] {
                return Answer::status(409, "Conflict", "the object has been modified", &json!({"name": path}));
            }
        }
        merge(&mut object, &asked.body);
        note_writer(&mut object, asked);
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        let version = object["apiVersion"].as_str().unwrap_or_default().to_owned();
        self.put(&path, &version, &kind, object);
        if ["statefulsets/", "deployments/"].iter().any(|start| path.starts_with(start)) {
            self.roll(&path);
        }
        Answer::Json(StatusCode::OK, self.objects[&path].clone())
    }

    fn list(&self, asked: &Asked) -> Answer {
        let (labels, fields) = (asked.query("labelSelector"), asked.query("fieldSelector"));
        match asked.object.as_str() {
            "pods" => page("Pod", &self.pods, asked, |pod| {
                let field = |path: &str| (path == "status.phase").then(|| pod.phase.clone());
                let chosen = labels_match(labels, &pod.labels) && fields_match(fields, field);
                chosen.then(|| pod.json.clone())
            }),
            "events" => page("Event", &self.events, asked, |event| {
                let pointer = |path: &str| format!("/{}", path.replace('.', "/"));
                let field =
                    |path: &str| event.object.pointer(&pointer(path)).and_then(Value::as_str).map(str::to_owned);
                fields_match(fields, field).then(|| event.object.to_string())
            }),
            resource => {
                let start = format!("{resource}/");
                let of_resource: Vec<_> = self.objects.iter().filter(|(path, _)| path.starts_with(&start)).collect();
                let kind = if resource == "jobs" { "Job" } else { "Thing" };
                page(kind, &of_resource, asked, |(_, object)| {
                    labels_match(labels, &object["metadata"]["labels"]).then(|| object.to_string())
                })
            }
        }
    }
}

/// A page of a list, as the API server cuts it: the next one starts where this one ends.
fn page<T>(kind: &str, all: &[T], asked: &Asked, chosen: impl Fn(&T) -> Option<String>) -> Answer {
    let start: usize = asked.query("continue").and_then(|token| token.parse().ok()).unwrap_or_default();
    let limit: usize = asked.query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
    let mut items = Vec::new();
    let mut at = start;
    while let Some(object) = all.get(at).filter(|_| items.len() < limit) {
        items.extend(chosen(object));
        at += 1;
    }
    let next = if at < all.len() { format!(",\"continue\":\"{at}\"") } else { String::new() };
    let kind = if asked.metadata { "PartialObjectMetadata" } else { kind };
    let body = format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"{kind}List\",\"metadata\":{{\"resourceVersion\":\"9\"{next}}},\"items\":[{}]}}",
        items.join(",")
    );
    Answer::Raw(StatusCode::OK, "application/json", body.into_bytes())
}

fn merge(target: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in fields {
        if value.is_null() {
            drop(target.as_object_mut().and_then(|object| object.remove(key)));
        } else {
            merge(&mut target[key], value);
        }
    }
}

fn note_writer(object: &mut Value, asked: &Asked) {
    let keys = object["data"].as_object().into_iter().flatten().map(|(key, _)| (format!("f:{key}"), json!({})));
    let fields: serde_json::Map<String, Value> = keys.collect();
    object["metadata"]["managedFields"] = json!([{"manager": asked.query("fieldManager").unwrap_or_default(), "operation": "Update",
        "apiVersion": "v1", "time": chrono::Utc::now().to_rfc3339(), "fieldsType": "FieldsV1", "fieldsV1": {"f:data": fields}}]);
}
