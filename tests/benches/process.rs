//! What a run costs: time and memory of the whole process, beside the openssl command.
//!
//! `cargo bench --bench process`

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures with the clock, prints its table and stops at the first surprise"
)]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use crate::support::server::PostgresServer;
use crate::support::site::{ServerPickup, Site};

/// Rounds; the median is shown.
const ROUNDS: usize = 21;
/// The argument that makes this program a stopwatch for the commands that follow it.
const STOPWATCH: &str = "--stopwatch";
/// Between two commands of the stopwatch.
const THEN: &str = "--then";

/// Wall time and peak memory of some commands, one after the other.
struct Cost {
    time: Duration,
    kibibytes: i64,
}

/// Runs the commands and prints microseconds and KiB. The system keeps the peak of all children of a process together,
/// so each measurement has a process of its own.
fn stopwatch(words: &[String]) {
    let begin = Instant::now();
    for words in words.split(|word| word == THEN) {
        let status = Command::new(&words[0]).args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.expect("the command starts").success(), "{words:?}");
    }
    let time = begin.elapsed().as_micros();
    println!("{time} {}", getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts").max_rss());
}

/// The medians of some rounds.
fn cost(rounds: usize, directory: &Path, commands: &[&[&str]]) -> Cost {
    let own = std::env::current_exe().expect("this program has a path");
    let mut times = Vec::new();
    let mut peaks = Vec::new();
    for _ in 0..rounds {
        let mut command = Command::new(&own);
        command.arg(STOPWATCH).args(commands.join(&THEN)).current_dir(directory);
        let output = command.output().expect("the stopwatch starts");
        assert!(output.status.success(), "{commands:?}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("numbers are text");
        let (time, peak) = text.trim().split_once(' ').expect("two numbers");
        times.push(Duration::from_micros(time.parse().expect("microseconds")));
        peaks.push(peak.parse().expect("KiB"));
    }
    times.sort();
    peaks.sort_unstable();
    Cost { time: times[rounds / 2], kibibytes: peaks[rounds / 2] }
}

/// A key, a request and a leaf with the openssl command.
const OPENSSL: [&[&str]; 3] = [
    &["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "leaf.key"],
    &["openssl", "req", "-new", "-key", "leaf.key", "-subj", "/CN=postgres", "-out", "leaf.csr"],
    &[
        "openssl", "x509", "-req", "-in", "leaf.csr", "-CA", "a.crt", "-CAkey", "a.key", "-days", "45", "-out",
        "leaf.crt",
    ],
];

fn measure(rounds: usize, site: &Site) {
    let directory = site.newleaf.directory().display().to_string();
    let newleaf = &project::program().display().to_string();
    let scratch = tempfile::tempdir().expect("a directory");
    for (stored, copy) in [("authority-1.crt", "a.crt"), ("authority-1.key", "a.key")] {
        std::fs::copy(site.newleaf.directory().join("authority").join(stored), scratch.path().join(copy))
            .expect("the authority can be copied");
    }
    let cost = |commands: &[&[&str]]| cost(rounds, scratch.path(), commands);
    let base = cost(&[&["openssl", "version"]]);
    let rows = [
        ("openssl version: a process that does nothing", cost(&[&["openssl", "version"]])),
        ("newleaf --version: the same", cost(&[&[newleaf, "--version"]])),
        ("newleaf rotate: nothing is due, and that is proven", cost(&[&[newleaf, "rotate", "-d", &directory]])),
        ("openssl genpkey, req, x509: one leaf, no more", cost(&OPENSSL)),
        ("newleaf rotate --now: two leaves, reload, proof", cost(&[&[newleaf, "rotate", "--now", "-d", &directory]])),
    ];
    println!("{:<52} {:>9} {:>8} {:>10}", format!("median of {rounds}"), "ms", "ratio", "peak MiB");
    for (what, Cost { time, kibibytes }) in rows {
        let (time, base) = (time.as_secs_f64() * 1000.0, base.time.as_secs_f64() * 1000.0);
        let mebibytes = f64::from(i32::try_from(kibibytes).expect("less than 2 TiB")) / 1024.0;
        println!("{what:<52} {time:>9.2} {:>8.1} {mebibytes:>10.1}", time / base);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == STOPWATCH) {
        return stopwatch(&arguments[1..]);
    }
    if !PostgresServer::is_available() {
        return;
    }
    // `cargo test` runs benches too, to see that they work.
    let rounds = if arguments.iter().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let program = project::program();
    let site = runtime.block_on(Site::set_up(program, ServerPickup::Reload)).expect("a site can be set up");
    measure(rounds, &site);
}
