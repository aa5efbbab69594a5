//! Reads from the CronJob and its Jobs how the last run ended and when the next run starts. Pure.

use std::fmt;

use base::diagnosis::RemoteText;
use chrono::{DateTime, Days, NaiveTime, Utc};
use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kubernetes::wire::job::Job;
use serde::Serialize;

/// The CronJob and the newest Job of its template, whether the schedule or a person started it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Runs {
    /// The schedule: the five fields of cron.
    pub schedule: RemoteText,
    /// The time zone of the schedule. `None`: that of the cluster's CronJob controller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<RemoteText>,
    /// Whether the CronJob is suspended.
    pub suspended: bool,
    /// The next start. `None` if the CronJob is suspended, and for schedules other than one daily start in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<DateTime<Utc>>,
    /// The newest Job that still exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<LastRun>,
    /// The last start by the schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_scheduled: Option<DateTime<Utc>>,
    /// The last successful end of a run that the schedule started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_successful: Option<DateTime<Utc>>,
}

/// One Job of the CronJob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastRun {
    /// The name of the Job.
    pub job: String,
    /// When the Job was created.
    pub created: DateTime<Utc>,
    pub state: RunState,
}

/// The state of a Job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RunState {
    /// The Job has not ended.
    Running,
    /// The Job has succeeded.
    Succeeded,
    /// The Job has failed: the reason and the message of Kubernetes, which contain the exit code.
    Failed(RemoteText),
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("is running"),
            Self::Succeeded => f.write_str("succeeded"),
            Self::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

impl Runs {
    /// Reads the state from the CronJob. `last` is the newest Job.
    pub(super) fn of(cron_job: &CronJob, last: Option<LastRun>, now: DateTime<Utc>) -> Self {
        let spec = cron_job.spec.clone().unwrap_or_default();
        let status = cron_job.status.clone().unwrap_or_default();
        let suspended = spec.suspend.unwrap_or_default();
        let next = daily(&spec.schedule, spec.time_zone.as_deref(), now).filter(|_| !suspended);
        Self {
            schedule: RemoteText::new(&spec.schedule),
            time_zone: spec.time_zone.as_deref().map(RemoteText::new),
            suspended,
            next,
            last,
            last_scheduled: status.last_schedule_time.as_ref().and_then(instant),
            last_successful: status.last_successful_time.as_ref().and_then(instant),
        }
    }
}

/// The run of a Job. `None` for a Job without a creation time.
pub(super) fn last_run(job: &Job) -> Option<LastRun> {
    let created = job.metadata.creation_timestamp?;
    let state = if job.condition("Complete").is_some() {
        RunState::Succeeded
    } else if let Some(failed) = job.condition("Failed") {
        let parts = [&failed.reason, &failed.message].into_iter().flatten().map(RemoteText::as_str);
        RunState::Failed(RemoteText::new(&parts.collect::<Vec<_>>().join(": ")))
    } else {
        RunState::Running
    };
    Some(LastRun { job: job.metadata.name.to_string(), created, state })
}

/// Converts a time of the API to ours.
fn instant(time: &Time) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.0.as_second(), u32::try_from(time.0.subsec_nanosecond()).ok()?)
}

/// The next start of a schedule that means one minute of each day in UTC, as the default does. For any other schedule
/// newleaf shows the text only: a full parser of cron fields needs a library, and daylight saving time makes it wrong.
fn daily(schedule: &str, zone: Option<&str>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !matches!(zone, Some("Etc/UTC" | "UTC")) {
        return None;
    }
    let mut fields = schedule.split_ascii_whitespace();
    let minute = fields.next()?.parse().ok()?;
    let hour = fields.next()?.parse().ok()?;
    let time = NaiveTime::from_hms_opt(hour, minute, 0)?;
    if !fields.eq(["*"; 3]) {
        return None;
    }
    let today = now.date_naive().and_time(time).and_utc();
    if today > now { Some(today) } else { today.checked_add_days(Days::new(1)) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    fn cron_job(spec: &Value) -> CronJob {
        let status = json!({"lastScheduleTime": "2026-11-21T03:17:00Z", "lastSuccessfulTime": "2026-11-20T03:17:09Z"});
        let mut object = json!({"metadata": {"name": "newleaf"}, "spec": {"jobTemplate": {}}, "status": status});
        object["spec"].as_object_mut().expect("a map").extend(spec.as_object().expect("a map").clone());
        serde_json::from_value(object).expect("a CronJob")
    }

    fn job(name: &str, created: &str, conditions: &Value) -> Job {
        let metadata = json!({"name": name, "uid": name, "creationTimestamp": created});
        serde_json::from_value(json!({"metadata": metadata, "status": {"conditions": conditions}})).expect("a Job")
    }

    #[test]
    fn the_newest_job_is_the_last_run_however_it_started() {
        let failed =
            json!([{"type": "Failed", "status": "True", "reason": "PodFailurePolicy", "message": "exit code 5"}]);
        let done = json!([{"type": "Complete", "status": "True"}]);
        let jobs = |last: &Value| {
            [
                job("newleaf-1", "2026-11-20T03:17:00Z", &done),
                job("newleaf-now-a", "2026-11-21T08:00:00Z", last),
                job("newleaf-2", "2026-11-21T03:17:00Z", &failed),
            ]
        };
        let schedule = cron_job(&json!({"schedule": "17 3 * * *"}));
        let state = |last: &Value| {
            let newest = jobs(last).iter().filter_map(last_run).max_by_key(|run| run.created);
            let runs = Runs::of(&schedule, newest, at("2026-11-21T09:00:00Z"));
            assert_eq!(runs.last_scheduled, Some(at("2026-11-21T03:17:00Z")));
            assert_eq!(runs.last_successful, Some(at("2026-11-20T03:17:09Z")));
            let last = runs.last.expect("a run");
            assert_eq!((last.job.as_str(), last.created), ("newleaf-now-a", at("2026-11-21T08:00:00Z")));
            last.state
        };
        assert_eq!(state(&done), RunState::Succeeded);
        assert_eq!(state(&failed), RunState::Failed(RemoteText::new("PodFailurePolicy: exit code 5")));
        assert_eq!(state(&json!([])), RunState::Running);
        assert_eq!(state(&json!([{"type": "Failed", "status": "False"}])), RunState::Running);
    }

    #[test]
    fn the_next_start_of_a_day_is_known_and_no_other_is_guessed() {
        let next = |spec: Value| Runs::of(&cron_job(&spec), None, at("2026-11-30T03:17:00Z")).next;
        let zoned = |schedule: &str| next(json!({"schedule": schedule, "timeZone": "Etc/UTC"}));
        assert_eq!(zoned("17 3 * * *"), Some(at("2026-12-01T03:17:00Z")));
        assert_eq!(zoned("18 3 * * *"), Some(at("2026-11-30T03:18:00Z")));
        for unknown in ["17 */3 * * *", "17 3 * * 1", "60 3 * * *", "@daily", "17 3 * *", "17 3 * * * *"] {
            assert_eq!(zoned(unknown), None, "{unknown}");
        }
        assert_eq!(next(json!({"schedule": "17 3 * * *"})), None, "the controller's time zone is unknown");
        assert_eq!(next(json!({"schedule": "17 3 * * *", "timeZone": "Europe/Berlin"})), None);
        assert_eq!(next(json!({"schedule": "17 3 * * *", "timeZone": "UTC", "suspend": true})), None);
    }
}
