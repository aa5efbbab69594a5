//! A run dies before its first request, and after every one of its requests, in every mode; the next run finishes what
//! it left, and nothing is written twice.

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::{StreamExt, stream};
use rotation::engine::material::{ROTATION_IDS, Slot, Snapshot};

use crate::ground::{Ground, Mode, SHORT, TURN};
use crate::life::Life;
use crate::runs::{Runner, TRIES, may_pass};

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

/// Lives until it dies after so many requests; what it left behind.
async fn die(mode: Mode, before: &Snapshot, after: usize) -> (Ground, Life) {
    for _ in 0..TRIES {
        let ground = Ground::set(before).await;
        let life = Life::new(Some(after));
        let run = Runner { timing: SHORT, ..runner(&ground, &life, "dead") };
        match life.spend(run.run(&mode.request())).await {
            None => return (ground, life),
            // On a busy machine it may end before: it could not renew its Lease in time.
            Some(Err(failure)) if may_pass(&failure) => {}
            Some(ended) => panic!("{} ended before it died after request {after}: {ended:?}", mode.name()),
        }
    }
    panic!("{} never came to request {after}", mode.name())
}

/// Whether the dead one held the Lease, and it was taken over.
async fn die_and_converge(mode: Mode, before: &Snapshot, reference: &Reference, after: usize) -> bool {
    let (ground, short) = die(mode, before, after).await;
    let context = format!("{} died after request {after}, {:?}", mode.name(), short.requests().last());
    assert_eq!(ground.damage().await, Vec::<String>::new(), "{context}");
    let held = ground.holder().await;

    let next = Life::new(None);
    let ended = runner(&ground, &next, "next").try_again(&mode.request()).await;
    let outcome = ended.unwrap_or_else(|failure| panic!("{context}: {}: {failure}", failure.code()));
    assert_eq!(ground.damage().await, Vec::<String>::new(), "{context}, then the next run");
    assert_eq!(sum(&[short.writes(), next.writes()]), reference.writes, "{context}: written twice or never");
    // Where everything was done but this, the next run needs no Lease: the dead one's ends by itself.
    let asked_for_it = next.requests().iter().any(|request| request.contains("leases"));
    assert!(asked_for_it || outcome.steps.is_empty(), "{context}: {outcome:?}");
    let left = held.clone().filter(|_| !asked_for_it);
    assert_eq!(ground.holder().await, left, "{context}: the Lease was not given back");
    let last = Life::new(None);
    let nothing = runner(&ground, &last, "last").try_again(&mode.request()).await.expect("there is nothing to do");
    assert!(nothing.steps.is_empty() && last.writes().is_empty(), "{context}: {nothing:?}");
    if mode == Mode::Forced {
        let snapshot = ground.stage.snapshot().await;
        for slot in [Slot::Server, Slot::Client] {
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
    let _turn = TURN.read().await;
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
