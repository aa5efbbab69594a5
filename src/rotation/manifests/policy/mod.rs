//! Policies with which the API server confines newleaf's accounts where RBAC is too coarse (`ValidatingAdmissionPolicy`,
//! stable since Kubernetes 1.30).
//!
//! | File | Confines |
//! |---|---|
//! | [`creations`] | the right of bootstrap to create objects, to its three Secrets and its Lease |
//! | [`pods`] | the right to patch pods (if a consumer has `nudge`), to one annotation |

pub mod creations;
pub mod pods;

use k8s_openapi::api::admissionregistration::v1::{
    MatchCondition, MatchResources, NamedRuleWithOperations, ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBindingSpec, ValidatingAdmissionPolicySpec, Validation,
};

use crate::document::cluster::ClusterPlace;
use crate::manifests::metadata;
use crate::manifests::object::{Manifest, ManifestPhase};

/// All policies, each with its binding.
pub(super) fn objects(place: &ClusterPlace) -> Vec<Manifest> {
    [creations::objects(place), pods::objects(place)].concat()
}

/// A policy for the requests of one account.
struct Confined<'a> {
    /// The service account, in the namespace of the Secrets.
    account: &'a str,
    /// Whether it has the confined rights in that namespace only. The policy then does not name the namespace, so that a tool may
    /// move all objects to another one.
    is_at_home: bool,
    rules: Vec<NamedRuleWithOperations>,
    /// The conditions, each with the message for a violation.
    validations: Vec<(String, String)>,
}

impl Confined<'_> {
    /// The policy and its binding. They have no namespace, so the name contains account and namespace. Neither part has a dot, so
    /// no two places share a name.
    fn objects(self, place: &ClusterPlace) -> Vec<Manifest> {
        let Self { account, is_at_home, rules, validations } = self;
        let name = format!("{account}.{}", place.namespace);
        let metadata = metadata(None, &name, "policy");
        let user = if is_at_home {
            format!("'system:serviceaccount:' + request.namespace + ':{account}'")
        } else {
            format!("'system:serviceaccount:{}:{account}'", place.namespace)
        };
        let validation = |(expression, message)| Validation {
            expression,
            message: Some(message),
            reason: Some("Forbidden".to_owned()),
            ..Validation::default()
        };
        let policy = ValidatingAdmissionPolicy {
            metadata: metadata.clone(),
            spec: Some(ValidatingAdmissionPolicySpec {
                failure_policy: Some("Fail".to_owned()),
                match_constraints: Some(MatchResources { resource_rules: Some(rules), ..MatchResources::default() }),
                match_conditions: Some(vec![MatchCondition {
                    name: "by-the-account".to_owned(),
                    expression: format!("request.userInfo.username == {user}"),
                }]),
                validations: Some(validations.into_iter().map(validation).collect()),
                ..ValidatingAdmissionPolicySpec::default()
            }),
            ..ValidatingAdmissionPolicy::default()
        };
        let binding = ValidatingAdmissionPolicyBinding {
            metadata,
            spec: Some(ValidatingAdmissionPolicyBindingSpec {
                policy_name: Some(name),
                validation_actions: Some(vec!["Deny".to_owned()]),
                ..ValidatingAdmissionPolicyBindingSpec::default()
            }),
        };
        // In force before the account that it confines does anything.
        vec![Manifest::new(ManifestPhase::Preparation, &policy), Manifest::new(ManifestPhase::Preparation, &binding)]
    }
}

fn rule(group: &str, operation: &str, resources: &[&str]) -> NamedRuleWithOperations {
    NamedRuleWithOperations {
        api_groups: Some(vec![group.to_owned()]),
        api_versions: Some(vec!["v1".to_owned()]),
        operations: Some(vec![operation.to_owned()]),
        resources: Some(resources.iter().map(|resource| (*resource).to_owned()).collect()),
        // The API server would add this default: with it, a second apply changes nothing.
        scope: Some("*".to_owned()),
        ..NamedRuleWithOperations::default()
    }
}
