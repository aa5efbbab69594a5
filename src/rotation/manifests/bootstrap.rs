//! The Job that creates missing certificates, before any other object is installed and at each upgrade.

use k8s_openapi::api::batch::v1::{Job, JobSpec};

use crate::document::cluster::ClusterPlace;
use crate::manifests::{BOOTSTRAP, Options, metadata, pod};

/// How long the finished Job stays. Never 0, because Argo CD waits for ever for a Job that is deleted before Argo CD sees it.
/// Not for ever, because a Job is immutable: `kubectl apply` of another image works only once the Job is gone.
const KEPT: i32 = 600;

/// The bootstrap Job. It is idempotent: another run changes nothing, and it never replaces an authority.
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
