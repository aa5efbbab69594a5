//! What a rotation costs in a namespace with thousands of pods and Events: peak memory and time of the whole process, at an
//! API server that answers from memory. Needs no cluster.
//!
//! `cargo bench --bench crowded`

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
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
/// What a rotation may take at any time, in KiB: three quarters of the pod's limit.
const PEAK_MAX: u64 = 24 * 1024;

/// The medians of peak and time of a whole rotation beside so many pods with these labels.
fn rotation(app: &str, pods: usize, rounds: usize) -> (u64, f64) {
    let site = Site::bootstrapped();
    site.stub.world().pods.extend(crowd(pods, app));
    let warnings =
        (0..EVENTS).map(|number| event(number, "StatefulSet", "postgres", "uid-of-postgres", &"w".repeat(900)));
    site.stub.world().events.extend(warnings);
    let (mut peaks, mut times) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let measured = site.measured(&["rotate", "--now", "--id", &round.to_string()]);
        assert!(measured.output.status.success(), "{}", String::from_utf8_lossy(&measured.output.stderr));
        peaks.push(measured.kibibytes);
        times.push(measured.took.as_secs_f64());
    }
    peaks.sort_unstable();
    times.sort_by(f64::total_cmp);
    (peaks[rounds / 2], times[rounds / 2])
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
    for (app, what) in
        [("other", "pods with other labels"), ("backstage", "pods with Backstage's labels and another owner")]
    {
        for pods in PODS {
            let (kibibytes, seconds) = rotation(app, pods, rounds);
            let mebibytes = f64::from(u32::try_from(kibibytes).expect("less than 4 TiB")) / 1024.0;
            println!("{:<60} {mebibytes:>9.1} {:>9.0}", format!("{pods} {what}"), seconds * 1000.0);
            assert!(!is_bench || kibibytes < PEAK_MAX, "{kibibytes} KiB");
        }
    }
}
