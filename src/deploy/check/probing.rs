//! Starts probes in the namespace of the stack, reads what they report, and removes them, also when `check` is interrupted. A
//! probe that dies with this program is removed by Kubernetes: it has a deadline and a time to live.

use std::time::Duration;

use base::diagnosis::{Code, Failure};
use base::stop::Stopped;
use futures_util::future::join_all;
use kube::api::LogParams;
use kubernetes::api::call::Call;
use kubernetes::api::object::Uid;
use kubernetes::api::resource::Resource;
use kubernetes::pod_requests::of_job;
use rotation::document::Endpoint;
use rotation::probe::ProbeReport;
use serde_json::Value;
use stack::components::network_policies::trials::{EdgeTrial, TrialSource, TrialTarget, trials};
use stack::components::probe::{PROBE_LABEL, PROBE_SECONDS, ProbeSpec, job};
use stack::object::text;
use stack::settings::Settings;
use stack::settings::entry::BACKSTAGE_PORT;

use crate::check::line::{CheckFinding, Known, known};
use crate::check::observe::unknown;
use crate::check::tried::ProbeOutcome;
use crate::cluster::{REQUEST, StackCluster};
use crate::plan::MemberKey;
use crate::wait::{Awaited, Waiter};

/// How long a probe is waited for: its own deadline, and what Kubernetes needs around it.
pub const PROBE_LIMIT: Duration = Duration::from_secs(PROBE_SECONDS.unsigned_abs() + 30);
/// The API server, as pods reach it. The kubelet gives its address to every pod, and DNS its name.
const API_SERVER: &str = "kubernetes.default.svc:443";
/// The longest report that is read.
const REPORT_MAX: i64 = 1 << 20;

/// A probe, and the connections that it tries.
struct Planned {
    spec: ProbeSpec,
    trials: Vec<(EdgeTrial, String)>,
}

/// Runs every probe. A probe that cannot run is an outcome; only an interruption is an error.
pub async fn probe(waiter: &Waiter<'_>, settings: &Settings) -> Result<Vec<ProbeOutcome>, Stopped> {
    let run = &waiter.cluster.holder().name;
    let planned = plan(settings, &addresses(waiter.cluster, settings).await);
    let outcomes = join_all(planned.into_iter().map(|planned| outcome(waiter, settings, planned, run))).await;
    remove(waiter.cluster, settings.namespace.as_str(), run).await;
    waiter.stop.check("the probes")?;
    Ok(outcomes)
}

/// The addresses of the Services, so that a pod without DNS tries the connection and not the name; the names where they cannot
/// be read.
async fn addresses(cluster: &StackCluster, settings: &Settings) -> [String; 2] {
    let namespace = settings.namespace.as_str();
    let of = async |name: &str, port: u16| {
        let key = MemberKey {
            kind: "Service".to_owned(),
            group: String::new(),
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
        };
        let service = cluster.read("v1", &key).await.ok().flatten().unwrap_or_default();
        let host = match text(&service, "/spec/clusterIP") {
            "" | "None" => format!("{name}.{namespace}.svc"),
            address => address.to_owned(),
        };
        Endpoint { host, port, server_name: None }.to_string()
    };
    [of("postgres", settings.database.port).await, of("backstage", BACKSTAGE_PORT).await]
}

/// One probe for each source. That of Backstage also asks PostgreSQL, as the only one with the leaf.
fn plan(settings: &Settings, [postgres, backstage]: &[String; 2]) -> Vec<Planned> {
    let all = trials(settings);
    let mut planned = Vec::new();
    for source in TrialSource::ALL {
        let own = all.iter().filter(|trial| trial.source == source).map(|trial| {
            let target = match (trial.target, trial.why) {
                // By its name, so that DNS is tried, too.
                (TrialTarget::Postgres, Some(_)) => settings.database.endpoint().to_string(),
                (TrialTarget::Postgres, None) => postgres.clone(),
                (TrialTarget::Backstage, _) => backstage.clone(),
                (TrialTarget::ApiServer, _) => API_SERVER.to_owned(),
            };
            (*trial, target)
        });
        let own: Vec<(EdgeTrial, String)> = own.collect();
        let targets = |should_open: bool| {
            let fitting = own.iter().filter(move |(trial, _)| trial.why.is_some() == should_open);
            fitting.map(|(_, target)| target.clone()).collect::<Vec<_>>()
        };
        let (mut open, closed) = (targets(true), targets(false));
        if source == TrialSource::Stranger {
            // No policy of the stack is about it. What it reaches shows when its network is set up.
            open.push(API_SERVER.to_owned());
        }
        let asks_postgres = source == TrialSource::Backstage;
        if asks_postgres || !own.is_empty() {
            planned.push(Planned { spec: ProbeSpec { source, asks_postgres, open, closed }, trials: own });
        }
    }
    planned
}

async fn outcome(waiter: &Waiter<'_>, settings: &Settings, planned: Planned, run: &str) -> ProbeOutcome {
    let Planned { spec, trials } = planned;
    let object = job(settings, &spec, run);
    let report = match report(waiter, settings.namespace.as_str(), &object).await {
        Ok(report) => Ok(report),
        Err(finding) => {
            let why = format!("the probe from {} tells nothing: {}", spec.source.words(), finding.why);
            Err(CheckFinding { why, ..finding })
        }
    };
    ProbeOutcome { trials, report }
}

/// What one probe reports.
async fn report(waiter: &Waiter<'_>, namespace: &str, job: &Value) -> Known<ProbeReport> {
    let silent = |failure: &Failure| CheckFinding { code: Code::CheckProbe, ..unknown(failure) };
    let client = waiter.cluster.client();
    let made = Call::create(Resource::Job, namespace).make::<Value>(client, job, REQUEST).await;
    let object = known(made)?.object;
    let key = MemberKey::of(&object);
    let uid = object.pointer("/metadata/uid").cloned().unwrap_or_default();
    let awaited = Awaited { key: key.clone(), api_version: "batch/v1".to_owned(), component: "probe", object };
    waiter.all(vec![awaited], |_| {}).await.map_err(|failure| silent(&failure))?;
    let unreadable = || {
        let mend = "Set rotation.image to a newleaf of this version.";
        CheckFinding::failure(Code::CheckProbe, key.to_string(), "its report cannot be read", mend)
    };
    let uid: Uid = serde_json::from_value(uid).map_err(|_| unreadable())?;
    let pods = known(of_job(client, namespace, &uid, REQUEST).await)?;
    let pod = pods.last().ok_or_else(unreadable)?;
    let wanted = LogParams { limit_bytes: Some(REPORT_MAX), ..LogParams::default() };
    let call = Call::get(Resource::PodLog, namespace, pod.metadata.name.as_str());
    let log = known(call.log_end(client, &wanted, REQUEST).await)?;
    parsed(&log).ok_or_else(unreadable)
}

/// The document in a log. Warnings may stand before it.
fn parsed(log: &[u8]) -> Option<ProbeReport> {
    let begin = log.iter().position(|byte| *byte == b'{')?;
    serde_json::Deserializer::from_slice(log.get(begin..)?).into_iter().next()?.ok()
}

/// Removes the Jobs of this run, with their pods. What cannot be removed now is removed by Kubernetes after a minute.
async fn remove(cluster: &StackCluster, namespace: &str, run: &str) {
    let selector = format!("{PROBE_LABEL}={run}");
    let jobs = cluster.labelled(("batch/v1", "Job"), namespace, &selector).await.unwrap_or_default();
    for removal in join_all(jobs.iter().map(|job| cluster.remove(job))).await {
        removal.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_found_behind_warnings_and_nothing_else_is_one() {
        let report = br#"{"apiVersion": "newleaf.dev/v1alpha1", "kind": "Probe", "postgres": null, "connections": []}"#;
        let seen = Some(ProbeReport { postgres: None, connections: Vec::new() });
        assert_eq!(parsed(report), seen);
        assert_eq!(parsed(&[b"warning: clock\n", &report[..], b"\nbye\n"].concat()), seen);
        for other in [&b""[..], b"error: unknown subcommand `probe`", b"{", b"{\"connections\": 1}"] {
            assert_eq!(parsed(other), None);
        }
    }
}
