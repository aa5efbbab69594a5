//! `newleaf-deploy check` in a pod of its own, which `helm test` starts. No part of the stack: only an export for a tool that starts
//! tests has it, beside the ConfigMap of the same name with the document that the check compares the cluster with.
//!
//! Its account reads, and only what the check asks for. It may read no Secret: the kubelet mounts the public part of the leaves.

use k8s_openapi::api::core::v1::{
    Container, KeyToPath, Pod, PodSpec, ProjectedVolumeSource, SecretProjection, ServiceAccount, Volume,
    VolumeProjection,
};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::components::Component;
use crate::components::common::metadata;
use crate::components::pod::{config_map_volume, container_security, mount, pod_security, resources};
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::rotation::{CLIENT_SECRET, ROTATION_NAME, SERVER_SECRET};

/// The name of the pod, of its account and of its configuration.
pub const CHECK: &str = "newleaf-check";
/// The key of the document in the ConfigMap.
pub const DOCUMENT: &str = "stack.yaml";
const DIRECTORY: &str = "/etc/newleaf-deploy";
const CERTIFICATES: &str = "/etc/newleaf-certificates";
const GROUP: &str = "rbac.authorization.k8s.io";
const ADMISSION_GROUP: &str = "admissionregistration.k8s.io";
/// The resources of the policy that confines the rotation.
const ADMISSION_RESOURCES: [&str; 2] = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];
/// The user of the image.
const USER: i64 = 65532;
/// How long the pod may take, with its image.
const DEADLINE_SECONDS: i64 = 180;

/// The pod with its account and its rights on these objects, which the stack renders.
pub fn objects(settings: &Settings, rendered: &[Object]) -> Vec<Object> {
    let metadata = || metadata(settings, CHECK, ROTATION_NAME, Component::Check);
    let account = ServiceAccount {
        metadata: metadata(),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    };
    let role = Role { metadata: metadata(), rules: Some(rules(rendered)) };
    let binding =
        RoleBinding { metadata: metadata(), role_ref: reference("Role", CHECK), subjects: Some(subjects(settings)) };
    let pod = Pod { metadata: metadata(), spec: Some(pod(settings)), ..Pod::default() };
    let mut objects = vec![made(&account), made(&role), made(&binding)];
    objects.extend(in_cluster(settings, rendered));
    objects.push(made(&pod));
    objects
}

fn made<T: k8s_openapi::Resource + serde::Serialize>(object: &T) -> Object {
    Object::of(object, Component::Check, Phase::Rest)
}

/// The rights on objects without a namespace, where the stack has any: who may install those may also give rights on them.
fn in_cluster(settings: &Settings, rendered: &[Object]) -> Vec<Object> {
    let mut rules: Vec<PolicyRule> =
        rendered.iter().filter(|object| object.namespace().is_none() && !object.is_kept()).map(get).collect();
    if rules.is_empty() {
        return Vec::new();
    }
    // Also where the stack has none of them: a right on what is not there gives nothing, and one role is then the same for both.
    let confined = format!("{ROTATION_NAME}.{}", settings.namespace);
    for (place, resource) in ADMISSION_RESOURCES.into_iter().enumerate() {
        let rule = get_named(ADMISSION_GROUP, resource, &confined);
        if !rules.contains(&rule) {
            rules.insert(place, rule);
        }
    }
    let name = format!("{CHECK}.{}", settings.namespace);
    let metadata = ObjectMeta { namespace: None, ..metadata(settings, &name, ROTATION_NAME, Component::Check) };
    let role = ClusterRole { metadata: metadata.clone(), rules: Some(rules), ..ClusterRole::default() };
    let binding =
        ClusterRoleBinding { metadata, role_ref: reference("ClusterRole", &name), subjects: Some(subjects(settings)) };
    vec![made(&role), made(&binding)]
}

fn reference(kind: &str, name: &str) -> RoleRef {
    RoleRef { api_group: GROUP.to_owned(), kind: kind.to_owned(), name: name.to_owned() }
}

fn subjects(settings: &Settings) -> Vec<Subject> {
    vec![Subject {
        kind: "ServiceAccount".to_owned(),
        name: CHECK.to_owned(),
        namespace: Some(settings.namespace.as_str().to_owned()),
        ..Subject::default()
    }]
}

/// What the check reads in the namespace: each object by its name, and the lists that it looks through.
fn rules(rendered: &[Object]) -> Vec<PolicyRule> {
    let all = |verb: &str, group: &str, resources: &[&str]| PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(resources.iter().map(|resource| (*resource).to_owned()).collect()),
        verbs: vec![verb.to_owned()],
        ..PolicyRule::default()
    };
    let mut rules = vec![
        // By no name: there are as many layers of app-config as there are values for them.
        all("get", "", &["configmaps"]),
        all("list", "", &["persistentvolumeclaims"]),
        all("list", "batch", &["cronjobs", "jobs"]),
        all("list", "snapshot.storage.k8s.io", &["volumesnapshots"]),
    ];
    let named = rendered.iter().filter(|object| {
        object.namespace().is_some()
            && !object.is_kept()
            && (object.api_version(), object.kind()) != ("v1", "ConfigMap")
    });
    rules.extend(named.map(get));
    rules
}

/// The right to read one object.
fn get(object: &Object) -> PolicyRule {
    let (group, _) = object.api_version().split_once('/').unwrap_or_default();
    get_named(group, &plural(object.kind()), object.name())
}

fn get_named(group: &str, resource: &str, name: &str) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(vec![resource.to_owned()]),
        resource_names: Some(vec![name.to_owned()]),
        verbs: vec!["get".to_owned()],
        ..PolicyRule::default()
    }
}

/// The resource of a kind, by the rule that kubectl guesses with.
fn plural(kind: &str) -> String {
    let kind = kind.to_lowercase();
    if let Some(start) = kind.strip_suffix('y') {
        return format!("{start}ies");
    }
    if kind.ends_with('s') { format!("{kind}es") } else { format!("{kind}s") }
}

fn pod(settings: &Settings) -> PodSpec {
    PodSpec {
        service_account_name: Some(CHECK.to_owned()),
        automount_service_account_token: Some(true),
        enable_service_links: Some(false),
        restart_policy: Some("Never".to_owned()),
        active_deadline_seconds: Some(DEADLINE_SECONDS),
        termination_grace_period_seconds: Some(1),
        security_context: Some(pod_security(settings, USER)),
        containers: vec![Container {
            name: "check".to_owned(),
            image: Some(settings.check_image.as_str().to_owned()),
            image_pull_policy: Some("IfNotPresent".to_owned()),
            args: Some(arguments(settings)),
            resources: Some(resources(
                &[("cpu", "10m"), ("memory", "32Mi"), ("ephemeral-storage", "1Mi")],
                &[("cpu", "1"), ("memory", "128Mi"), ("ephemeral-storage", "16Mi")],
            )),
            security_context: Some(container_security()),
            termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
            volume_mounts: Some(vec![mount("document", DIRECTORY, true), mount("certificates", CERTIFICATES, true)]),
            ..Container::default()
        }],
        volumes: Some(vec![config_map_volume("document", CHECK), certificates()]),
        ..PodSpec::default()
    }
}

/// A new pod may have no way to the API server for a moment: its network policies are enforced a little later.
fn arguments(settings: &Settings) -> Vec<String> {
    let document = format!("{DIRECTORY}/{DOCUMENT}");
    let namespace = settings.namespace.as_str();
    ["check", "--filename", &document, "--namespace", namespace, "--certificates", CERTIFICATES, "--patience", "1m"]
        .map(str::to_owned)
        .to_vec()
}

/// The leaves and the trust bundles, without a key. A Secret that is missing is a finding of the check.
fn certificates() -> Volume {
    let source = |secret: &str| VolumeProjection {
        secret: Some(SecretProjection {
            name: secret.to_owned(),
            optional: Some(true),
            items: Some(["tls.crt", "ca.crt"].map(|key| item(secret, key)).to_vec()),
        }),
        ..VolumeProjection::default()
    };
    Volume {
        name: "certificates".to_owned(),
        projected: Some(ProjectedVolumeSource {
            sources: Some([SERVER_SECRET, CLIENT_SECRET].map(source).to_vec()),
            ..ProjectedVolumeSource::default()
        }),
        ..Volume::default()
    }
}

fn item(secret: &str, key: &str) -> KeyToPath {
    KeyToPath { key: key.to_owned(), path: format!("{secret}/{key}"), mode: None }
}
