//! Answers that stall: a request ends with its limit, a look with the run, and with the first signal.

use std::process::Child;
use std::time::{Duration, Instant};

use http::Method;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::ended::Ended;
use crate::stub::{Answer, Site};
use crate::wait::until;

/// How long one request may take, and what a busy machine adds.
const LIMIT: Duration = Duration::from_secs(10 + 10);

/// A site whose list of pods stalls in the middle.
fn stalling() -> Site {
    let site = Site::bootstrapped();
    let half = b"{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"metadata\":{},\"items\":[".to_vec();
    site.stub.answers(move |asked| asked.is(&Method::GET, "pods").then(|| Answer::Stalls(half.clone())));
    site
}

fn wait_for_the_list(site: &Site) {
    let looks = || site.stub.asked().iter().filter(|asked| asked.object == "pods").count();
    let before = looks();
    until("pods are asked for", || looks() > before);
}

fn signal(child: &Child) {
    let pid = i32::try_from(child.id()).expect("a pid");
    kill(Pid::from_raw(pid), Signal::SIGTERM).expect("it can be signalled");
}

#[test]
fn a_list_that_stalls_ends_with_the_limit_of_a_request() {
    let site = stalling();
    let begin = Instant::now();
    let ended = site.run(&["plan"]);
    // Each of two workloads has its list.
    assert!(begin.elapsed() < LIMIT * 2, "{:?}", begin.elapsed());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("no answer from the API server within 10s"), "{}", ended.stdout);
}

#[test]
fn a_signal_ends_a_look_at_a_list_that_stalls() {
    let site = stalling();
    let before = site.stub.changes().len();
    for command in [&["rotate", "--now", "--id", "once"][..], &["plan"], &["status"], &["verify"]] {
        let child = site.command(command).spawn().expect("newleaf starts");
        wait_for_the_list(&site);
        signal(&child);
        let ended = Ended::from(child.wait_with_output().expect("it ends"));
        assert_eq!(ended.code, Some(143), "{command:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("error[NL0206]"), "{command:?}: {}", ended.stderr);
        assert_eq!(site.stub.changes().len(), before, "{command:?} changes nothing");
    }
}

#[test]
fn a_look_ends_with_the_run() {
    let site = stalling();
    let before = site.stub.changes().len();
    let ended =
        site.run(&["rotate", "--now", "--id", "once", "--set", "deadlines.step=1s", "--set", "deadlines.run=1s"]);
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("run deadline of 1s exceeded before: observe what is stored and what runs"),
        "{}",
        ended.stderr
    );
    assert_eq!(site.stub.changes().len(), before, "nothing is changed");
}
