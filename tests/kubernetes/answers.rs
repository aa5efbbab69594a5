//! Answers that are none: of a load balancer, of a login page, of a server that is half broken or hostile. Nothing is
//! decided on them, nothing is written, and no memory is filled with them.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::ended::Ended;
use crate::stub::{Answer, Asked, Site};

const AUTHORITY: &str = "secrets/newleaf-authority";
/// Everything that would make damage out of a wrong answer.
const ROLLOVER: [&str; 6] = ["rotate", "--now", "--authority", "--adopt", "--id", "once"];
/// How much an answer without an end may cost, in KiB: above what an empty run takes in a debug build.
const ENDLESS_MAX: u64 = 48 * 1024;

fn html(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).expect("a status");
    Answer::Raw(status, "text/html", b"<html>default backend</html>".to_vec())
}

fn json_answer(object: Value) -> Answer {
    Answer::Json(StatusCode::OK, object)
}

/// What the site answers for an object now.
fn stored(site: &Site, path: &str) -> Value {
    site.stub.world().objects[path].clone()
}

/// Runs a rollover while this is answered for the authority; what of the Secrets it tried to change.
fn rollover(site: &Site, answer: Answer) -> (Ended, Vec<Asked>) {
    let before = site.stub.changes().len();
    site.stub.answers(move |asked| asked.is(&Method::GET, AUTHORITY).then(|| answer.clone()));
    let ended = site.run(&ROLLOVER);
    let changes = site.stub.changes().split_off(before);
    (ended, changes.into_iter().filter(|asked| asked.object.starts_with("secrets")).collect())
}

#[test]
fn what_is_no_word_of_the_api_server_about_a_secret_is_temporary_and_decides_nothing() {
    let site = Site::bootstrapped();
    let whole = stored(&site, AUTHORITY);
    let without = |pointer: &str, key: &str| {
        let mut object = whole.clone();
        object.pointer_mut(pointer).and_then(Value::as_object_mut).expect("a map").remove(key);
        json_answer(object)
    };
    let with = |pointer: &str, value: &str| {
        let mut object = whole.clone();
        *object.pointer_mut(pointer).expect("it is there") = json!(value);
        json_answer(object)
    };
    for (what, answer) in [
        ("a page of a load balancer", html(404)),
        ("a 404 without a body", Answer::Raw(StatusCode::NOT_FOUND, "application/json", Vec::new())),
        ("that another Secret is not there", Answer::not_found("secrets", "another")),
        ("that another resource is not there", Answer::not_found("configmaps", "newleaf-authority")),
        (
            "a 404 with another reason",
            Answer::status(404, "Expired", "no", &json!({"kind": "secrets", "name": "newleaf-authority"})),
        ),
        ("a login page", html(200)),
        ("a refusal of a proxy", html(403)),
        ("nothing", json_answer(json!({}))),
        ("another kind", with("/kind", "ConfigMap")),
        ("another name", with("/metadata/name", "another")),
        ("another namespace", with("/metadata/namespace", "another")),
        ("a Secret without identity", without("/metadata", "uid")),
        ("a Secret with an empty identity", with("/metadata/uid", "")),
        ("a Secret without version", without("/metadata", "resourceVersion")),
        ("a redirection", Answer::Raw(StatusCode::FOUND, "text/html", Vec::new())),
        (
            "half of a Secret",
            Answer::Raw(StatusCode::OK, "application/json", whole.to_string().into_bytes()[..400].to_vec()),
        ),
        ("that it does not know the token", Answer::status(401, "Unauthorized", "Unauthorized", &json!({}))),
    ] {
        let (ended, changes) = rollover(&site, answer);
        assert_eq!(ended.code, Some(75), "{what}: {}", ended.stderr);
        assert!(changes.is_empty(), "{what}: {changes:?}");
    }
}

#[test]
fn what_the_api_server_itself_says_is_believed() {
    let site = Site::bootstrapped();
    drop(site.stub.world().objects.remove(AUTHORITY));
    let ended = site.run(&["rotate"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("NL0202"), "{}", ended.stderr);
    let ended = site.run(&ROLLOVER);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn every_change_of_what_was_read_names_identity_and_version() {
    let site = Site::bootstrapped();
    let ended = site.run(&ROLLOVER);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let patches: Vec<Asked> = site.stub.changes().into_iter().filter(|asked| asked.method == Method::PATCH).collect();
    for resource in ["secrets/", "leases/", "statefulsets/", "deployments/"] {
        assert!(patches.iter().any(|patch| patch.object.starts_with(resource)), "{resource}");
    }
    for patch in patches {
        for field in ["uid", "resourceVersion"] {
            let named = patch.body["metadata"][field].as_str().unwrap_or_default();
            assert!(!named.is_empty(), "{} names no {field}: {}", patch.object, patch.body["metadata"]);
        }
    }
}

#[test]
fn an_answer_without_an_end_fills_no_memory() {
    for (what, object, bytes) in [
        ("a Secret", AUTHORITY, &b" "[..]),
        ("a list of pods", "pods", b" "),
        ("a workload", "deployments/backstage", b" "),
        ("a list of ReplicaSets", "replicasets", b" "),
        ("the Lease", "leases/newleaf", b"{"),
    ] {
        let site = Site::bootstrapped();
        let chunk = bytes.repeat(64 * 1024);
        site.stub.answers(move |asked| asked.is(&Method::GET, object).then(|| Answer::Endless(chunk.clone())));
        let measured = site.measured(&[
            "rotate",
            "--now",
            "--id",
            "once",
            "--set",
            "deadlines.step=3s",
            "--set",
            "deadlines.run=6s",
        ]);
        let errors = String::from_utf8_lossy(&measured.output.stderr).into_owned();
        assert_eq!(measured.output.status.code(), Some(75), "{what}: {errors}");
        assert!(measured.kibibytes < ENDLESS_MAX, "{what}: {} KiB", measured.kibibytes);
        assert!(measured.took.as_secs() < 40, "{what}: {:?}", measured.took);
    }
}

#[test]
fn an_apply_of_what_was_changed_since_it_was_read_is_read_again_and_never_forced() {
    const WORKLOAD: &str = "deployments/backstage";
    let site = Site::bootstrapped();
    let tried = std::sync::atomic::AtomicUsize::new(0);
    site.stub.answers(move |asked| {
        let is_first =
            asked.is(&Method::PATCH, WORKLOAD) && tried.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        let details = json!({"name": "backstage", "kind": "deployments"});
        is_first.then(|| Answer::status(409, "Conflict", "the object has been modified", &details))
    });
    let ended = site.run(&["rotate", "--now", "--id", "once"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let mut of_workload = site.stub.asked();
    of_workload.retain(|asked| asked.object == WORKLOAD);
    let methods: Vec<&Method> = of_workload.iter().map(|asked| &asked.method).collect();
    let patches: Vec<usize> = (0..methods.len()).filter(|at| methods[*at] == Method::PATCH).collect();
    assert_eq!(patches.len(), 2, "{methods:?}");
    assert_eq!(methods[patches[1] - 1], Method::GET, "it is read between the two: {methods:?}");
    assert!(of_workload.iter().all(|asked| asked.query("force").is_none()));
}
