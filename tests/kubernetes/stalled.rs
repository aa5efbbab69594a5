//! Answers that stall: a request ends with its limit, and a second signal ends it at once.

use std::process::Child;
use std::time::{Duration, Instant};

use http::Method;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::ended::Ended;
use crate::stub::{Answer, Site};

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
    let (before, begin) = (looks(), Instant::now());
    while looks() == before {
        assert!(begin.elapsed() < LIMIT, "pods are never asked for");
        std::thread::yield_now();
    }
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
    assert!(ended.stdout.contains("no answer from the API server within 10 s"), "{}", ended.stdout);
}

#[test]
fn a_second_signal_ends_a_list_that_stalls_at_once() {
    let site = stalling();
    let mut command = site.command(&["rotate", "--now", "--id", "once"]);
    let child = command.spawn().expect("newleaf starts");
    wait_for_the_list(&site);
    let begin = Instant::now();
    let mut ended = None;
    let mut child = Some(child);
    // The first may come before the program listens; any two that it hears end it.
    while ended.is_none() {
        let mut running = child.take().expect("it runs");
        if running.try_wait().expect("it can be asked").is_some() {
            ended = Some(Ended::from(running.wait_with_output().expect("it ends")));
        } else {
            signal(&running);
            child = Some(running);
        }
        assert!(begin.elapsed() < Duration::from_secs(5), "it does not end");
    }
    assert_eq!(ended.and_then(|ended| ended.code), Some(143));
}
