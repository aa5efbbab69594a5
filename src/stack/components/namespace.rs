//! The namespace of the stack, with the Pod Security Standard that the API server holds its pods to.

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::components::Component;
use crate::components::common::{all_labels, labels};
use crate::document::operations::PodSecurityLevel;
use crate::object::{Object, Phase};
use crate::settings::Settings;

/// The namespace.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let level = match settings.pod_security {
        PodSecurityLevel::Restricted => "restricted",
        PodSecurityLevel::Baseline => "baseline",
        PodSecurityLevel::Privileged => "privileged",
    };
    let mut all = all_labels(settings, settings.namespace.as_str(), Component::Namespace);
    all.extend(labels([
        ("pod-security.kubernetes.io/enforce", level),
        ("pod-security.kubernetes.io/enforce-version", "latest"),
        ("pod-security.kubernetes.io/warn", "restricted"),
        ("pod-security.kubernetes.io/warn-version", "latest"),
    ]));
    let namespace = Namespace {
        metadata: ObjectMeta {
            name: Some(settings.namespace.as_str().to_owned()),
            labels: Some(all),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    };
    vec![Object::of(&namespace, Component::Namespace, Phase::Configuration)]
}
