//! The judges, on facts that a cluster does not give on demand.

use base::diagnosis::{Code, Diagnose, RemoteText};
use chrono::{DateTime, TimeDelta, Utc};
use kubernetes::api::call::Call;
use kubernetes::api::questions::{Permission, ServerVersion};
use kubernetes::api::resource::Resource;
use serde_json::{Value, json};
use stack::components::Component;
use stack::object::{Object, Phase};
use stack::settings::budget::ConnectionBudget;

use super::after::{InstalledFacts, differences};
use super::before::{BeforeFacts, ClaimFacts, NodeFacts, ObjectFacts, StorageClassFacts};
use super::line::{CheckFinding, CheckLine, CheckSeverity, ChecksFailed, decisive};
use super::operation::OperationFacts;
use super::quota::{self, QuotaNeeds};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a date")
}

fn server(minor: u32, behind: i64) -> ServerVersion {
    let clock = Some(now() - TimeDelta::seconds(behind));
    ServerVersion { major: 1, minor, text: RemoteText::new(&format!("v1.{minor}.0")), clock }
}

fn facts() -> BeforeFacts {
    BeforeFacts {
        now: now(),
        namespace: "backstage".to_owned(),
        server: Ok(server(33, 0)),
        place: Ok(None),
        rights: Vec::new(),
        objects: Vec::new(),
        rehearsed_in: "default".to_owned(),
        claims: vec![ClaimFacts { title: "StatefulSet backstage/postgres".to_owned(), class: None }],
        storage_classes: Ok(vec![StorageClassFacts { name: "fast".to_owned(), is_default: true }]),
        references: Vec::new(),
        ingress: None,
        images: vec!["postgres:17.10".to_owned()],
        nodes: Ok(vec![NodeFacts {
            name: "a".to_owned(),
            images: vec!["docker.io/library/postgres:17.10".to_owned()],
        }]),
        image_import: "kind load docker-image IMAGE",
        quotas: Ok(Vec::new()),
        needs: QuotaNeeds::default(),
        manager: "newleaf-deploy",
    }
}

fn findings(lines: &[CheckLine]) -> Vec<(Code, CheckSeverity)> {
    lines.iter().flat_map(|line| &line.findings).map(|finding| (finding.code, finding.severity)).collect()
}

const FAILURE: CheckSeverity = CheckSeverity::Failure;
const WARNING: CheckSeverity = CheckSeverity::Warning;

#[test]
fn each_fact_that_would_keep_an_install_from_working_has_its_code() {
    assert_eq!(findings(&facts().judge()), []);
    let denied = Call { verb: "create", resource: Resource::Secret, namespace: "backstage".to_owned(), name: None };
    let unreachable = CheckFinding::failure(Code::ApiUnreachable, "the API server", "refused", "start it");
    let object = |is_served, present, rehearsal| ObjectFacts {
        title: "Service backstage/it".to_owned(),
        kind: ("v1".to_owned(), "Service".to_owned()),
        is_served: Ok(is_served),
        present: Ok(present),
        rehearsal,
    };
    let refused = CheckFinding::failure(Code::CheckAdmission, "it", "no", "ask");
    let theirs = json!({"metadata": {"name": "it", "managedFields": [{"manager": "helm"}]}});
    let ours =
        json!({"metadata": {"name": "it", "managedFields": [{"manager": "newleaf-deploy"}, {"manager": "helm"}]}});
    for (facts, expected) in [
        (BeforeFacts { server: Err(unreachable), ..facts() }, vec![(Code::ApiUnreachable, FAILURE)]),
        (BeforeFacts { server: Ok(server(30, 0)), ..facts() }, vec![(Code::CheckApiVersion, FAILURE)]),
        (BeforeFacts { server: Ok(server(33, 3_600)), ..facts() }, vec![(Code::CheckClock, FAILURE)]),
        (BeforeFacts { server: Ok(server(33, -61)), ..facts() }, vec![(Code::CheckClock, FAILURE)]),
        (BeforeFacts { server: Ok(server(33, 60)), ..facts() }, vec![]),
        (
            BeforeFacts { rights: vec![(denied, Ok(Permission::Denied(RemoteText::default())))], ..facts() },
            vec![(Code::CheckPermission, FAILURE)],
        ),
        (
            BeforeFacts { place: Ok(Some(json!({"metadata": {"deletionTimestamp": "x"}}))), ..facts() },
            vec![(Code::NamespaceTerminating, FAILURE)],
        ),
        (
            BeforeFacts { objects: vec![object(true, Some(theirs), Some(Ok(())))], ..facts() },
            vec![(Code::CheckForeign, FAILURE)],
        ),
        (BeforeFacts { objects: vec![object(true, Some(ours), Some(Ok(())))], ..facts() }, vec![]),
        (BeforeFacts { objects: vec![object(false, None, None)], ..facts() }, vec![(Code::KindMissing, FAILURE)]),
        (
            BeforeFacts { objects: vec![object(true, None, Some(Err(refused)))], ..facts() },
            vec![(Code::CheckAdmission, FAILURE)],
        ),
        (BeforeFacts { storage_classes: Ok(Vec::new()), ..facts() }, vec![(Code::CheckStorageClass, FAILURE)]),
        (BeforeFacts { images: vec!["postgres:18".to_owned()], ..facts() }, vec![(Code::CheckImage, WARNING)]),
    ] {
        let lines = facts.judge();
        assert_eq!(findings(&lines), expected);
        for finding in lines.iter().flat_map(|line| &line.findings) {
            assert!(!finding.mend.is_empty() && !finding.why.is_empty() && !finding.object.is_empty(), "{finding:?}");
        }
    }
}

#[test]
fn what_a_person_must_change_decides_the_exit_code() {
    let line = |codes: &[Code]| {
        let findings = codes.iter().map(|code| CheckFinding::failure(*code, "it", "why", "mend")).collect();
        CheckLine::new("a", "b", findings)
    };
    let exit = |lines: &[CheckLine]| ChecksFailed::of(lines).map(|failed| failed.code().class().exit_code());
    assert_eq!(exit(&[line(&[])]), None);
    assert_eq!(exit(&[line(&[Code::ApiTimeout])]), Some(75));
    assert_eq!(exit(&[line(&[Code::ApiTimeout]), line(&[Code::CheckDrift])]), Some(5));
    assert_eq!(exit(&[line(&[Code::CheckDrift]), line(&[Code::CheckStorageClass])]), Some(4));
    assert_eq!(exit(&[line(&[Code::CheckStorageClass]), line(&[Code::CheckPermission])]), Some(77));
    let warned = CheckLine::new("a", "b", vec![CheckFinding::warning(Code::CheckBackup, "it", "why", "mend")]);
    assert!(decisive(&[warned]).is_none(), "a warning fails nothing");
}

#[test]
fn what_the_api_server_keeps_for_itself_is_no_drift() {
    let live = json!({"metadata": {"resourceVersion": "1", "managedFields": [1], "labels": {"a": "b"}}, "spec": {"x": [1, {"y": 2}]}, "status": 1});
    let mut same = live.clone();
    same["metadata"]["resourceVersion"] = "2".into();
    same["metadata"]["managedFields"] = json!([]);
    same["status"] = json!(2);
    assert_eq!(differences(&live, &same), Vec::<String>::new());
    same["spec"]["x"][1]["y"] = json!(3);
    same["metadata"]["labels"] = json!({});
    assert_eq!(differences(&live, &same), ["metadata.labels.a", "spec.x[1].y"]);
}

fn deployment(resources: &Value) -> Object {
    let pod = json!({"containers": [{"name": "a", "resources": resources}]});
    let value = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "it"}, "spec": {"replicas": 2, "template": {"spec": pod}}});
    Object::from_value(value, Component::Backstage, Phase::Backstage)
}

#[test]
fn a_quota_counts_the_pod_that_a_rollout_has_more() {
    let needs = QuotaNeeds::of(&[deployment(&json!({"requests": {"cpu": "250m", "memory": "1Gi"}}))]);
    let quota = |hard: Value, used: Value| json!({"metadata": {"name": "q"}, "status": {"hard": hard, "used": used}});
    let of = |hard: Value, used: Value| quota::judge(&[quota(hard, used)], &needs).len();
    assert_eq!(of(json!({"cpu": "750m"}), json!({})), 0);
    assert_eq!(of(json!({"cpu": "750m"}), json!({"cpu": "1m"})), 1);
    assert_eq!(of(json!({"requests.memory": "3Gi", "pods": "3"}), json!({"pods": "0"})), 0);
    assert_eq!(of(json!({"requests.memory": "3071Mi"}), json!({})), 1);
    assert_eq!(of(json!({"pods": 2}), json!({})), 1);
    assert_eq!(of(json!({"limits.cpu": "8"}), json!({})), 1, "the container has no limit of cpu");
}

fn operation(jobs: Vec<Value>) -> OperationFacts {
    OperationFacts {
        jobs: Ok(jobs),
        budget: ConnectionBudget { plugins: 10, pool: 5, pods: 2, admitted: 115 },
        has_database: true,
        backups: Ok(vec!["backup".to_owned()]),
        postgres_image: Some("postgres:17.10-bookworm".to_owned()),
    }
}

fn installed(kind: &str, live: Value) -> InstalledFacts {
    InstalledFacts { title: kind.to_owned(), kind: kind.to_owned(), live: Ok(Some(live)), applied: None }
}

#[test]
fn the_operation_is_judged_by_schedule_last_run_connections_and_versions() {
    let at = |days: i64| (now() - TimeDelta::days(days)).to_rfc3339();
    let cron_job = |suspend: bool, days: i64| {
        installed("CronJob", json!({"spec": {"suspend": suspend}, "status": {"lastScheduleTime": at(days)}}))
    };
    let job = |condition: &str, days: i64| {
        json!({"metadata": {"name": "run", "creationTimestamp": at(days)}, "status": {"completionTime": at(days),
            "conditions": [{"type": condition, "status": "True", "reason": "R", "message": "m"}]}})
    };
    let replicas = |count: u32| installed("Deployment", json!({"spec": {"replicas": count}}));
    let good = vec![job("Complete", 0)];
    for (facts, objects, expected) in [
        (operation(good.clone()), vec![cron_job(false, 1), replicas(1)], vec![]),
        (operation(Vec::new()), vec![cron_job(false, 1)], vec![]),
        (operation(good.clone()), vec![cron_job(true, 0)], vec![(Code::CheckSchedule, FAILURE)]),
        (operation(good.clone()), vec![cron_job(false, 3)], vec![(Code::CheckSchedule, FAILURE)]),
        (operation(vec![job("Failed", 0)]), vec![cron_job(false, 0)], vec![(Code::CheckServed, FAILURE)]),
        (operation(vec![job("Complete", 3)]), vec![cron_job(false, 0)], vec![(Code::CheckServed, FAILURE)]),
        (operation(vec![job("Failed", 2), job("Complete", 1)]), vec![cron_job(false, 0)], vec![]),
        (operation(vec![job("Other", 0)]), vec![cron_job(false, 0)], vec![]),
        (operation(vec![job("Other", 0), job("Complete", 1)]), vec![cron_job(false, 0)], vec![]),
        (
            operation(vec![job("Other", 0), job("Failed", 1)]),
            vec![cron_job(false, 0)],
            vec![(Code::CheckServed, FAILURE)],
        ),
        (operation(good.clone()), vec![replicas(2)], vec![(Code::CheckConnections, FAILURE)]),
        (
            OperationFacts { backups: Ok(Vec::new()), ..operation(good.clone()) },
            vec![],
            vec![(Code::CheckBackup, WARNING)],
        ),
        (
            OperationFacts { postgres_image: Some("postgres:17.1-bookworm".to_owned()), ..operation(good.clone()) },
            vec![],
            vec![(Code::CheckOutdated, WARNING)],
        ),
        (
            OperationFacts { postgres_image: Some("registry.example.org/postgres:mine".to_owned()), ..operation(good) },
            vec![],
            vec![],
        ),
    ] {
        assert_eq!(findings(&facts.judge(now(), "backstage", &objects)), expected, "{objects:?}");
    }
}

#[test]
fn the_rights_of_a_probe_are_asked_for_before_an_install() {
    let asked = super::rights::requests(&[], &std::collections::BTreeMap::new(), "backstage");
    let jobs = ["create", "get", "list", "delete"].map(|verb| (verb, Resource::Job));
    for (verb, resource) in jobs.into_iter().chain([("list", Resource::Pod), ("get", Resource::PodLog)]) {
        let call = Call { verb, resource, namespace: "backstage".to_owned(), name: None };
        assert!(asked.contains(&call), "{call}");
    }
}
