//! Thousands of lives, on every processor, and the proof that the invariants can fail.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::counts::{Counts, summary};
use crate::life::Life;
use crate::sabotage::Sabotage;

/// How many lives are lived by default.
const SEEDS: u64 = 10_000;

/// A number from the environment of the test.
#[expect(clippy::disallowed_methods, reason = "the seed is how a person asks for a replay")]
fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}

#[expect(clippy::disallowed_methods, reason = "measures the wall time of the test itself")]
fn instant() -> Instant {
    Instant::now()
}

#[test]
fn every_life_keeps_every_invariant() {
    if let Some(seed) = variable("NEWLEAF_SIMULATION_SEED") {
        return replay(seed);
    }
    let seeds = variable("NEWLEAF_SIMULATION_SEEDS").unwrap_or(SEEDS);
    let begin = instant();
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&next, seeds))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).collect()
    });
    let mut broken: Vec<_> = results.iter().flat_map(|result| result.1.clone()).collect();
    broken.sort();
    println!(
        "{}",
        summary(seeds, &results.iter().map(|result| result.0).collect::<Vec<_>>(), begin.elapsed().as_secs_f64())
    );
    let shown: Vec<_> = broken
        .iter()
        .take(12)
        .map(|(seed, what)| {
            format!(
                "  {what}\n    NEWLEAF_SIMULATION_SEED={seed} cargo test --test simulation every_life -- --nocapture"
            )
        })
        .collect();
    assert!(broken.is_empty(), "{} of {seeds} lives broke an invariant\n{}", broken.len(), shown.join("\n"));
}

fn work(next: &AtomicU64, seeds: u64) -> (Counts, Vec<(u64, String)>) {
    let mut counts = Counts::default();
    let mut broken = Vec::new();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= seeds {
            return (counts, broken);
        }
        let world = Life::new(seed, None, false).live();
        counts.add(&world);
        broken.extend(world.watch.violation.map(|what| (seed, what)));
    }
}

fn replay(seed: u64) {
    let world = Life::new(seed, None, true).live();
    for line in world.trace.iter().flatten() {
        println!("{line}");
    }
    assert_eq!(world.watch.violation, None, "seed {seed}");
}

#[test]
fn every_sabotage_is_found() {
    for sabotage in Sabotage::ALL {
        let found = (0..300).find_map(|seed| {
            let violation = Life::new(seed, Some(sabotage), false).live().watch.violation?;
            Some((seed, violation))
        });
        match found {
            Some((seed, violation)) => println!("{sabotage:?}: seed {seed}: {violation}"),
            None => panic!("{sabotage:?} was not found in 300 lives"),
        }
    }
}
