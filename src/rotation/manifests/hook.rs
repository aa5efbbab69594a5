//! What Helm and Argo CD apply before everything else, at each installation and upgrade.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The place in the order of hooks of what the Job needs.
pub(super) const BEFORE_THE_JOB: &str = "-10";
/// The place of the Job itself.
pub(super) const THE_JOB: &str = "0";

/// Marks an object as a hook of Helm and of Argo CD, which ignores Helm's as soon as it finds one of its own. Deleted only
/// before the next one is made: a hook that is deleted when it succeeds takes the account away from a Job that is retried.
pub(super) fn hook(metadata: ObjectMeta, weight: &str) -> ObjectMeta {
    let annotations = [
        ("helm.sh/hook", "pre-install,pre-upgrade"),
        ("helm.sh/hook-weight", weight),
        ("helm.sh/hook-delete-policy", "before-hook-creation"),
        ("argocd.argoproj.io/hook", "PreSync"),
        ("argocd.argoproj.io/sync-wave", weight),
        ("argocd.argoproj.io/hook-delete-policy", "BeforeHookCreation"),
    ];
    let annotations: BTreeMap<_, _> =
        annotations.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    ObjectMeta { annotations: Some(annotations), ..metadata }
}
