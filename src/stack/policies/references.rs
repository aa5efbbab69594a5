//! What is named is there.

use serde_json::Value;

use crate::object::text;
use crate::policies::walk::{PodPart, containers, items, pods, selects};
use crate::policies::{Complaint, Rendered};
use crate::settings::references::ReferenceKind;

/// What each namespace has without anybody's doing.
const ROOT_CERTIFICATES: &str = "kube-root-ca.crt";

/// A Service selects pods, and they have its ports.
pub fn services(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let pods = pods(rendered.objects);
    for service in rendered.objects.iter().filter(|object| object.kind() == "Service") {
        let Some(selector) = service.value().pointer("/spec/selector") else { continue };
        let selected: Vec<&PodPart<'_>> = pods.iter().filter(|pod| selects(selector, pod.labels)).collect();
        if selected.is_empty() {
            complaints.push((service.title(), "selects no pod".to_owned()));
            continue;
        }
        let ports = service.value().pointer("/spec/ports").and_then(Value::as_array).into_iter().flatten();
        for port in ports {
            let target = port.get("targetPort").or_else(|| port.get("port")).unwrap_or(&Value::Null);
            if !selected.iter().all(|pod| has_port(pod.spec, target)) {
                complaints.push((service.title(), format!("leads to the port {target}, which its pods do not have")));
            }
        }
    }
    complaints
}

fn has_port(spec: &Value, target: &Value) -> bool {
    let mut ports = containers(spec).flat_map(|container| items(container, "ports"));
    ports.any(|port| port.get("name") == Some(target) || port.get("containerPort") == Some(target))
}

/// What an Ingress, a Route or an `HTTPRoute` leads to.
pub fn backends(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for object in rendered.objects {
        let names: Vec<&str> = match object.kind() {
            "Ingress" => {
                let rules = object.value().pointer("/spec/rules").and_then(Value::as_array).into_iter().flatten();
                let paths = rules.filter_map(|rule| rule.get("http")).flat_map(|http| items(http, "paths"));
                paths.map(|path| text(path, "/backend/service/name")).collect()
            }
            "Route" => vec![text(object.value(), "/spec/to/name")],
            "HTTPRoute" => {
                let rules = object.value().pointer("/spec/rules").and_then(Value::as_array).into_iter().flatten();
                rules.flat_map(|rule| items(rule, "backendRefs")).map(|backend| text(backend, "/name")).collect()
            }
            _ => continue,
        };
        for name in names {
            let mut others = rendered.objects.iter();
            let is_there = others.any(|other| {
                other.kind() == "Service" && other.name() == name && other.namespace() == object.namespace()
            });
            if !is_there {
                complaints.push((object.title(), format!("leads to the Service `{name}`, which is not there")));
            }
        }
    }
    complaints
}

/// `ConfigMaps`, Secrets and accounts of pods.
pub fn exist(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for pod in pods(rendered.objects) {
        let account = text(pod.spec, "/serviceAccountName");
        if account.is_empty() {
            complaints.push((pod.object.title(), "has no account of its own".to_owned()));
        } else if !is_rendered(rendered, pod, "ServiceAccount", account) {
            complaints.push((pod.object.title(), format!("the account `{account}` is not there")));
        }
        for (kind, name) in referenced(pod.spec) {
            let is_known = rendered.external.iter().any(|known| known.kind == kind && known.name.as_str() == name);
            let is_there = is_known
                || is_rendered(rendered, pod, kind.name(), name)
                || (kind == ReferenceKind::Secret && is_brought(rendered, pod, name))
                || name == ROOT_CERTIFICATES;
            if !is_there {
                complaints.push((pod.object.title(), format!("the {} `{name}` is not there", kind.name())));
            }
        }
    }
    complaints
}

fn is_rendered(rendered: Rendered<'_>, pod: PodPart<'_>, kind: &str, name: &str) -> bool {
    let mut objects = rendered.objects.iter();
    objects.any(|object| object.kind() == kind && object.name() == name && object.namespace() == pod.object.namespace())
}

/// By an `ExternalSecret`.
fn is_brought(rendered: Rendered<'_>, pod: PodPart<'_>, name: &str) -> bool {
    let brings = |value: &Value| match text(value, "/spec/target/name") {
        "" => text(value, "/metadata/name") == name,
        target => target == name,
    };
    let mut external = rendered.objects.iter().filter(|object| object.kind() == "ExternalSecret");
    external.any(|object| object.namespace() == pod.object.namespace() && brings(object.value()))
}

/// Every ConfigMap and Secret that a pod needs in order to start.
fn referenced(spec: &Value) -> Vec<(ReferenceKind, &str)> {
    let (config_map, secret) = (ReferenceKind::ConfigMap, ReferenceKind::Secret);
    let mut all = Vec::new();
    for volume in items(spec, "volumes") {
        let sources = volume.get("projected").into_iter().flat_map(|projected| items(projected, "sources"));
        all.push((config_map, text(volume, "/configMap/name")));
        all.push((secret, text(volume, "/secret/secretName")));
        for source in sources {
            all.push((config_map, text(source, "/configMap/name")));
            all.push((secret, text(source, "/secret/name")));
        }
    }
    for container in containers(spec) {
        for variable in items(container, "env") {
            all.push((config_map, text(variable, "/valueFrom/configMapKeyRef/name")));
            all.push((secret, text(variable, "/valueFrom/secretKeyRef/name")));
        }
        for source in items(container, "envFrom") {
            all.push((config_map, text(source, "/configMapRef/name")));
            all.push((secret, text(source, "/secretRef/name")));
        }
    }
    all.extend(items(spec, "imagePullSecrets").map(|reference| (secret, text(reference, "/name"))));
    all.retain(|(_, name)| !name.is_empty());
    all
}
