//! The Job that makes what is missing, before anything else is installed and at each upgrade.

use k8s_openapi::api::batch::v1::{Job, JobSpec};

use crate::document::cluster::ClusterPlace;
use crate::manifests::{BOOTSTRAP, Options, metadata, pod};

/// How long the finished Job stays: Argo CD waits for ever for one that is gone before it looked, so never 0; and a
/// Job cannot be changed, so `kubectl apply` of another image works once it is gone.
const KEPT: i32 = 600;

/// The Job. Idempotent: run again it changes nothing, and it never replaces an authority.
pub(super) fn job(place: &ClusterPlace, options: &Options<'_>) -> Job {
    Job {
        metadata: metadata(Some(&place.namespace), BOOTSTRAP, "bootstrap"),
        spec: Some(JobSpec {
            ttl_seconds_after_finished: Some(KEPT),
            ..pod::job_spec(BOOTSTRAP, "bootstrap", options)
        }),
        ..Job::default()
    }
}
