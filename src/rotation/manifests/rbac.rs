//! The accounts and their Roles: one Role per account and namespace, with only the rights of [`super::grants`].

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};

use crate::document::cluster::ClusterPlace;
use crate::manifests::grants::{Actor, Grant, grants};
use crate::manifests::metadata;
use crate::manifests::object::{Manifest, ManifestPhase};

const GROUP: &str = "rbac.authorization.k8s.io";
const ACCOUNTS: [(Actor, &str); 2] = [(Actor::Rotation, "rotation"), (Actor::Bootstrap, "bootstrap")];

/// The service accounts. Only the pods that need a token mount it.
pub(super) fn accounts(place: &ClusterPlace) -> Vec<Manifest> {
    let account = |(account, component): (Actor, &str)| {
        let object = ServiceAccount {
            metadata: metadata(Some(&place.namespace), account.name()?, component),
            automount_service_account_token: Some(false),
            ..ServiceAccount::default()
        };
        Some(Manifest::new(phase(account), &object))
    };
    ACCOUNTS.into_iter().filter_map(account).collect()
}

/// The Roles, each followed by its binding.
pub(super) fn roles(place: &ClusterPlace) -> Vec<Manifest> {
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
        let metadata = metadata(Some(&namespace), &role, component);
        let binding = RoleBinding {
            metadata: metadata.clone(),
            role_ref: RoleRef { api_group: GROUP.to_owned(), kind: "Role".to_owned(), name: role },
            subjects: Some(vec![Subject {
                kind: "ServiceAccount".to_owned(),
                name: name.to_owned(),
                namespace: Some(place.namespace.clone()),
                ..Subject::default()
            }]),
        };
        let role = Role { metadata, rules: Some(merged(&grants)) };
        objects.extend([Manifest::new(phase(account), &role), Manifest::new(phase(account), &binding)]);
    }
    objects
}

/// The account of bootstrap comes before its Job.
const fn phase(account: Actor) -> ManifestPhase {
    match account {
        Actor::Bootstrap => ManifestPhase::Preparation,
        Actor::Rotation | Actor::Person => ManifestPhase::Operation,
    }
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
