//! The document of the rotation that follows from the stack, and where its objects stand.

use serde_json::json;

use super::*;
use crate::components::rotation::document;

#[test]
fn the_default_stack_has_the_default_rotation() {
    let expected = json!({
        "apiVersion": "newleaf.dev/v1alpha1",
        "kind": "Rotation",
        "leaf": { "lifetime": "45d", "rotateAfter": "30d" },
        "client": { "name": "postgres" },
        "consumers": [
            { "name": "postgres", "loads": "server", "pickup": "reload", "workload": "statefulset/postgres" },
            { "name": "backstage", "loads": "client", "pickup": "restart", "workload": "deployment/backstage" },
        ],
        "database": { "endpoints": ["postgres:5432"], "name": "postgres" },
        "deadlines": { "step": "3m", "run": "10m" },
    });
    assert_eq!(document(&settings("")), expected);
}

#[test]
fn what_the_stack_says_reaches_the_rotation() {
    let text = "backstage: {profile: leastPrivilege}\nrotation: {pickup: restart, authority: {secret: ca}}";
    let document = document(&settings(text));
    assert_eq!(document["client"]["name"], "backstage");
    assert_eq!(document["database"]["name"], "backstage");
    assert_eq!(document["authority"], json!({ "secret": "ca", "certificate": "tls.crt", "key": "tls.key" }));
    assert_eq!(document["consumers"][0]["pickup"], "restart");
}

#[test]
fn a_nudge_is_for_a_server_that_reloads() {
    assert_eq!(document(&settings("rotation: {nudge: true}"))["consumers"][0]["nudge"], true);
    let problems = problems("rotation: {pickup: restart, nudge: true}");
    assert_eq!(problems[0].path, "rotation.nudge", "{problems:?}");
}

#[test]
fn an_existing_server_is_no_consumer() {
    let document = document(&settings("database: {existing: {host: '2001:db8::1'}}"));
    assert_eq!(document["consumers"].as_array().map(Vec::len), Some(1));
    assert_eq!(document["database"]["endpoints"], json!(["[2001:db8::1]:5432"]));
}

#[test]
fn the_workloads_that_the_rotation_names_are_rendered() {
    let settings = settings("");
    let objects = render(&settings);
    for consumer in document(&settings)["consumers"].as_array().expect("consumers") {
        let (kind, name) = consumer["workload"].as_str().and_then(|it| it.split_once('/')).expect("KIND/NAME");
        assert!(objects.iter().any(|it| it.kind().to_lowercase() == kind && it.name() == name), "{consumer}");
    }
}

#[test]
fn certificates_come_before_what_needs_them_and_the_schedule_last() {
    let objects = objects("");
    assert_eq!(find(&objects, "Job", "newleaf-bootstrap").phase(), Phase::Certificates);
    assert_eq!(find(&objects, "CronJob", "newleaf").phase(), Phase::Rest);
    for (kind, name) in
        [("ServiceAccount", "newleaf-bootstrap"), ("Role", "newleaf-bootstrap"), ("ConfigMap", "newleaf")]
    {
        assert_eq!(find(&objects, kind, name).phase(), Phase::Configuration, "{kind}");
    }
}
