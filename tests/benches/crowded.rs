//! What a rotation costs in a namespace with thousands of pods and Events: peak memory and time of the whole process, at an
//! API server that answers from memory. Needs no cluster.
//!
//! `cargo bench --bench crowded`

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures with the clock, prints its table and stops at the first surprise"
)]

#[path = "../support/ended.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod ended;
#[path = "../support/peak.rs"]
mod peak;
#[path = "../support/stub/mod.rs"]
#[expect(dead_code, unused_imports, reason = "each tier uses its part")]
mod stub;

use crate::stub::{Site, crowd, event};

/// Rounds; the median is shown.
const ROUNDS: usize = 5;
const PODS: [usize; 3] = [0, 500, 5_000];
const EVENTS: usize = 10_000;
/// What a rotation may take at any time, in KiB: half of the pod's limit.
const PEAK_MAX: u64 = 24 * 1024;

/// A site beside so many pods with these labels.
fn site(app: &str, pods: usize) -> Site {
    let site = Site::bootstrapped();
    site.stub.world().pods.extend(crowd(pods, app));
    let of_set = |number| event(number, "StatefulSet", "postgres", "uid-of-postgres", &"w".repeat(900));
    site.stub.world().events.extend((0..EVENTS).map(of_set));
    site
}

/// The medians of peak and time of a whole rotation there, as a row; the peak.
fn row(what: &str, site: &Site, rounds: usize) -> u64 {
    let (mut peaks, mut times) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let measured = site.measured(&["rotate", "--now", "--id", &round.to_string()]);
        assert!(measured.output.status.success(), "{}", String::from_utf8_lossy(&measured.output.stderr));
        peaks.push(measured.kibibytes);
        times.push(measured.took.as_secs_f64());
    }
    peaks.sort_unstable();
    times.sort_by(f64::total_cmp);
    let mebibytes = f64::from(u32::try_from(peaks[rounds / 2]).expect("less than 4 TiB")) / 1024.0;
    println!("{what:<60} {mebibytes:>9.1} {:>9.0}", times[rounds / 2] * 1000.0);
    peaks[rounds - 1]
}

fn main() {
    // `cargo test` runs benches too, to see that they work.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let rounds = if is_bench { ROUNDS } else { 1 };
    println!(
        "{:<60} {:>9} {:>9}",
        format!("rotate --now, both restarted, {EVENTS} Events; medians of {rounds}"),
        "peak MiB",
        "ms"
    );
    let mut peak = 0;
    for (app, what) in
        [("other", "pods with other labels"), ("backstage", "pods with Backstage's labels and another owner")]
    {
        for pods in PODS {
            peak = peak.max(row(&format!("{pods} {what}"), &site(app, pods), rounds));
        }
    }
    let large = site("backstage", 300);
    let notes = format!("\"example.org/notes\":\"{}", "n".repeat(200_000));
    for pod in &mut large.stub.world().pods {
        pod.json = pod.json.replace("\"example.org/notes\":\"", &notes);
    }
    peak = peak.max(row("300 of these, each of 200 KB", &large, rounds));
    assert!(!is_bench || peak < PEAK_MAX, "{peak} KiB");
}
