//! The daily rotation.

use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, JobSpec, JobTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::document::cluster::ClusterPlace;
use crate::manifests::{NAME, Options, labels, metadata, pod};

/// When nobody says otherwise: once a day, at a minute that other people's jobs do not start at. Not once in 30 days:
/// that is the age at which a leaf is replaced, and a day field of `*/30` fires on the 1st and on the 31st.
pub const SCHEDULE: &str = "17 3 * * *";
/// Whose time of day that is. Without it, it is that of the controller's machine, which nobody can ask for.
const ZONE: &str = "Etc/UTC";
/// How late a missed start is still made up for. Without any limit, a controller that was away for 100 starts never starts
/// the CronJob again; with half a day it counts at most one, and a cluster that was down at night rotates in the morning.
const LATE: i64 = 12 * 60 * 60;
/// How long a finished Job stays, for its log and its exit code.
const KEPT: i32 = 3 * 24 * 60 * 60;
/// How many finished Jobs of each kind stay at most.
const HISTORY: i32 = 3;

/// The CronJob. Its template is also what `rotate --now` makes its Job from.
pub(super) fn cron_job(place: &ClusterPlace, options: &Options<'_>) -> CronJob {
    CronJob {
        metadata: metadata(Some(&place.namespace), NAME, "rotation"),
        spec: Some(CronJobSpec {
            schedule: options.schedule.to_owned(),
            time_zone: Some(ZONE.to_owned()),
            concurrency_policy: Some("Forbid".to_owned()),
            starting_deadline_seconds: Some(LATE),
            successful_jobs_history_limit: Some(HISTORY),
            failed_jobs_history_limit: Some(HISTORY),
            job_template: JobTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels("rotation")), ..ObjectMeta::default() }),
                spec: Some(JobSpec {
                    ttl_seconds_after_finished: Some(KEPT),
                    ..pod::job_spec(NAME, "rotate", options)
                }),
            },
            ..CronJobSpec::default()
        }),
        ..CronJob::default()
    }
}
