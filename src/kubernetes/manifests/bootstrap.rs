//! The Job that makes what is missing, before anything else is installed and at each upgrade.

use std::collections::BTreeMap;

use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::configuration::cluster::ClusterPlace;
use crate::kubernetes::manifests::{BOOTSTRAP, Options, metadata, pod};

/// The place in the order of hooks of what the Job needs.
pub(super) const BEFORE_THE_JOB: &str = "-10";
/// The place of the Job itself.
const THE_JOB: &str = "0";
/// How long the finished Job stays: Argo CD waits for ever for one that is gone before it looked, so never 0; and a
/// Job cannot be changed, so `kubectl apply` of another image works once it is gone.
const KEPT: i32 = 600;

/// The Job. Idempotent: run again it changes nothing, and it never replaces an authority.
pub(super) fn job(place: &ClusterPlace, options: &Options<'_>) -> Job {
    Job {
        metadata: hook(metadata(Some(&place.namespace), BOOTSTRAP, "bootstrap"), THE_JOB),
        spec: Some(JobSpec {
            ttl_seconds_after_finished: Some(KEPT),
            ..pod::job_spec(BOOTSTRAP, "bootstrap", options)
        }),
        ..Job::default()
    }
}

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
