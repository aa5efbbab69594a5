//! `newleaf metrics`: what Prometheus reads, judged by Prometheus' own linter, and what a peer cannot do to it.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rotation::figures::{Figures, LAST_SUCCESS, LEAF_END, STALE};

use crate::exporter::Served;
use crate::skip::skip;
use crate::support::{newleaf, ran};
use crate::tools::tool;

fn figures() -> Figures {
    Figures {
        leaf_ends: [("server".to_owned(), 1_790_000_000), ("client".to_owned(), 1_790_000_001)].into(),
        stale: [("postgres".to_owned(), false), ("back\"stage".to_owned(), true)].into(),
        last_success: Some(1_789_000_000),
    }
}

/// What Prometheus' linter says about figures; nothing if they are sound.
fn linted(promtool: &Path, text: &str) -> String {
    let mut command = Command::new(promtool);
    command
        .args(["check", "metrics", "--lint=all"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("promtool starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("promtool reads");
    let output = child.wait_with_output().expect("promtool ends");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { String::new() } else { format!("{}: {said}", output.status) }
}

#[test]
fn the_figures_are_served_as_they_are_now_and_prometheus_finds_nothing_wrong_with_them() {
    let served = Served::start();
    let (head, body) = served.get("/metrics");
    assert!(head.starts_with("HTTP/1.1 200") && body.is_empty(), "no run has been yet: {head} {body}");
    served.write(&figures().to_text());
    let (head, body) = served.get("/metrics");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    assert_eq!(body, figures().exposition());
    served.write(&Figures { last_success: Some(1_789_086_400), ..figures() }.to_text());
    let (_, later) = served.get("/metrics");
    assert!(later.contains(&format!("{LAST_SUCCESS} 1789086400\n")), "{later}");

    let promtool = match tool("prometheus") {
        Ok(folder) => folder.join("promtool"),
        Err(why) => return skip("what Prometheus' linter says", why),
    };
    assert_eq!(linted(&promtool, &later), "");
    assert_ne!(linted(&promtool, &later.replace("# HELP", "# ELP")), "", "promtool is at work");
    assert_ne!(linted(&promtool, &later.replace("\\\"", "\"")), "", "promtool is at work");
    for name in [LEAF_END, LAST_SUCCESS, STALE] {
        assert!(later.contains(&format!("# TYPE {name} gauge\n")), "{later}");
    }
}

#[test]
fn figures_that_nothing_can_read_are_an_error_and_the_process_is_healthy_all_the_same() {
    let served = Served::start();
    served.write("{\"leafEnds\": {\"server\": \"soon\"}}");
    let (head, body) = served.get("/metrics");
    assert!(head.starts_with("HTTP/1.1 500") && body.starts_with("NL0518: "), "{head} {body}");
    assert!(served.get("/healthz").0.starts_with("HTTP/1.1 200"));
    fs::remove_file(served.file()).expect("it is there");
    fs::create_dir(served.file()).expect("it can be made");
    let (head, body) = served.get("/metrics");
    assert!(head.starts_with("HTTP/1.1 500") && body.starts_with("NL0302: "), "{head} {body}");
}

#[test]
fn only_two_paths_are_answered_and_only_to_those_who_read() {
    let served = Served::start();
    assert!(served.get("/").0.starts_with("HTTP/1.1 404"));
    assert!(served.get("/figures.json").0.starts_with("HTTP/1.1 404"));
    assert!(served.get("/metrics/../../etc/passwd").0.starts_with("HTTP/1.1 404"));
    assert!(served.ask("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200"));
    let posted = served.ask("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
    assert!(posted.starts_with("HTTP/1.1 405"), "{posted}");
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(1024 * 1024));
    let refused = served.ask(&long);
    assert!(!refused.contains(" 200 ") && !refused.contains(" 404 "), "{refused}");
    assert!(!served.ask("nonsense\r\n\r\n").contains(" 200 "));
    assert!(served.get("/healthz").0.starts_with("HTTP/1.1 200"), "it still serves");
}

#[test]
fn peers_that_say_nothing_are_let_go_and_keep_prometheus_waiting_less_than_it_waits() {
    let served = Served::start();
    let mut silent: Vec<TcpStream> =
        (0..40).map(|_| TcpStream::connect(&served.address).expect("the kernel accepts")).collect();
    // Prometheus gives up after 10 s.
    let mut prometheus = TcpStream::connect(&served.address).expect("the kernel accepts");
    prometheus.set_read_timeout(Some(Duration::from_secs(10))).expect("it is open");
    prometheus.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").expect("it can be sent");
    let mut answer = String::new();
    prometheus.read_to_string(&mut answer).expect("it is answered in time");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut rest = Vec::new();
    let _ended = silent[0].read_to_end(&mut rest);
    assert!(!String::from_utf8_lossy(&rest).contains(" 200 "));
}

#[test]
fn a_signal_is_its_ordinary_end() {
    let mut served = Served::start();
    let pid = Pid::from_raw(i32::try_from(served.child.id()).expect("a pid"));
    let half = TcpStream::connect(&served.address).expect("it listens");
    half.shutdown(Shutdown::Write).expect("it is open");
    kill(pid, Signal::SIGTERM).expect("the process is ours");
    assert_eq!(served.child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let refused = ran(newleaf(&["metrics", "--listen", &address]));
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.stderr.contains("NL0519") && refused.stderr.contains(&address), "{refused:?}");
    assert_eq!(ran(newleaf(&["metrics", "--listen", "9464"])).code, Some(2), "an address and a port");
}
