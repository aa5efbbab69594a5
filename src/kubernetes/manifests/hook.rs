//! Hook annotations: Helm and Argo CD apply hooks before everything else, at each installation and upgrade.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The order of the objects that the Job needs.
pub(super) const BEFORE_THE_JOB: &str = "-10";
/// The order of the Job itself.
pub(super) const THE_JOB: &str = "0";

/// Makes an object a hook of Helm and of Argo CD, which ignores Helm's annotations if it finds its own. They delete it only
/// before they create the next one: deleting a successful hook would remove the account of a Job that retries.
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
