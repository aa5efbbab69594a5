//! What newleaf costs on a real cluster: requests to the API server, time beside kubectl's own restart, memory, image.
//!
//! `make bench`, as root, makes a cluster for it; `cargo bench --bench cluster` uses the one that `KUBECONFIG` names.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures with the clock, prints its tables and stops at the first surprise"
)]

#[path = "../../cluster/audit.rs"]
mod audit;
mod install;
#[path = "../../cluster/kubectl.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod kubectl;
#[path = "../median.rs"]
mod median;
mod memory;
mod requests;
mod site;
#[path = "../../support/skip.rs"]
mod skip;

use std::time::Instant;

use crate::audit::Audit;
use crate::median::median;
use crate::requests::Requests;
use crate::site::Site;
use crate::skip::skip;

/// Rounds; the median is shown.
const ROUNDS: usize = 5;

fn main() {
    // `cargo test` runs benches too, to see that they work.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let rounds = if is_bench { ROUNDS } else { 1 };
    // `cargo bench --bench cluster -- install`: that part alone, which needs some minutes.
    if !std::env::args().any(|argument| argument == "install") {
        let Some(site) = Site::set_up() else { return };
        requests(&site);
        resources(&site);
        times(&site, rounds);
    }
    install::compare(rounds.min(install::ROUNDS));
}

/// What each mode asks of the API server.
fn requests(site: &Site) {
    let Some(audit) = Audit::find() else { return };
    let counted = |what: &str, account: &str, run: &dyn Fn()| {
        let requests = Requests::of(&audit, site.namespace(), account, run);
        println!("{what:<52} {:>8} {:>6}   {}", requests.all(), requests.writes(), requests.summary());
    };
    println!("{:<52} {:>8} {:>6}", "requests to the API server", "all", "writes");
    let (job, person) = (format!("system:serviceaccount:{}:newleaf", site.namespace()), "admin");
    if site.has_image() {
        counted("rotate: nothing is due, by the CronJob's account", &job, &|| site.job(&["rotate"]));
    }
    counted("rotate: nothing is due, from outside", person, &|| site.restarts(&[]));
    counted("rotate --now: both restarted", person, &|| site.restarts(&["--now"]));
    counted("rotate --now: server reloaded, client restarted", person, &|| site.reloads(&["--now"]));
    println!();
}

/// What the pod of a Job takes.
fn resources(site: &Site) {
    if !site.has_image() {
        return skip("memory and image", "this cluster has no image of newleaf");
    }
    println!("{:<52} {:>8}", "the pod of a Job", "MiB");
    for (what, arguments) in [
        ("rotate: nothing is due", &["rotate"][..]),
        ("rotate --now: server reloaded, client restarted", &["rotate", "--now"]),
    ] {
        match memory::peak(|| site.job(arguments), |pod| site.is_of_a_job(pod)) {
            Some(bytes) => println!("{:<52} {:>8.1}", format!("peak memory, {what}"), mebibytes(bytes)),
            None => skip("peak memory", "the control groups of the pods are not visible here"),
        }
    }
    println!("{:<52} {:>8.1}\n", "image, unpacked", mebibytes(site.image()));
}

fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).expect("less than 4 TiB")) / 1024.0
}

/// A way to new leaves, or to new pods.
type Way<'a> = (&'a str, &'a dyn Fn());

/// `rotate --now` up to the proof, beside what kubectl needs for new pods alone. `rollout status` does not wait for old
/// pods that are still ending, and the proof does: they hold sessions with the old leaf.
fn times(site: &Site, rounds: usize) {
    let kubectl = || {
        for workload in ["statefulset/postgres", "deployment/backstage"] {
            site.kubectl(&["rollout", "restart", workload]);
            site.kubectl(&["rollout", "status", workload, "--timeout=180s"]);
        }
    };
    let restart = || site.restarts(&["--now"]);
    let reload = || site.reloads(&["--now"]);
    let ways: [Way<'_>; 3] = [
        ("kubectl rollout restart and status, one by one", &kubectl),
        ("newleaf rotate --now: both restarted, proof", &restart),
        ("newleaf rotate --now: server reloaded, proof", &reload),
    ];
    let mut ends = [const { Vec::new() }; 3];
    let mut gone = [const { Vec::new() }; 3];
    for round in 0..rounds {
        // Each way follows each other one equally often.
        for turn in 0..ways.len() {
            let index = (round + turn) % ways.len();
            site.settled();
            let begin = Instant::now();
            ways[index].1();
            ends[index].push(begin.elapsed().as_secs_f64());
            site.settled();
            gone[index].push(begin.elapsed().as_secs_f64());
        }
    }
    println!("{:<52} {:>8} {:>8} {:>14} {:>8}", "", "s", "ratio", "old pods gone", "ratio");
    for (index, (what, _)) in ways.iter().enumerate() {
        let ratio = |times: &[Vec<f64>; 3]| {
            median(times[index].iter().zip(&times[0]).map(|(own, kubectl)| own / kubectl).collect())
        };
        let (end, all_gone) = (median(ends[index].clone()), median(gone[index].clone()));
        println!("{what:<52} {end:>8.2} {:>8.2} {all_gone:>14.2} {:>8.2}", ratio(&ends), ratio(&gone));
    }
    println!("medians of {rounds} rounds; ratios within a round");
}
