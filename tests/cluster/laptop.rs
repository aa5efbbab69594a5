//! `newleaf rotate --now` beside kubectl: the Job that it makes, and what it tells of it. Another program stands in for
//! newleaf in the pod, so that every end can be had; the CronJob is suspended, which does not keep Jobs from being made
//! after its template.

use std::process::Command;

use serde_json::{Value, json};

use crate::installed::{Installed, first_in_path};
use crate::proxy::Proxy;
use crate::watched::Watched;

/// Says something, and ends well when it gets a signal.
const PATIENT: &str = "trap 'echo second; exit 0' USR1; echo first; while :; do sleep 0.1; done";

#[test]
fn the_exit_code_of_the_job_is_passed_on_and_a_failed_job_is_tried_again_beside_it() {
    let Some(installed) = Installed::alone("codes", " []", "") else { return };
    let jobs = [0, 1, 2, 4, 5, 75, 77, 78].map(|code| {
        template(&installed, &program(&format!("echo ends with {code}; exit {code}")));
        let mut job = rotate(&installed, &["--id", &format!("code-{code}")]);
        job.until("started Job newleaf-now-");
        (code, job)
    });
    for (code, job) in jobs {
        let told = job.end();
        assert_eq!(told.code, Some(code), "{told:?}");
        assert_eq!(told.count(&format!("ends with {code}")), 1, "{told:?}");
    }
    template(&installed, &program("echo mended"));
    let tried = rotate(&installed, &["--id", "code-4"]).end();
    assert_eq!(tried.code, Some(0), "{tried:?}");
    assert!(tried.after("started Job newleaf-now-").ends_with("-2"), "{tried:?}");
    let done = rotate(&installed, &["--id", "code-4"]).end();
    assert_eq!((done.code, done.count("mended")), (Some(0), 1), "{done:?}");
    assert_eq!(done.after("following Job "), tried.after("started Job "));
}

#[test]
fn whoever_leaves_is_told_how_to_follow_on_and_the_job_stays() {
    let Some(installed) = Installed::alone("leaver", " []", "") else { return };
    template(&installed, &program(PATIENT));
    let mut leaver = rotate(&installed, &[]);
    leaver.until("first");
    leaver.interrupt();
    let left = leaver.end();
    assert_eq!(left.code, Some(130), "{left:?}");
    let id = left.after("rotation ").split(' ').next().unwrap_or_default();
    let namespace = installed.namespace.name();
    let same = format!("newleaf rotate --now --namespace {namespace} --id {id}");
    assert_eq!(left.after("To retry without rotating twice: "), same);
    assert_eq!(left.after("Follow it again: "), same);

    let unwatched = rotate(&installed, &["--id", id, "--wait=false"]).end();
    assert_eq!((unwatched.code, unwatched.count("first")), (Some(0), 0), "{unwatched:?}");
    let job = unwatched.after("following Job ").to_owned();
    let program = project::program();
    let mut shell = Command::new("sh");
    let mut follower = Watched::start(shell.args(["-c", &same]).env("PATH", first_in_path(program)));
    follower.until("first");
    release(&installed, &job);
    let told = follower.end();
    assert_eq!((told.code, told.count("second")), (Some(0), 1), "{told:?}");
    assert_eq!(told.after("following Job "), job);
}

#[test]
fn a_lost_connection_is_made_again_and_every_line_is_told_once() {
    let Some(installed) = Installed::alone("cut", " []", "") else { return };
    template(&installed, &program(PATIENT));
    let proxy = Proxy::start(&installed.namespace);
    let mut follower = Watched::start(installed.command(&["rotate", "--now"]).env("KUBECONFIG", proxy.kubeconfig()));
    let job = follower.until("started Job ").replace("started Job ", "");
    follower.until("first");
    proxy.cut();
    release(&installed, &job);
    follower.until("no answer");
    proxy.mend();
    let told = follower.end();
    assert_eq!(told.code, Some(0), "{told:?}");
    assert_eq!((told.count("first"), told.count("second")), (1, 1), "{told:?}");
}

#[test]
fn what_keeps_the_job_from_starting_is_told_and_once_it_is_mended_the_job_goes_on() {
    let Some(installed) = Installed::alone("stuck", " []", "") else { return };
    let namespace = &installed.namespace;
    template(&installed, &json!({"containers": [{"name": "newleaf", "image": "localhost/nowhere:1"}]}));
    let image = rotate(&installed, &[]);
    template(&installed, &with(program("echo placed"), "nodeSelector", json!({"newleaf.dev/nowhere": "yes"})));
    let mut node = rotate(&installed, &[]);
    node.until("started Job");
    let volume = json!([{"name": "configuration", "configMap": {"name": "absent"}}]);
    template(&installed, &with(with(program("echo mounted"), "nodeSelector", Value::Null), "volumes", volume));
    let mut mount = rotate(&installed, &[]);
    mount.until("FailedMount");
    node.until("Unschedulable: ");
    namespace.kubectl(&["create", "configmap", "absent"]);
    namespace.kubectl(&["create", "quota", "none", "--hard=pods=0"]);
    let volume = json!([{"name": "configuration", "configMap": {"name": "newleaf"}}]);
    template(&installed, &with(program("echo allowed"), "volumes", volume));
    let mut quota = rotate(&installed, &[]);
    quota.until("exceeded quota: none");
    namespace.kubectl(&["delete", "quota", "none"]);

    let image = image.end();
    assert_eq!(image.code, Some(75), "{image:?}");
    assert!(image.after("error[NL0662]").contains("ErrImagePull"), "{image:?}");
    for (job, said) in [(mount, "mounted"), (quota, "allowed")] {
        let told = job.end();
        assert_eq!((told.code, told.count(said)), (Some(0), 1), "{told:?}");
    }
    let node = node.end();
    assert_eq!(node.code, Some(75), "{node:?}");
    assert!(node.after("error[NL0662]").contains("Unschedulable"), "{node:?}");
}

#[test]
fn without_a_cronjob_it_is_said_what_to_apply_and_the_work_can_be_done_here() {
    let Some(installed) = Installed::alone("here", " []", "") else { return };
    let before = installed.field("secret/postgres-tls", ".data.tls\\.crt");
    installed.namespace.kubectl(&["delete", "cronjob/newleaf"]);
    let refused = rotate(&installed, &[]).end();
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.after("error[NL0661]").contains("CronJob newleaf does not exist"), "{refused:?}");
    assert!(refused.after("hint: ").contains("newleaf manifests --namespace"), "{refused:?}");
    assert_eq!(installed.field("secret/postgres-tls", ".data.tls\\.crt"), before);
    let here = rotate(&installed, &["--local"]).end();
    assert_eq!(here.code, Some(0), "{here:?}");
    assert_ne!(installed.field("secret/postgres-tls", ".data.tls\\.crt"), before);
    assert_eq!(installed.namespace.kubectl(&["get", "jobs", "--output", "name"]).trim(), "job.batch/newleaf-bootstrap");
}

fn rotate(installed: &Installed, options: &[&str]) -> Watched {
    Watched::start(&mut installed.command(&[&["rotate", "--now"], options].concat()))
}

/// Lets the patient program end, and with it, whatever its exit code, what was sent to tell it.
fn release(installed: &Installed, job: &str) {
    let job = format!("job/{job}");
    let signal = ["exec", &job, "--namespace", installed.namespace.name(), "--", "sh", "-c", "kill -USR1 1"];
    let _killed = Command::new("kubectl").args(signal).status().expect("kubectl runs");
}

/// A pod that runs a script in the place of newleaf.
fn program(script: &str) -> Value {
    json!({"containers": [{"name": "newleaf", "image": "localhost/postgres:15", "command": ["sh", "-c", script]}]})
}

fn with(mut pod: Value, field: &str, value: Value) -> Value {
    pod.as_object_mut().expect("an object").insert(field.to_owned(), value);
    pod
}

/// Changes the template that Jobs are made from. One try each: the tries themselves are Kubernetes' affair.
fn template(installed: &Installed, pod: &Value) {
    let job = json!({"spec": {"backoffLimit": 0, "template": {"spec": pod}}});
    let patch = json!({"spec": {"suspend": true, "failedJobsHistoryLimit": 20, "jobTemplate": job}}).to_string();
    installed.namespace.kubectl(&["patch", "cronjob/newleaf", "--patch", &patch]);
}
