//! What Backstage's Kubernetes plugin may read, each right with its reason. It may change nothing, and sees no Secret.

use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, RoleRef, Subject};

use crate::components::Component;
use crate::components::common::{BACKSTAGE, metadata};
use crate::object::{Object, Phase};
use crate::settings::Settings;

const GROUP: &str = "rbac.authorization.k8s.io";

/// Reading some resources of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadGrant {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The resources.
    pub resources: &'static [&'static str],
    /// What they are needed for.
    pub why: &'static str,
}

/// Every right of Backstage's account.
pub const READ_GRANTS: [ReadGrant; 5] = [
    ReadGrant {
        group: "",
        resources: &["pods", "services", "resourcequotas"],
        why: "shows the pods of a component, their addresses and what limits them",
    },
    ReadGrant {
        group: "apps",
        resources: &["daemonsets", "deployments", "replicasets", "statefulsets"],
        why: "shows the workloads of a component and their rollouts",
    },
    ReadGrant { group: "autoscaling", resources: &["horizontalpodautoscalers"], why: "shows how workloads scale" },
    ReadGrant { group: "batch", resources: &["cronjobs", "jobs"], why: "shows the jobs of a component" },
    ReadGrant {
        group: "networking.k8s.io",
        resources: &["ingresses"],
        why: "shows by which names a component is reached",
    },
];

/// The role and its binding, where the plugin is switched on. They have no namespace, so their name says whose they are.
pub fn objects(settings: &Settings) -> Vec<Object> {
    if !settings.features.kubernetes {
        return Vec::new();
    }
    let name = format!("{BACKSTAGE}.{}", settings.namespace);
    let mut metadata = metadata(settings, &name, BACKSTAGE, Component::ClusterReader);
    metadata.namespace = None;
    let allowed = |grant: &ReadGrant| PolicyRule {
        api_groups: Some(vec![grant.group.to_owned()]),
        resources: Some(grant.resources.iter().map(|resource| (*resource).to_owned()).collect()),
        verbs: ["get", "list", "watch"].map(str::to_owned).to_vec(),
        ..PolicyRule::default()
    };
    let role = ClusterRole {
        metadata: metadata.clone(),
        rules: Some(READ_GRANTS.iter().map(allowed).collect()),
        ..ClusterRole::default()
    };
    let binding = ClusterRoleBinding {
        metadata,
        role_ref: RoleRef { api_group: GROUP.to_owned(), kind: "ClusterRole".to_owned(), name },
        subjects: Some(vec![Subject {
            kind: "ServiceAccount".to_owned(),
            name: BACKSTAGE.to_owned(),
            namespace: Some(settings.namespace.as_str().to_owned()),
            ..Subject::default()
        }]),
    };
    let phase = Phase::Configuration;
    vec![Object::of(&role, Component::ClusterReader, phase), Object::of(&binding, Component::ClusterReader, phase)]
}
