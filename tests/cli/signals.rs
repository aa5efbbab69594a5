//! Signals: the step under way ends, the next one does not begin.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::Place;
use crate::wait::until;

/// Two consumers that wait until the file `go` is there, and note that they were called.
fn slow() -> Place {
    let place = Place::empty();
    let wait = |name: &str| {
        format!(
            "- {{name: {name}, loads: {name}, pickup: reload, command: [sh, -c, 'echo > {0}/called-{name}; i=0; while [ ! -e {0}/go ] && [ $i -lt 600 ]; do i=$((i+1)); sleep 0.05; done']}}\n",
            place.outer.path().display()
        )
    };
    place.configure(&format!("consumers:\n{}{}", wait("server"), wait("client")));
    assert_eq!(place.run(&["bootstrap"]).code, Some(0));
    place
}

fn start(place: &Place) -> Child {
    place
        .command(&["rotate", "--now", "--id", "signalled"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("PATH", "/usr/bin:/bin")
        .spawn()
        .expect("the binary starts")
}

fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    kill(pid, signal).expect("the process is ours");
}

/// Sends the signal while the first consumer is picking up, and lets that end.
fn stops_between_two_steps(signal: Signal, exit_code: i32) {
    let place = slow();
    let mut child = start(&place);
    let called = |name: &str| fs::exists(place.outer.path().join(format!("called-{name}"))).expect("it can be asked");
    until("the server picks up", || called("server"));
    send(&child, signal);
    let stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut lines = stderr.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("finishing the current step")), "the operator is told");
    fs::write(place.outer.path().join("go"), "").expect("it can be written");
    assert_eq!(child.wait().expect("it ends").code(), Some(exit_code));
    let rest: Vec<String> = lines.collect();
    assert!(rest.iter().any(|line| line.contains("error[NL0206]")), "{rest:?}");
    assert!(!called("client"), "the next step did not begin");
    let rest = place.command(&["rotate", "--now", "--id", "signalled"]).env("PATH", "/usr/bin:/bin").output();
    assert!(rest.expect("it runs").status.success() && called("client"), "the next run finishes it");
}

#[test]
fn sigterm_stops_between_two_steps_with_143() {
    stops_between_two_steps(Signal::SIGTERM, 143);
}

#[test]
fn ctrl_c_stops_between_two_steps_with_130() {
    stops_between_two_steps(Signal::SIGINT, 130);
}

#[test]
fn a_second_signal_stops_at_once() {
    let place = slow();
    let mut child = start(&place);
    let called = place.outer.path().join("called-server");
    until("the server picks up", || fs::exists(&called).expect("it can be asked"));
    send(&child, Signal::SIGTERM);
    let stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut lines = stderr.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("press Ctrl-C again to stop immediately")), "the operator is told");
    send(&child, Signal::SIGTERM);
    assert_eq!(child.wait().expect("it ends").code(), Some(143));
    assert!(lines.any(|line| line.contains("second signal")), "it says why");
}
