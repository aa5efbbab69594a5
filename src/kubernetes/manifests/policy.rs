//! What the right to patch pods is confined to: the one annotation that makes the kubelet project at once.
//!
//! RBAC knows no fields, and whoever may patch a pod may change its image. The API server itself holds the account to
//! the annotation (`ValidatingAdmissionPolicy`, stable since Kubernetes 1.30). Only made where a consumer has `nudge`.

use k8s_openapi::api::admissionregistration::v1::{
    MatchCondition, MatchResources, NamedRuleWithOperations, ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBindingSpec, ValidatingAdmissionPolicySpec, Validation,
};

use crate::configuration::cluster::ClusterPlace;
use crate::kubernetes::manifests::object::Object;
use crate::kubernetes::manifests::{NAME, grants, metadata};

/// Annotation of a pod that asks its kubelet to project Secrets at once: any change of the pod makes it look.
pub const PROJECTED: &str = "newleaf.dev/projected";

/// The policy and its binding; nothing where no pod is annotated.
pub(super) fn objects(place: &ClusterPlace) -> Vec<Object> {
    if !place.consumers.iter().any(grants::nudges) {
        return Vec::new();
    }
    // It has no namespace, so its name says whose it is.
    let name = format!("{NAME}-{}", place.namespace);
    let metadata = metadata(None, &name, "policy");
    let policy = ValidatingAdmissionPolicy {
        metadata: metadata.clone(),
        spec: Some(ValidatingAdmissionPolicySpec {
            failure_policy: Some("Fail".to_owned()),
            match_constraints: Some(MatchResources {
                resource_rules: Some(vec![NamedRuleWithOperations {
                    api_groups: Some(vec![String::new()]),
                    api_versions: Some(vec!["v1".to_owned()]),
                    operations: Some(vec!["UPDATE".to_owned()]),
                    resources: Some(vec!["pods".to_owned(), "pods/*".to_owned()]),
                    ..NamedRuleWithOperations::default()
                }]),
                ..MatchResources::default()
            }),
            match_conditions: Some(vec![MatchCondition {
                name: "by-the-rotation".to_owned(),
                expression: format!("request.userInfo.username == 'system:serviceaccount:{}:{NAME}'", place.namespace),
            }]),
            validations: Some(validations()),
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
    vec![Object::Policy(Box::new(policy)), Object::PolicyBinding(Box::new(binding))]
}

/// Everything that a patch could change stays as it was, but for the annotation. The rest of a pod's metadata is the API
/// server's own.
fn validations() -> Vec<Validation> {
    let same = |field: &str, nothing: &str| {
        let (parent, name) = field.rsplit_once('.').unwrap_or(("", field));
        format!("object.{parent}.?{name}.orValue({nothing}) == oldObject.{parent}.?{name}.orValue({nothing})")
    };
    let annotations = |object: &str| format!("{object}.metadata.?annotations.orValue({{}})");
    let (new, old) = (annotations("object"), annotations("oldObject"));
    let kept = |of: &str, other: &str| {
        format!("{of}.all(name, name == '{PROJECTED}' || (name in {other} && {other}[name] == {of}[name]))")
    };
    let rules = [
        ("the spec", "object.spec == oldObject.spec".to_owned()),
        ("the labels", same("metadata.labels", "{}")),
        ("the owners", same("metadata.ownerReferences", "[]")),
        ("the finalizers", same("metadata.finalizers", "[]")),
        ("annotations of others", kept(&old, &new)),
        ("annotations of others", kept(&new, &old)),
    ];
    let validation = |(what, expression): (&str, String)| Validation {
        expression,
        message: Some(format!("the rotation may set the annotation {PROJECTED} of a pod, and not change {what}")),
        reason: Some("Forbidden".to_owned()),
        ..Validation::default()
    };
    rules.into_iter().map(validation).collect()
}
