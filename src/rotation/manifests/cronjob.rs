//! The daily rotation.

use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, JobSpec, JobTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::document::cluster::ClusterPlace;
use crate::manifests::{NAME, Options, labels, metadata, pod};

/// The default schedule: once a day, at a minute at which few other jobs start. Not once in 30 days: that is the age at which
/// newleaf replaces a leaf, and a day field of `*/30` fires on the 1st and on the 31st.
pub const SCHEDULE: &str = "17 3 * * *";
/// The time zone of the schedule. Without it, the zone of the controller's machine applies, which no request can find out.
const ZONE: &str = "Etc/UTC";
/// How late the CronJob controller still makes up for a missed start. Without a limit, a controller that missed 100 starts
/// never starts the CronJob again. With half a day it counts at most one, and a cluster that was down at night rotates in
/// the morning.
const LATE: i64 = 12 * 60 * 60;
/// How long a finished Job stays, for its log and its exit code.
const KEPT: i32 = 3 * 24 * 60 * 60;
/// How many finished Jobs stay, of the successful and of the failed ones.
const HISTORY: i32 = 3;

/// The CronJob. `rotate --now` creates its Job from the same template.
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
