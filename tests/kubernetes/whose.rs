//! Whose a pod or a Job is: the identity in its owner reference says it. Labels and names may be anybody's.

use serde_json::{Value, json};

use crate::stub::{Site, job_pod, owned_pod, owner};
use crate::wait::until;

const NOW: [&str; 4] = ["rotate", "--now", "--id", "TICKET-17"];

/// Makes the Job of a forced rotation and does not wait for it; its name.
fn job(site: &Site) -> String {
    let made = site.outside(&[&NOW[..], &["--wait", "false"]].concat()).output().expect("newleaf runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let world = site.stub.world();
    let path = world.objects.keys().find(|path| path.starts_with("jobs/")).expect("a Job was made");
    path.trim_start_matches("jobs/").to_owned()
}

fn line(text: &str) -> String {
    format!("2026-11-25T05:01:00Z {text}\n")
}

#[test]
fn log_and_exit_code_of_a_forced_rotation_come_only_from_pods_of_its_own_job() {
    let site = Site::installed();
    let job = job(&site);
    let (running, succeeded) = (json!({"running": {}}), json!({"terminated": {"exitCode": 0}}));
    let ours = owner("Job", &job, &format!("uid-of-{job}"));
    let theirs = owner("Job", &job, "uid-of-another");
    {
        let mut world = site.stub.world();
        world.pods.push(job_pod("a-real-one", &job, &ours, &running));
        // With every label of the Job, and newer by its name.
        world.pods.push(job_pod("z-forged", &job, &theirs, &succeeded));
        world.logs.insert("a-real-one".to_owned(), line("from the real one"));
        world.logs.insert("z-forged".to_owned(), line("from the forged one"));
    }
    let looks = || site.stub.asked().iter().filter(|asked| asked.object == "pods").count();
    let before = looks();
    let child = site.outside(&NOW).spawn().expect("newleaf starts");
    until("the Job is followed", || looks() > before + 3);
    {
        let mut world = site.stub.world();
        world.pods.retain(|pod| pod.name != "a-real-one");
        world.pods.push(job_pod("a-real-one", &job, &ours, &json!({"terminated": {"exitCode": 77}})));
    }
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(77), "{said}");
    assert!(said.contains("from the real one") && !said.contains("forged"), "{said}");
}

#[test]
fn a_job_of_its_name_that_the_cron_job_does_not_own_is_not_followed() {
    let site = Site::installed();
    let job = job(&site);
    site.stub.world().objects.get_mut(&format!("jobs/{job}")).expect("it was made")["metadata"]["ownerReferences"] =
        json!([]);
    let made = site.outside(&[&NOW[..], &["--wait", "false"]].concat()).output().expect("newleaf runs");
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(said.contains(&format!("started Job {job}-2")), "{said}");
}

/// How old a Job is says the API server, whose answer carries its time.
#[test]
fn a_job_that_has_got_no_pod_for_an_hour_is_not_followed_and_one_of_this_moment_is() {
    let site = Site::installed();
    let job = job(&site);
    let now = chrono::Utc::now();
    for (age, said) in [(0, format!("following Job {job}\n")), (3600, format!("started Job {job}-2\n"))] {
        let created = (now - chrono::TimeDelta::seconds(age)).to_rfc3339();
        let path = format!("jobs/{job}");
        site.stub.world().objects.get_mut(&path).expect("it was made")["metadata"]["creationTimestamp"] =
            json!(created);
        let made = site.outside(&[&NOW[..], &["--wait", "false"]].concat()).output().expect("newleaf runs");
        assert_eq!(String::from_utf8_lossy(&made.stderr), said);
    }
}

#[test]
fn a_pod_with_labels_and_owner_name_of_a_workload_is_not_its_pod() {
    let site = Site::bootstrapped();
    let ended = site.run(&["rotate", "--now", "--id", "once"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for (app, kind, name) in
        [("backstage", "ReplicaSet", "backstage-5d9c7b6f4"), ("postgres", "StatefulSet", "postgres")]
    {
        let forged = owned_pod(
            &format!("forged-{app}"),
            &format!("uid-of-forged-{app}"),
            app,
            &json!({}),
            &owner(kind, name, "another"),
        );
        site.stub.world().pods.push(forged);
    }
    let ended = site.run(&["status", "--output", "json"]);
    let status: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    for consumer in status["facts"]["consumers"].as_array().expect("consumers") {
        assert_eq!(consumer["loaded"]["state"], "current", "{consumer}");
    }
}

#[test]
fn the_last_run_is_one_of_a_job_that_the_cron_job_owns() {
    let site = Site::installed();
    let labels = json!({"app.kubernetes.io/name": "newleaf", "app.kubernetes.io/component": "rotation"});
    let done = json!({"conditions": [{"type": "Complete", "status": "True"}]});
    for (name, created, owners) in [
        ("newleaf-1", "2026-11-24T03:17:00Z", json!([owner("CronJob", "newleaf", "uid-of-newleaf")])),
        ("forged", "2026-11-25T03:17:00Z", json!([])),
    ] {
        let metadata = json!({"labels": labels, "creationTimestamp": created, "ownerReferences": owners});
        site.stub.world().put(
            &format!("jobs/{name}"),
            "batch/v1",
            "Job",
            json!({"metadata": metadata, "status": done}),
        );
    }
    let ended = site.outside(&["status"]).output().expect("newleaf runs");
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(said.contains("last run: newleaf-1 succeeded"), "{said}");
}

#[test]
fn a_run_that_finds_nothing_to_do_asks_for_the_secrets_the_workloads_and_their_pods_once() {
    let site = Site::bootstrapped();
    let ended = site.run(&["rotate", "--now", "--id", "once"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let before = site.stub.asked().len();
    let ended = site.run(&["rotate"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let asked: Vec<String> = site.stub.asked().split_off(before).into_iter().map(|asked| asked.object).collect();
    assert_eq!(
        asked,
        [
            "secrets/newleaf-authority",
            "secrets/postgres-tls",
            "secrets/backstage-tls",
            "statefulsets/postgres",
            "pods",
            "deployments/backstage",
            "replicasets",
            "pods",
            // What a run tells to Prometheus: read, and written where it differs.
            "configmaps/newleaf-figures",
        ]
    );
}
