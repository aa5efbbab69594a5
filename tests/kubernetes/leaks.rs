//! What others say may quote a key: none of it is shown, logged or told on, and no line is longer than it may be.

use http::{Method, StatusCode};
use serde_json::json;

use crate::stub::{Answer, Site, event, job_pod, owner};
use crate::wait::until;

/// Of a key that no peer uses: as PEM, as a Secret holds it, as openssl prints it.
const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZ1mUxqO3l5o2M6Yw\n-----END PRIVATE KEY-----\n";
const ENCODED: &str = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0hBZ0VBTUJNR0J5cUdTTTQ5QWdFRw";
const HEX: &str = "6759d4c6a3b7979a3633a630a95ab3e5bf1dd1a4399b97109b4375a3da359b56";

fn planted() -> String {
    format!("\u{1b}[2Joops {ENCODED} and {HEX} and {PEM} and {}", "x".repeat(100_000))
}

/// None of the keys, no control character, and no line without measure.
fn assert_clean(what: &str, shown: &str) {
    for piece in [&PEM[30..60], &ENCODED[..30], &HEX[..30]] {
        assert!(!shown.contains(piece), "{what} shows {piece}: {}", &shown[..shown.len().min(3000)]);
    }
    assert!(!shown.contains('\u{1b}'), "{what} steers the terminal");
    let longest = shown.lines().map(str::len).max().unwrap_or_default();
    assert!(longest < 8_000, "{what} has a line of {longest} bytes");
}

#[test]
fn keys_in_a_message_of_the_api_server_are_not_shown() {
    let site = Site::bootstrapped();
    let text =
        |code: u16| Answer::Raw(StatusCode::from_u16(code).expect("a status"), "text/plain", planted().into_bytes());
    let webhook = format!("admission webhook \"audit.example.org\" denied the request: {}", planted());
    for (what, method, object, answer) in [
        (
            "a 500",
            Method::GET,
            "secrets/newleaf-authority",
            Answer::status(500, "InternalError", &planted(), &json!({})),
        ),
        ("a 500 that is only text", Method::GET, "secrets/newleaf-authority", text(500)),
        ("a 400", Method::GET, "secrets/newleaf-authority", Answer::status(400, "BadRequest", &planted(), &json!({}))),
        (
            "a 401",
            Method::GET,
            "secrets/newleaf-authority",
            Answer::status(401, "Unauthorized", &planted(), &json!({})),
        ),
        (
            "a refusal",
            Method::GET,
            "secrets/newleaf-authority",
            Answer::status(403, "Forbidden", &planted(), &json!({})),
        ),
        (
            "a refusal of a webhook",
            Method::PATCH,
            "secrets/postgres-tls",
            Answer::status(403, "Forbidden", &webhook, &json!({})),
        ),
        ("a conflict", Method::PATCH, "deployments/backstage", Answer::status(409, "Conflict", &planted(), &json!({}))),
        (
            "an invalid workload",
            Method::PATCH,
            "statefulsets/postgres",
            Answer::status(422, "Invalid", &planted(), &json!({})),
        ),
        ("a 200", Method::GET, "pods", text(200)),
    ] {
        for level in ["--color=never", "-v", "-vvv"] {
            let answer = answer.clone();
            let method = method.clone();
            site.stub.answers(move |asked| asked.is(&method, object).then(|| answer.clone()));
            let ended =
                site.run(&["rotate", "--now", level, "--set", "deadlines.step=2s", "--set", "deadlines.run=4s"]);
            assert_ne!(ended.code, Some(0), "{what}: {}", ended.stderr);
            assert_clean(what, &(ended.stderr + &ended.stdout));
        }
    }
}

/// A rollout that does not get on is told with conditions, Events and the log of its pod.
#[test]
fn keys_in_events_conditions_and_logs_of_a_failed_rollout_are_not_shown() {
    let site = Site::bootstrapped();
    {
        let mut world = site.stub.world();
        world.rolls = false;
        world.log = format!("{}\n{ENCODED}\n{}", planted(), "y".repeat(100_000));
        world
            .events
            .extend((0..50).map(|number| event(number, "StatefulSet", "postgres", "uid-of-postgres", &planted())));
        let conditions = json!([{"type": "Ready", "status": "False", "lastTransitionTime": "2026-11-25T05:01:00Z"}]);
        let waiting = json!([{"name": "web", "ready": false, "restartCount": 4, "image": "i", "imageID": "",
            "lastState": {"terminated": {"exitCode": 3, "reason": planted(), "message": planted()}},
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": planted()}}}]);
        for pod in &mut world.pods {
            let mut object: serde_json::Value = serde_json::from_str(&pod.json).expect("JSON");
            object["status"]["conditions"] = conditions.clone();
            object["status"]["containerStatuses"] = waiting.clone();
            pod.json = object.to_string();
        }
    }
    for format in ["table", "json"] {
        let ended = site.run(&[
            "rotate",
            "--now",
            "-vvv",
            "--output",
            format,
            "--set",
            "deadlines.step=4s",
            "--set",
            "deadlines.run=8s",
        ]);
        assert_eq!(ended.code, Some(5), "{}", ended.stderr);
        assert!(ended.stderr.contains("CrashLoopBackOff"), "what happened is told: {}", ended.stderr);
        assert_clean(format, &(ended.stderr + &ended.stdout));
    }
    let told = site.stub.changes().into_iter().filter(|asked| asked.object == "events");
    let told: Vec<String> = told.map(|asked| asked.body.to_string()).collect();
    assert!(told.iter().any(|event| event.contains("PickUpFailed")), "{told:?}");
    assert_clean("an Event of ours", &told.join("\n"));
}

#[test]
fn what_a_library_cannot_read_is_in_no_log() {
    let site = Site::bootstrapped();
    site.stub.answers(|asked| {
        let answer = json!({"kind": "DaemonSet", "apiVersion": "apps/v1", "metadata": {"name": 1, "labels": {"a": "the-planted-value"}},
            "spec": {"template": {"spec": {"containers": [{"env": [{"name": "PASSWORD", "value": "the-planted-value"}]}]}}}});
        let is_asked = asked.method == Method::GET && !asked.object.starts_with("secrets") && !asked.object.starts_with("leases");
        is_asked.then_some(Answer::Json(StatusCode::OK, answer))
    });
    for level in ["--color=never", "-v", "-vv", "-vvv"] {
        let ended = site.run(&["rotate", "--now", level, "--set", "deadlines.step=1s", "--set", "deadlines.run=2s"]);
        assert_ne!(ended.code, Some(0), "{}", ended.stderr);
        assert!(!ended.stderr.contains("the-planted-value"), "{level}: {}", ended.stderr);
    }
}

/// A pod that does not start, and then one that has run: what Kubernetes and its log say is followed on a laptop.
#[test]
fn keys_in_what_a_followed_job_says_are_not_shown() {
    let site = Site::installed();
    let now = ["rotate", "--now", "--id", "TICKET-17"];
    let made = site.outside(&[&now[..], &["--wait", "false"]].concat()).output().expect("newleaf runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let job = {
        let world = site.stub.world();
        let path = world.objects.keys().find(|path| path.starts_with("jobs/")).expect("a Job was made");
        path.trim_start_matches("jobs/").to_owned()
    };
    let ours = owner("Job", &job, &format!("uid-of-{job}"));
    let waiting = json!({"waiting": {"reason": "CreateContainerConfigError", "message": planted()}});
    let ended = json!({"terminated": {"exitCode": 77, "message": planted()}});
    for (state, code) in [(waiting, 75), (ended, 77)] {
        {
            let mut world = site.stub.world();
            world.pods.retain(|pod| pod.name != "a-real-one");
            world.pods.push(job_pod("a-real-one", &job, &ours, &state));
            world.events.push(event(1, "Pod", "a-real-one", "uid-of-a-real-one", &planted()));
            world.log = format!(
                "2026-11-25T05:01:00Z before\n2026-11-25T05:01:01Z {}\n2026-11-25T05:01:02Z after\n",
                planted().replace('\n', " ")
            );
        }
        let said = follow(&site, site.outside(&now), &job, code);
        assert_clean("what a Job says", &said);
        assert!(said.contains("before") && said.contains("after"), "its own lines are shown: {said}");
    }
}

/// Follows the Job; a pod that has ended is shown only once the Job is followed, for a failed one is not followed again.
fn follow(site: &Site, mut command: std::process::Command, job: &str, code: i32) -> String {
    let hidden = site.stub.world().pods.pop().expect("its pod");
    let running = job_pod("a-real-one", job, &owner("Job", job, &format!("uid-of-{job}")), &json!({"running": {}}));
    site.stub.world().pods.push(running);
    let looks = || site.stub.asked().iter().filter(|asked| asked.object == "pods").count();
    let before = looks();
    let child = command.spawn().expect("newleaf starts");
    until("the Job is followed", || looks() >= before + 3);
    {
        let mut world = site.stub.world();
        world.pods.retain(|pod| pod.name != "a-real-one");
        world.pods.push(hidden);
    }
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}
