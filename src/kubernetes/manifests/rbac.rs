//! The accounts and their Roles: one Role per account and namespace, with only the rights of [`super::grants`].

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::configuration::cluster::ClusterPlace;
use crate::kubernetes::manifests::grants::{Actor, Grant, grants};
use crate::kubernetes::manifests::hook::{BEFORE_THE_JOB, hook};
use crate::kubernetes::manifests::metadata;
use crate::kubernetes::manifests::object::Object;

const GROUP: &str = "rbac.authorization.k8s.io";
const ACCOUNTS: [(Actor, &str); 2] = [(Actor::Rotation, "rotation"), (Actor::Bootstrap, "bootstrap")];

/// The service accounts. Only the pods that need a token mount it.
pub(super) fn accounts(place: &ClusterPlace) -> Vec<Object> {
    let account = |(account, component): (Actor, &str)| {
        Some(Object::ServiceAccount(ServiceAccount {
            metadata: named(account, component, &place.namespace, account.name()?),
            automount_service_account_token: Some(false),
            ..ServiceAccount::default()
        }))
    };
    ACCOUNTS.into_iter().filter_map(account).collect()
}

/// The Roles, each followed by its binding.
pub(super) fn roles(place: &ClusterPlace) -> Vec<Object> {
    let mut rules: BTreeMap<(Actor, String), Vec<Grant>> = BTreeMap::new();
    for grant in grants(place) {
        rules.entry((grant.account, grant.namespace.clone())).or_default().push(grant);
    }
    let mut objects = Vec::new();
    for ((account, namespace), grants) in rules {
        let Some((name, (_, component))) = account.name().zip(ACCOUNTS.iter().find(|(known, _)| *known == account))
        else {
            continue;
        };
        // Two places may have consumers in one namespace; each has its own Role there.
        let role = if namespace == place.namespace { name.to_owned() } else { format!("{name}.{}", place.namespace) };
        let metadata = named(account, component, &namespace, &role);
        objects.push(Object::Role(Role { metadata: metadata.clone(), rules: Some(merged(&grants)) }));
        objects.push(Object::RoleBinding(RoleBinding {
            metadata,
            role_ref: RoleRef { api_group: GROUP.to_owned(), kind: "Role".to_owned(), name: role },
            subjects: Some(vec![Subject {
                kind: "ServiceAccount".to_owned(),
                name: name.to_owned(),
                namespace: Some(place.namespace.clone()),
                ..Subject::default()
            }]),
        }));
    }
    objects
}

fn named(account: Actor, component: &str, namespace: &str, name: &str) -> ObjectMeta {
    let metadata = metadata(Some(namespace), name, component);
    // Argo CD and Helm run hooks before anything else, so the objects that a hook needs must be hooks too.
    if account == Actor::Bootstrap { hook(metadata, BEFORE_THE_JOB) } else { metadata }
}

/// Merges verbs on the same objects into one rule.
fn merged(grants: &[Grant]) -> Vec<PolicyRule> {
    let mut rules: Vec<PolicyRule> = Vec::new();
    for Grant { group, resource, names, verb, .. } in grants {
        let next = PolicyRule {
            api_groups: Some(vec![(*group).to_owned()]),
            resources: Some(vec![(*resource).to_owned()]),
            resource_names: (!names.is_empty()).then(|| names.clone()),
            verbs: vec![(*verb).to_owned()],
            ..PolicyRule::default()
        };
        let same = |rule: &&mut PolicyRule| {
            rule.api_groups == next.api_groups
                && rule.resources == next.resources
                && rule.resource_names == next.resource_names
        };
        match rules.iter_mut().find(same) {
            Some(rule) => rule.verbs.extend(next.verbs),
            None => rules.push(next),
        }
    }
    rules
}
