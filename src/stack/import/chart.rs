//! Values of the official Backstage chart (`backstage/charts`, 2.x).

use serde_json::{Value, json};

use crate::import::Imported;
use crate::import::container::{command, env, env_from, image, mounts, resources};
use crate::import::draft::{Draft, is_empty, leaves, take};

/// Fields of Backstage's pod that the raw layer takes as they are: value of the chart, field of the pod.
const POD_FIELDS: [(&str, &str); 7] = [
    ("backstage.affinity", "affinity"),
    ("backstage.topologySpreadConstraints", "topologySpreadConstraints"),
    ("backstage.nodeSelector", "nodeSelector"),
    ("backstage.tolerations", "tolerations"),
    ("backstage.hostAliases", "hostAliases"),
    ("backstage.initContainers", "initContainers"),
    ("backstage.priorityClassName", "priorityClassName"),
];

/// Why values have no equivalent, by the start of their path; the first that fits.
const REASONS: &[(&str, &str)] = &[
    ("postgresql.auth", "there is no password: Backstage logs in with a client certificate"),
    ("postgresql", "the stack has a PostgreSQL of its own; see `database` in the reference"),
    ("backstage.readinessProbe", "the stack sets the probes; change them with a raw layer"),
    ("backstage.livenessProbe", "the stack sets the probes; change them with a raw layer"),
    (
        "backstage.startupProbe",
        "the stack starts on readiness, because liveness never fails; change it with a raw layer",
    ),
    ("backstage.podSecurityContext", "every pod of the stack keeps the Pod Security Standard `restricted`"),
    ("backstage.containerSecurityContext", "every pod of the stack keeps the Pod Security Standard `restricted`"),
    ("backstage.image.pullPolicy", "images are pinned, so the kubelet pulls each once"),
    ("backstage.autoscaling", "write a HorizontalPodAutoscaler as a raw layer, and leave backstage.replicas out"),
    ("backstage.pdb", "the stack has a PodDisruptionBudget where there is more than one replica: disruption.budget"),
    ("backstage.installDir", "name files of the image in backstage.imageConfig"),
    (
        "backstage.extraVolumes",
        "only whole ConfigMaps and Secrets that are mounted have an equivalent; write others as a raw layer",
    ),
    ("serviceAccount", "each pod of the stack has an account of its own, and a token only where it is used"),
    ("service", "the Service is of the type ClusterIP; people reach it by `ingress`"),
    ("networkPolicy", "the stack denies by default and opens its own edges: networkPolicies.egress and ingressFrom"),
    ("ingress", "the stack has one host and one path; write a second Ingress as a raw layer"),
    ("metrics", "the interval and the annotations are the Prometheus Operator's defaults"),
    ("diagnosticMode", "use `kubectl debug` on a pod"),
    ("global.imageRegistry", "write whole image names: backstage.image, database.image, rotation.image"),
    ("nameOverride", "objects have fixed names; `name` and `namespace` tell stacks apart"),
    ("fullnameOverride", "objects have fixed names; `name` and `namespace` tell stacks apart"),
    ("commonLabels", "add labels with a raw layer"),
    ("commonAnnotations", "add annotations with a raw layer"),
];

/// Takes what has an equivalent.
pub fn import(values: &Value) -> Imported {
    let mut values = values.clone();
    let mut draft = Draft::default();
    entry(&mut draft, &mut values);
    backstage(&mut draft, &mut values);
    configuration(&mut draft, &mut values);
    pod(&mut draft, &mut values);
    database(&mut draft, &mut values);
    operations(&mut draft, &mut values);
    for path in leaves("", &values) {
        let value = values.pointer(&format!("/{}", path.replace('.', "/"))).cloned().unwrap_or_default();
        if !path.is_empty() && !is_empty(&value) && value != json!(false) {
            let known = REASONS.iter().find(|(start, _)| path.starts_with(start));
            draft.leave(
                &path,
                known.map_or("this value has no equivalent; write it as a raw layer", |(_, reason)| reason),
            );
        }
    }
    draft.finish()
}

/// A value that says something.
fn given(values: &mut Value, path: &str) -> Option<Value> {
    take(values, path).filter(|value| !is_empty(value))
}

fn moved(draft: &mut Draft, values: &mut Value, from: &str, to: &str) {
    if let Some(value) = given(values, from) {
        draft.set(to, value);
    }
}

fn entry(draft: &mut Draft, values: &mut Value) {
    if given(values, "ingress.enabled") == Some(json!(true)) {
        draft.set("ingress.kind", json!("ingress"));
        moved(draft, values, "ingress.host", "host");
        moved(draft, values, "ingress.className", "ingress.className");
        moved(draft, values, "ingress.annotations", "ingress.annotations");
        moved(draft, values, "ingress.tls.enabled", "ingress.tls.enabled");
        moved(draft, values, "ingress.tls.secretName", "ingress.tls.secret");
        if values.pointer("/ingress/path") == Some(&json!("/")) {
            take(values, "ingress.path");
        }
    }
    if given(values, "httpRoute.enabled") == Some(json!(true)) {
        draft.set("ingress.kind", json!("httpRoute"));
        if let Some(host) = given(values, "httpRoute.hostnames").and_then(|hosts| hosts.get(0).cloned()) {
            draft.set("host", host);
        }
        let parents = given(values, "httpRoute.parentRefs").unwrap_or_default();
        for key in ["name", "namespace", "sectionName"] {
            if let Some(value) = parents.get(0).and_then(|parent| parent.get(key)) {
                draft.set(&format!("ingress.gateway.{key}"), value.clone());
            }
        }
    }
}

fn backstage(draft: &mut Draft, values: &mut Value) {
    moved(draft, values, "backstage.replicas", "backstage.replicas");
    whole_image(draft, values);
    for path in ["global.imagePullSecrets", "backstage.image.pullSecrets"] {
        for secret in given(values, path).and_then(|secrets| secrets.as_array().cloned()).unwrap_or_default() {
            // The chart takes names, and references as pods have them.
            let name = secret.get("name").cloned().unwrap_or(secret);
            draft.push("backstage.imagePullSecrets", name);
        }
    }
    let (program, arguments) = (given(values, "backstage.command"), given(values, "backstage.args"));
    command(draft, program, arguments);
    if let Some(given) = given(values, "backstage.resources") {
        resources(draft, "backstage.resources", given);
    }
}

/// The chart keeps registry, repository, tag and digest apart.
fn whole_image(draft: &mut Draft, values: &mut Value) {
    let mut part = |key: &str| {
        let value = given(values, &format!("backstage.image.{key}"))?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let (registry, repository, tag, digest) = (part("registry"), part("repository"), part("tag"), part("digest"));
    if repository.is_none() && tag.is_none() && digest.is_none() {
        return;
    }
    let registry = registry.unwrap_or_else(|| "ghcr.io".to_owned());
    let repository = repository.unwrap_or_else(|| "backstage/backstage".to_owned());
    let name = match (tag, digest) {
        (_, Some(digest)) => format!("{registry}/{repository}@{digest}"),
        (Some(tag), None) => format!("{registry}/{repository}:{tag}"),
        (None, None) => format!("{registry}/{repository}:latest"),
    };
    image(draft, "backstage.image", &name);
}

fn configuration(draft: &mut Draft, values: &mut Value) {
    for file in
        given(values, "backstage.extraAppConfig").and_then(|files| files.as_array().cloned()).unwrap_or_default()
    {
        match (file.get("configMapRef"), file.get("filename")) {
            (Some(name), Some(key)) => {
                draft.push("backstage.appConfig", json!({ "configMap": { "name": name, "key": key } }));
            }
            (_, _) => draft.leave("backstage.extraAppConfig", "an entry without configMapRef or filename"),
        }
    }
    if let Some(layer) = given(values, "backstage.appConfig") {
        if layer.is_string() {
            draft.leave("backstage.appConfig", "a text with templates: write it as a map");
        } else {
            draft.app_config("backstage.appConfig", layer);
        }
    }
    if let Some(variables) = given(values, "backstage.extraEnvVars") {
        env(draft, "backstage.extraEnvVars", &variables);
    }
    for (path, kind) in [("backstage.extraEnvVarsCM", "configMapRef"), ("backstage.extraEnvVarsSecrets", "secretRef")] {
        let names = given(values, path).and_then(|names| names.as_array().cloned()).unwrap_or_default();
        let sources: Vec<Value> = names.iter().map(|name| json!({ kind: { "name": name } })).collect();
        env_from(draft, path, &json!(sources));
    }
}

fn pod(draft: &mut Draft, values: &mut Value) {
    let volumes = given(values, "backstage.extraVolumes").unwrap_or_default();
    if let Some(given) = given(values, "backstage.extraVolumeMounts") {
        mounts(draft, "backstage.extraVolumeMounts", &volumes, &given);
    }
    for (path, field) in POD_FIELDS {
        if let Some(value) = given(values, path) {
            draft.pod(field, value);
        }
    }
    if let Some(sidecars) = given(values, "backstage.extraContainers") {
        draft.pod("containers", sidecars);
    }
    for (path, field) in [("backstage.podAnnotations", "annotations"), ("backstage.podLabels", "labels")] {
        if let Some(value) = given(values, path) {
            draft.pod_metadata(field, value);
        }
    }
    for object in given(values, "extraDeploy").and_then(|objects| objects.as_array().cloned()).unwrap_or_default() {
        if object.is_object() {
            draft.object(object);
        } else {
            draft.leave("extraDeploy", "a text with templates: write the object as a raw layer");
        }
    }
}

fn database(draft: &mut Draft, values: &mut Value) {
    if take(values, "postgresql.enabled") == Some(json!(false)) {
        draft.leave("postgresql.enabled", "the stack installs a PostgreSQL unless database.existing names one");
    }
    moved(draft, values, "postgresql.primary.persistence.size", "database.storage.size");
    moved(draft, values, "postgresql.primary.persistence.storageClass", "database.storage.class");
    moved(draft, values, "postgresql.primary.resources.limits.memory", "database.memory");
    moved(draft, values, "postgresql.primary.resources.requests.cpu", "database.cpu");
}

fn operations(draft: &mut Draft, values: &mut Value) {
    moved(draft, values, "networkPolicy.enabled", "networkPolicies.enabled");
    if given(values, "metrics.serviceMonitor.enabled") == Some(json!(true)) {
        draft.set("monitoring.serviceMonitor", json!(true));
        moved(draft, values, "metrics.serviceMonitor.labels", "monitoring.labels");
        moved(draft, values, "metrics.serviceMonitor.path", "monitoring.backstageMetrics.path");
    }
    if given(values, "backstage.pdb.create") == Some(json!(true)) {
        draft.set("disruption.budget", json!(true));
    }
}
