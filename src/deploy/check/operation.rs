//! What keeps an installed stack running: the rotation's schedule and its last run, connections, backups, versions. Pure.

use base::diagnosis::Code;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use stack::defaults::POSTGRES_IMAGES;
use stack::settings::budget::{ConnectionBudget, SURGE};

use crate::check::after::InstalledFacts;
use crate::check::line::{CheckFinding, CheckLine, Known};

/// A daily run that is older than that was missed.
const RUN_OLDEST: TimeDelta = TimeDelta::days(2);

/// What is known of the operation.
#[derive(Debug, Clone)]
pub struct OperationFacts {
    /// The Jobs of the rotation.
    pub jobs: Known<Vec<Value>>,
    /// How many connections Backstage may use, and how many are admitted.
    pub budget: ConnectionBudget,
    /// Whether the stack runs the database.
    pub has_database: bool,
    /// What may take backups in the namespace, by name.
    pub backups: Known<Vec<String>>,
    /// The image of PostgreSQL, as the document renders it.
    pub postgres_image: Option<String>,
}

impl OperationFacts {
    /// Every check of the operation.
    pub fn judge(&self, now: DateTime<Utc>, namespace: &str, objects: &[InstalledFacts]) -> Vec<CheckLine> {
        let cron_job = live(objects, "CronJob");
        vec![
            schedule(now, namespace, cron_job),
            self.last_run(now, namespace, cron_job),
            self.connections(live(objects, "Deployment"), namespace),
            self.backup(namespace),
            self.versions(),
        ]
    }

    /// A run ends well only when every consumer shows the stored leaf: its result is the proof that the leaf is served.
    fn last_run(&self, now: DateTime<Utc>, namespace: &str, cron_job: Option<&Value>) -> CheckLine {
        let text = "the last run of the rotation proved that the leaves are served";
        let jobs = match &self.jobs {
            Ok(jobs) => jobs,
            Err(finding) => return CheckLine::new("rotation", text, vec![finding.clone()]),
        };
        // A run that goes on says nothing yet, and the one before it still counts: `newleaf rotate --now` returns a moment
        // before its Job is complete.
        let key = |job: &&Value| (has_ended(job), moment(job, "/metadata/creationTimestamp"));
        let newest = jobs.iter().max_by_key(key);
        let last_good = cron_job.and_then(|cron_job| moment(cron_job, "/status/lastSuccessfulTime"));
        let Some(job) = newest else {
            return match last_good {
                Some(good) if now - good < RUN_OLDEST => CheckLine::new("rotation", text, Vec::new()),
                Some(good) => CheckLine::new("rotation", text, vec![too_old(namespace, now - good)]),
                None => CheckLine::skipped("rotation", text, "no run has started yet"),
            };
        };
        let name = job.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let title = format!("Job {namespace}/{name}");
        let mend =
            format!("Read its log: `kubectl logs job/{name} -n {namespace}`, then `newleaf rotate -n {namespace}`.");
        if !has_ended(job) {
            return CheckLine::skipped(
                "rotation",
                text,
                format!("Job {name} is still running, and no other has ended"),
            );
        }
        let finding = if let Some(why) = condition(job, "Failed") {
            Some(CheckFinding::failure(Code::CheckServed, title, format!("it failed: {why}"), mend))
        } else {
            let ended = moment(job, "/status/completionTime").unwrap_or(now);
            Some(now - ended).filter(|age| *age > RUN_OLDEST).map(|age| too_old(namespace, age))
        };
        CheckLine::new("rotation", text, finding.into_iter().collect())
    }

    fn connections(&self, deployment: Option<&Value>, namespace: &str) -> CheckLine {
        let text = "Backstage's connections fit into max_connections";
        let replicas = deployment.and_then(|live| live.pointer("/spec/replicas")).and_then(Value::as_u64);
        let pods =
            replicas.and_then(|replicas| u32::try_from(replicas).ok()).map(|replicas| replicas.saturating_add(SURGE));
        let budget = ConnectionBudget { pods: pods.unwrap_or(self.budget.pods), ..self.budget };
        let (needed, admitted) = (budget.needed(), budget.admitted);
        if needed <= admitted {
            return CheckLine::new("database", text, Vec::new());
        }
        let ConnectionBudget { plugins, pool, pods, .. } = budget;
        let why = format!(
            "{plugins} plugins with {pool} connections in {pods} pods may need {needed}, and {admitted} are admitted"
        );
        let mend = format!(
            "Raise it: `newleaf-deploy install --set database.parameters.max_connections={needed}`, or lower backstage.plugins.pool."
        );
        let title = format!("Deployment {namespace}/backstage");
        CheckLine::new("database", text, vec![CheckFinding::failure(Code::CheckConnections, title, why, mend)])
    }

    fn backup(&self, namespace: &str) -> CheckLine {
        let text = "something takes backups of the database";
        if !self.has_database {
            return CheckLine::skipped("database", text, "the stack does not run the database");
        }
        let findings = match &self.backups {
            Ok(found) if !found.is_empty() => Vec::new(),
            Ok(_) => vec![CheckFinding::warning(
                Code::CheckBackup,
                format!("namespace {namespace}"),
                "no CronJob whose name has `backup`, `dump` or `snapshot`, and no VolumeSnapshot, is in the namespace",
                "Take volume snapshots, or run pg_dump from a CronJob; leave this warning where a tool outside of the namespace does it.",
            )],
            Err(finding) => vec![finding.clone().only_warned()],
        };
        CheckLine::new("database", text, findings)
    }

    fn versions(&self) -> CheckLine {
        let text = "PostgreSQL is the newest minor version that this release knows";
        let Some(image) = &self.postgres_image else {
            return CheckLine::skipped("versions", text, "the stack does not run the database");
        };
        let Some((major, minor)) = version(image) else {
            return CheckLine::skipped("versions", text, format!("the tag of {image} is no version of PostgreSQL"));
        };
        let known = POSTGRES_IMAGES.iter().find_map(|(_, known)| version(known).filter(|(known, _)| *known == major));
        let findings = match known {
            Some((_, newest)) if minor < newest => vec![CheckFinding::warning(
                Code::CheckOutdated,
                image,
                format!("{major}.{minor} runs, and {major}.{newest} is known"),
                "Take the image out of the document, or name the newer one, and run `newleaf-deploy install`.",
            )],
            Some(_) | None => Vec::new(),
        };
        CheckLine::new("versions", text, findings)
    }
}

fn schedule(now: DateTime<Utc>, namespace: &str, cron_job: Option<&Value>) -> CheckLine {
    let text = "the rotation is scheduled";
    let title = format!("CronJob {namespace}/newleaf");
    let Some(cron_job) = cron_job else {
        return CheckLine::skipped("rotation", text, "the CronJob is not there");
    };
    let resume =
        format!("Resume it: `kubectl patch cronjob newleaf -n {namespace} -p '{{\"spec\":{{\"suspend\":false}}}}'`.");
    if cron_job.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
        let finding = CheckFinding::failure(Code::CheckSchedule, title, "it is suspended", resume);
        return CheckLine::new("rotation", text, vec![finding]);
    }
    let since =
        moment(cron_job, "/status/lastScheduleTime").or_else(|| moment(cron_job, "/metadata/creationTimestamp"));
    let mut findings = Vec::new();
    if let Some(since) = since
        && now - since > RUN_OLDEST
    {
        let why = format!("its schedule started nothing for {} days", (now - since).num_days());
        let mend = format!("See its events: `kubectl describe cronjob newleaf -n {namespace}`.");
        findings.push(CheckFinding::failure(Code::CheckSchedule, title, why, mend));
    }
    CheckLine::new("rotation", text, findings)
}

fn too_old(namespace: &str, age: TimeDelta) -> CheckFinding {
    let why = format!("the last good run ended {} days ago", age.num_days());
    let mend = format!("Start one: `newleaf rotate -n {namespace}`.");
    CheckFinding::failure(Code::CheckServed, format!("CronJob {namespace}/newleaf"), why, mend)
}

fn live<'a>(objects: &'a [InstalledFacts], kind: &str) -> Option<&'a Value> {
    let object = objects.iter().find(|object| object.kind == kind)?;
    object.live.as_ref().ok()?.as_ref()
}

fn moment(object: &Value, pointer: &str) -> Option<DateTime<Utc>> {
    let text = object.pointer(pointer)?.as_str()?;
    Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
}

/// The message of a condition that is true.
fn has_ended(job: &Value) -> bool {
    condition(job, "Complete").is_some() || condition(job, "Failed").is_some()
}

fn condition(job: &Value, kind: &str) -> Option<String> {
    let conditions = job.pointer("/status/conditions")?.as_array()?;
    let found = conditions.iter().find(|one| one.get("type") == Some(&kind.into()))?;
    if found.get("status") != Some(&"True".into()) {
        return None;
    }
    let part = |key: &str| found.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(format!("{}: {}", part("reason"), part("message")))
}

/// `17.10` of `postgres:17.10-bookworm`.
fn version(image: &str) -> Option<(u32, u32)> {
    let (_, tag) = image.rsplit_once(':')?;
    let version = tag.split('-').next()?;
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
