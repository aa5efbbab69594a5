//! The folder of raw configuration of the Backstage operator (`rhdh-operator`): one file a purpose, known by its name.

use serde_json::{Value, json};

use crate::import::Imported;
use crate::import::container::{command, env, env_from, image, mounts, resources};
use crate::import::draft::{Draft, is_empty, leaves, take};

/// Files whose objects the stack makes by itself.
const OURS: [(&str, &str); 7] = [
    ("service.yaml", "the stack makes Backstage's Service"),
    ("db-service.yaml", "the stack makes the Services of the database"),
    ("db-secret.yaml", "there is no password: Backstage logs in with a client certificate"),
    (
        "networkpolicy.yaml",
        "the stack denies by default and opens its own edges: networkPolicies.egress and ingressFrom",
    ),
    (
        "dynamic-plugins.yaml",
        "dynamic plugins are a part of Red Hat Developer Hub's images; build the plugins into the image",
    ),
    (
        "secret-files.yaml",
        "a Secret does not belong into a file: make it with kubectl, and mount it with backstage.files",
    ),
    (
        "secret-envs.yaml",
        "a Secret does not belong into a file: make it with kubectl, and name it in backstage.envFrom",
    ),
];

/// Parts of the Deployment that the stack sets by itself.
const DEPLOYMENT: [(&str, &str); 6] = [
    ("spec.selector", "the stack's own labels select its pods"),
    ("spec.strategy", "a rollout of the stack takes no pod away: maxUnavailable is 0"),
    ("spec.template.metadata.labels", "the stack labels its pods"),
    ("spec.template.spec.automountServiceAccountToken", "a token is mounted where it is used"),
    ("spec.template.spec.securityContext", "every pod of the stack keeps the Pod Security Standard `restricted`"),
    ("metadata", "the stack names its objects"),
];

/// Takes what has an equivalent from the files, each with its name and its objects.
pub fn import(files: &[(String, Vec<Value>)]) -> Imported {
    let mut draft = Draft::default();
    for (name, objects) in files {
        for object in objects {
            match (name.as_str(), OURS.iter().find(|(file, _)| file == name)) {
                (_, Some((_, reason))) => draft.leave(name, *reason),
                ("deployment.yaml", None) => deployment(&mut draft, object.clone()),
                ("db-statefulset.yaml", None) => database(&mut draft, object),
                ("app-config.yaml", None) => app_config(&mut draft, name, object),
                ("route.yaml", None) => route(&mut draft, object.clone()),
                ("configmap-envs.yaml", None) => {
                    env_from(
                        &mut draft,
                        name,
                        &json!([{ "configMapRef": { "name": object.pointer("/metadata/name") } }]),
                    );
                    draft.object(object.clone());
                }
                ("configmap-files.yaml", None) => {
                    draft.object(object.clone());
                    draft.leave(
                        name,
                        "the ConfigMap is taken as a raw layer; say with backstage.files where it is mounted",
                    );
                }
                ("pvcs.yaml", None) => {
                    draft.object(object.clone());
                    draft
                        .leave(name, "the claim is taken as a raw layer; mount it with a raw layer for the Deployment");
                }
                (_, None) => draft.leave(name, "this file is not known; write its objects as a raw layer"),
            }
        }
    }
    draft.finish()
}

fn deployment(draft: &mut Draft, mut object: Value) {
    let file = "deployment.yaml";
    for header in ["apiVersion", "kind", "metadata.name"] {
        take(&mut object, header);
    }
    if let Some(replicas) = take(&mut object, "spec.replicas") {
        draft.set("backstage.replicas", replicas);
    }
    let volumes = take(&mut object, "spec.template.spec.volumes").unwrap_or_default();
    let containers = take(&mut object, "spec.template.spec.containers");
    let mut containers = containers.and_then(|all| all.as_array().cloned()).unwrap_or_default();
    let is_backend = |container: &Value| container.get("name") == Some(&json!("backstage-backend"));
    if let Some(position) = containers.iter().position(is_backend) {
        container(draft, containers.remove(position), &volumes);
    }
    if !containers.is_empty() {
        draft.pod("containers", json!(containers));
    }
    for field in ["nodeSelector", "tolerations", "affinity", "hostAliases", "priorityClassName", "initContainers"] {
        if let Some(value) = take(&mut object, &format!("spec.template.spec.{field}")) {
            draft.pod(field, value);
        }
    }
    if let Some(annotations) = take(&mut object, "spec.template.metadata.annotations") {
        draft.pod_metadata("annotations", annotations);
    }
    for (path, reason) in DEPLOYMENT {
        if take(&mut object, path).is_some_and(|value| !is_empty(&value)) {
            draft.leave(&format!("{file}: {path}"), reason);
        }
    }
    rest(draft, file, "", &object);
}

fn container(draft: &mut Draft, mut container: Value, volumes: &Value) {
    let place = "deployment.yaml: backstage-backend";
    take(&mut container, "name");
    if let Some(name) = take(&mut container, "image") {
        image(draft, &format!("{place}.image"), name.as_str().unwrap_or_default());
    }
    let (program, arguments) = (take(&mut container, "command"), take(&mut container, "args"));
    command(draft, program, arguments);
    if let Some(variables) = take(&mut container, "env") {
        env(draft, &format!("{place}.env"), &variables);
    }
    if let Some(sources) = take(&mut container, "envFrom") {
        env_from(draft, &format!("{place}.envFrom"), &sources);
    }
    if let Some(given) = take(&mut container, "resources") {
        resources(draft, &format!("{place}.resources"), given);
    }
    if let Some(given) = take(&mut container, "volumeMounts") {
        mounts(draft, &format!("{place}.volumeMounts"), volumes, &given);
    }
    for (field, reason) in [
        ("imagePullPolicy", "images are pinned, so the kubelet pulls each once"),
        ("ports", "Backstage listens on 7007"),
        ("readinessProbe", "the stack sets the probes; change them with a raw layer"),
        ("livenessProbe", "the stack sets the probes; change them with a raw layer"),
        ("startupProbe", "the stack sets the probes; change them with a raw layer"),
        ("securityContext", "every pod of the stack keeps the Pod Security Standard `restricted`"),
    ] {
        if take(&mut container, field).is_some() {
            draft.leave(&format!("{place}.{field}"), reason);
        }
    }
    rest(draft, place, "", &container);
}

fn database(draft: &mut Draft, object: &Value) {
    let file = "db-statefulset.yaml";
    let at = |pointer: &str| object.pointer(pointer).cloned();
    let claim = "/spec/volumeClaimTemplates/0/spec";
    for (pointer, path) in [
        (format!("{claim}/resources/requests/storage"), "database.storage.size"),
        (format!("{claim}/storageClassName"), "database.storage.class"),
        ("/spec/template/spec/containers/0/resources/limits/memory".to_owned(), "database.memory"),
        ("/spec/template/spec/containers/0/resources/requests/cpu".to_owned(), "database.cpu"),
    ] {
        if let Some(value) = at(&pointer) {
            draft.set(path, value);
        }
    }
    if let Some(image) = at("/spec/template/spec/containers/0/image") {
        let reason =
            format!("{image} reads other variables and paths than the official image: choose database.version");
        draft.leave(&format!("{file}: image"), reason);
    }
    draft.leave(file, "size, class, memory and processor time are taken; the rest is the stack's own PostgreSQL");
}

/// A ConfigMap whose values are files of app-config.
fn app_config(draft: &mut Draft, file: &str, object: &Value) {
    if object.get("kind") != Some(&json!("ConfigMap")) {
        // A plain app-config, as other people name it.
        draft.app_config(file, object.clone());
        return;
    }
    for (key, text) in object.get("data").and_then(Value::as_object).into_iter().flatten() {
        let place = format!("{file}: {key}");
        match text.as_str().map(serde_saphyr::from_str::<Value>) {
            Some(Ok(layer)) => draft.app_config(&place, layer),
            Some(Err(_)) | None => draft.leave(&place, "not readable as YAML"),
        }
    }
}

fn route(draft: &mut Draft, mut object: Value) {
    draft.set("platform", json!("openshift"));
    draft.set("ingress.kind", json!("route"));
    if let Some(host) = take(&mut object, "spec.host").filter(|host| !is_empty(host)) {
        draft.set("host", host);
    }
}

fn rest(draft: &mut Draft, file: &str, path: &str, value: &Value) {
    for leaf in leaves(path, value) {
        if !leaf.is_empty() {
            draft.leave(
                &format!("{file}: {leaf}"),
                "no equivalent; write it as a raw layer for the Deployment backstage",
            );
        }
    }
}
