//! A run dies before its first request, and after every one of its requests, in every mode; the next run finishes what
//! it left, and nothing is written twice.

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::{StreamExt, stream};
use newleaf::rotation::material::{ROTATION_IDS, Slot, Snapshot};

use crate::ground::{Ground, Mode, SHORT};
use crate::life::Life;
use crate::runs::Runner;

/// How many die at the same time: while most of them wait for a Lease, the others have the machine.
const AT_ONCE: usize = 32;

/// What an undisturbed run asks for and writes.
pub(crate) struct Reference {
    pub(crate) requests: Vec<String>,
    pub(crate) writes: BTreeMap<String, usize>,
}

pub(crate) async fn reference(mode: Mode, before: &Snapshot) -> Reference {
    let ground = Ground::set(before).await;
    let life = Life::new(None);
    runner(&ground, &life, "undisturbed").run(&mode.request()).await.expect("nothing is in its way");
    assert_eq!(ground.damage().await, Vec::<String>::new());
    Reference { requests: life.requests(), writes: life.writes() }
}

fn runner(ground: &Ground, life: &Life, name: &str) -> Runner {
    Runner::new(ground.client(life), ground.place(), name)
}

/// Whether the dead one held the Lease, and it was taken over.
async fn die_and_converge(mode: Mode, before: &Snapshot, reference: &Reference, after: usize) -> bool {
    let context = format!("{} died after request {after}", mode.name());
    let ground = Ground::set(before).await;
    let short = Life::new(Some(after));
    let dead = Runner { timing: SHORT, ..runner(&ground, &short, "dead") };
    let ending = short.spend(dead.run(&mode.request())).await;
    assert!(ending.is_none(), "{context}: it ended before it died: {ending:?}");
    assert_eq!(short.requests(), reference.requests[..after.max(1)], "{context}: another way than undisturbed");
    assert_eq!(ground.damage().await, Vec::<String>::new(), "{context}");
    let held = ground.holder().await;

    let next = Life::new(None);
    let ended = runner(&ground, &next, "next").run(&mode.request()).await;
    let outcome = ended.unwrap_or_else(|failure| panic!("{context}: {}: {failure}", failure.code()));
    assert_eq!(ground.damage().await, Vec::<String>::new(), "{context}, then the next run");
    assert_eq!(sum(&[short.writes(), next.writes()]), reference.writes, "{context}: written twice or never");
    // Where everything was done but this, nobody needs it: it ends by itself.
    let left = held.clone().filter(|_| outcome.steps.is_empty());
    assert_eq!(ground.holder().await, left, "{context}: the Lease was not given back");
    let last = Life::new(None);
    let nothing = runner(&ground, &last, "last").run(&mode.request()).await.expect("there is nothing to do");
    assert!(nothing.steps.is_empty() && last.writes().is_empty(), "{context}: {nothing:?}");
    if mode == Mode::Forced {
        for slot in [Slot::Server, Slot::Client] {
            let snapshot = ground.stage.snapshot().await;
            let ids = snapshot.stored(slot).map(|stored| stored.material.list(ROTATION_IDS));
            assert_eq!(ids, Some(vec!["once".to_owned()]), "{context}");
        }
    }
    held.is_some() && left.is_none()
}

pub(crate) fn sum(parts: &[BTreeMap<String, usize>]) -> BTreeMap<String, usize> {
    let mut sum = BTreeMap::new();
    for (what, count) in parts.iter().flatten() {
        *sum.entry(what.clone()).or_default() += count;
    }
    sum
}
async fn every_death(mode: Mode) {
    let Some(before) = mode.before().await else { return };
    let begin = Instant::now();
    let reference = reference(mode, &before).await;
    let requests = reference.requests.len();
    let deaths = stream::iter(0..=requests).map(|after| die_and_converge(mode, &before, &reference, after));
    let held: Vec<bool> = deaths.buffer_unordered(AT_ONCE).collect().await;
    let taken_over = held.iter().filter(|held| **held).count();
    let writes: usize = reference.writes.values().sum();
    println!(
        "DEATHS {:<16} {requests:>4} requests {:>4} deaths {taken_over:>4} Leases taken over {writes:>3} writes {:>6.1} s",
        mode.name(),
        held.len(),
        begin.elapsed().as_secs_f64()
    );
}

#[tokio::test]
async fn a_bootstrap_that_dies_at_any_request_is_finished_by_the_next() {
    every_death(Mode::Bootstrap).await;
}

#[tokio::test]
async fn a_due_rotation_that_dies_at_any_request_is_finished_by_the_next() {
    every_death(Mode::Due).await;
}

#[tokio::test]
async fn a_forced_rotation_that_dies_at_any_request_is_finished_by_the_next() {
    every_death(Mode::Forced).await;
}

#[tokio::test]
async fn a_rollover_that_dies_at_any_request_is_finished_by_the_next() {
    every_death(Mode::Rollover).await;
}
