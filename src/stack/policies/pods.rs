//! Images, the Pod Security Standard `restricted`, resources, tokens, mounts.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::object::text;
use crate::policies::walk::{PodPart, containers, items, pods};
use crate::policies::{Complaint, Rendered};
use crate::settings::values::ImageReference;

/// What a pod may mount at the level `restricted`.
const VOLUMES: [&str; 8] =
    ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

/// A complaint about each container for which something is wrong.
fn of_containers(rendered: Rendered<'_>, wrong: fn(&Value, &Value) -> Option<String>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for pod in pods(rendered.objects) {
        for container in containers(pod.spec) {
            if let Some(problem) = wrong(pod.spec, container) {
                complaints.push((pod.object.title(), format!("`{}` {problem}", text(container, "/name"))));
            }
        }
    }
    complaints
}

/// Images have a tag or a digest.
pub fn image_pinned(rendered: Rendered<'_>) -> Vec<Complaint> {
    of_containers(rendered, |_, container| {
        let image = text(container, "/image");
        let is_pinned = image.parse::<ImageReference>().is_ok();
        (!is_pinned).then(|| format!("has the image {image:?}"))
    })
}

/// The Pod Security Standard `restricted`.
pub fn restricted(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = of_containers(rendered, unrestricted);
    for pod in pods(rendered.objects) {
        complaints.extend(unrestricted_pod(pod).into_iter().map(|problem| (pod.object.title(), problem)));
    }
    complaints
}

fn unrestricted_pod(pod: PodPart<'_>) -> Vec<String> {
    let is_true = |key: &str| pod.spec.get(key) == Some(&Value::Bool(true));
    let mut problems: Vec<String> = ["hostNetwork", "hostPID", "hostIPC"]
        .into_iter()
        .filter(|key| is_true(key))
        .map(|key| format!("{key} is on"))
        .collect();
    // What the pod says counts by itself, even where each container says otherwise.
    if pod.spec.pointer("/securityContext/runAsNonRoot") == Some(&Value::Bool(false)) {
        problems.push("may run as root".to_owned());
    }
    if pod.spec.pointer("/securityContext/runAsUser").and_then(Value::as_i64) == Some(0) {
        problems.push("runs as root".to_owned());
    }
    for volume in items(pod.spec, "volumes") {
        let kinds = volume.as_object().into_iter().flat_map(|map| map.keys()).filter(|key| *key != "name");
        for kind in kinds.filter(|kind| !VOLUMES.contains(&kind.as_str())) {
            problems.push(format!("the volume `{}` is a {kind}", text(volume, "/name")));
        }
    }
    problems
}

fn unrestricted(pod: &Value, container: &Value) -> Option<String> {
    let of_pod = |key: &str| pod.pointer(&format!("/securityContext/{key}"));
    let own = |key: &str| container.pointer(&format!("/securityContext/{key}"));
    let effective = |key: &str| own(key).or_else(|| of_pod(key));
    if effective("runAsNonRoot") != Some(&Value::Bool(true)) {
        return Some("may run as root".to_owned());
    }
    if effective("runAsUser").and_then(Value::as_i64) == Some(0) {
        return Some("runs as root".to_owned());
    }
    if own("privileged") == Some(&Value::Bool(true)) {
        return Some("is privileged".to_owned());
    }
    if own("allowPrivilegeEscalation") != Some(&Value::Bool(false)) {
        return Some("may gain privileges".to_owned());
    }
    let profile = effective("seccompProfile").map(|profile| text(profile, "/type"));
    if !matches!(profile, Some("RuntimeDefault" | "Localhost")) {
        return Some("has no seccomp profile".to_owned());
    }
    let capabilities = own("capabilities").unwrap_or(&Value::Null);
    if !items(capabilities, "drop").any(|name| name == "ALL") {
        return Some("keeps capabilities".to_owned());
    }
    if items(capabilities, "add").any(|name| name != "NET_BIND_SERVICE") {
        return Some("adds capabilities".to_owned());
    }
    items(container, "ports").any(|port| port.get("hostPort").is_some()).then(|| "takes a port of the node".to_owned())
}

/// The root file system is read-only.
pub fn root_read_only(rendered: Rendered<'_>) -> Vec<Complaint> {
    of_containers(rendered, |_, container| {
        let is_read_only = container.pointer("/securityContext/readOnlyRootFilesystem") == Some(&Value::Bool(true));
        (!is_read_only).then(|| "may write to its root file system".to_owned())
    })
}

/// Requests and a limit.
pub fn resources(rendered: Rendered<'_>) -> Vec<Complaint> {
    of_containers(rendered, |_, container| {
        let needed = ["requests/cpu", "requests/memory", "limits/memory"];
        let is_missing = |part: &&&str| container.pointer(&format!("/resources/{part}")).is_none();
        needed.iter().find(is_missing).map(|part| format!("has no resources.{}", part.replace('/', ".")))
    })
}

/// A token is mounted only where the account has a right.
pub fn token_where_used(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for pod in pods(rendered.objects) {
        let account = text(pod.spec, "/serviceAccountName");
        let has_rights = rendered
            .objects
            .iter()
            .filter(|object| ["RoleBinding", "ClusterRoleBinding"].contains(&object.kind()))
            .flat_map(|object| items(object.value(), "subjects"))
            .any(|subject| text(subject, "/kind") == "ServiceAccount" && text(subject, "/name") == account);
        match pod.spec.get("automountServiceAccountToken").and_then(Value::as_bool) {
            Some(false) => {}
            Some(true) if has_rights => {}
            Some(true) => {
                complaints.push((pod.object.title(), format!("mounts the token of `{account}`, which has no right")));
            }
            None => complaints.push((pod.object.title(), "does not say whether it mounts a token".to_owned())),
        }
    }
    complaints
}

/// Each mount has a volume, and no volume is there twice, as a volume and as a claim.
pub fn mounts_resolve(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for pod in pods(rendered.objects) {
        let claims = pod.object.value().pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
        let of_claims = claims.into_iter().flatten().map(|claim| text(claim, "/metadata/name"));
        let mut names = BTreeSet::new();
        for name in items(pod.spec, "volumes").map(|volume| text(volume, "/name")).chain(of_claims) {
            if !names.insert(name) {
                complaints.push((pod.object.title(), format!("the volume `{name}` is there twice")));
            }
        }
        for mount in containers(pod.spec).flat_map(|container| items(container, "volumeMounts")) {
            let name = text(mount, "/name");
            if !names.contains(name) {
                complaints.push((pod.object.title(), format!("there is no volume `{name}`")));
            }
        }
    }
    complaints
}

/// No file is mounted alone.
pub fn no_sub_path(rendered: Rendered<'_>) -> Vec<Complaint> {
    of_containers(rendered, |_, container| {
        let alone = |mount: &&Value| mount.get("subPath").is_some() || mount.get("subPathExpr").is_some();
        let mount = items(container, "volumeMounts").find(alone)?;
        Some(format!("mounts {} with subPath", text(mount, "/mountPath")))
    })
}
