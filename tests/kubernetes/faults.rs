//! The API server, or the way to it, fails a run at one of its requests. The run ends well or with an exit code of its
//! own, in time; the next one finishes, and nothing is written twice or lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use base::diagnosis::{Class, Failure};
use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use rotation::engine::material::Snapshot;
use rotation::engine::report::Outcome;
use rotation::engine::request::{Deadlines, Request};

use crate::controllers::quarrel;
use crate::deaths::{Reference, reference, sum};
use crate::ground::{Ground, Mode, SHORT, TURN};
use crate::life::Life;
use crate::proxy::{Fault, Proxy};
use crate::runs::{Runner, may_pass};

/// How many fail at the same time.
const AT_ONCE: usize = 48;
/// How long a run may take, and how much longer its end may be in coming: what is under way is waited for.
const DEADLINES: Deadlines = Deadlines { step: Duration::from_secs(10), run: Duration::from_secs(30) };
const GRACE: Duration = Duration::from_secs(25);

/// How the runs ended that met a fault, and how often each.
type Endings = BTreeMap<String, usize>;

/// The requests that meet the fault. In a forced rotation each change, and one of each kind that reads; else each change of
/// a Secret. A read can be stale only after a change, and the API server answers no reader with a conflict.
fn struck(mode: Mode, fault: Fault, reference: &Reference) -> Vec<usize> {
    let mut kinds = BTreeSet::new();
    let mut changed = BTreeSet::new();
    let mut chosen = Vec::new();
    for (number, what) in reference.requests.iter().enumerate() {
        let (method, object) = what.split_once(' ').expect("a method and an object");
        let is_change = method != "GET";
        let is_wanted = match (fault, mode) {
            (Fault::Stale, _) => !is_change && changed.remove(object),
            (Fault::Conflict, Mode::Forced) => is_change,
            (_, Mode::Forced) => is_change || kinds.insert(what),
            _ => is_change && object.starts_with("secrets"),
        };
        if is_wanted {
            chosen.push(number);
        }
        if is_change {
            changed.insert(object);
        }
    }
    chosen
}
async fn fail_and_converge(
    mode: Mode,
    fault: Fault,
    before: &Snapshot,
    reference: &Reference,
    number: usize,
) -> (Fault, String) {
    let what = &reference.requests[number];
    let context = format!("{}: {} at request {number}, {what}", mode.name(), fault.name());
    let ground = Ground::set(before).await;
    let life = Life::new(None);
    let proxy = Proxy::start(ground.client(&life), fault, number).await;
    let disturbed = Runner::new(proxy.client(), ground.place(), "disturbed");
    let begin = Instant::now();
    let ended = Runner { timing: SHORT, deadlines: DEADLINES, ..disturbed }.run(&mode.request()).await;
    let took = begin.elapsed();
    assert!(took < DEADLINES.run + GRACE, "{context}: {took:?}");
    assert_eq!(ground.damage().await, Vec::<String>::new(), "{context}");
    if let Err(failure) = &ended {
        // No person has to decide anything because of a bad moment.
        let expired = fault == Fault::Expired && failure.class() == Class::Denied;
        assert!(expired || may_pass(failure), "{context}: {}: {failure}", failure.code());
    }

    proxy.repair();
    let next = Runner::new(proxy.client(), ground.place(), "next").try_again(&mode.request()).await;
    next.unwrap_or_else(|failure| panic!("{context}: the next run: {}: {failure}", failure.code()));
    assert_eq!(ground.damage().await, Vec::<String>::new(), "{context}, then the next run");
    assert_eq!(sum(&[life.writes()]), reference.writes, "{context}: written twice or never");
    (fault, ending(&ended))
}

fn ending(ended: &Result<Outcome, Failure>) -> String {
    match ended {
        Ok(_) => "done".to_owned(),
        Err(failure) => format!("{} ({})", failure.code(), failure.class().exit_code()),
    }
}

fn print(mode: Mode, endings: &BTreeMap<Fault, Endings>, seconds: f64) {
    for (fault, endings) in endings {
        let counts: Vec<_> = endings.iter().map(|(ending, count)| format!("{count} {ending}")).collect();
        println!("FAULTS {:<16} {:<18} {}", mode.name(), fault.name(), counts.join(", "));
    }
    println!("FAULTS {:<16} {seconds:.1} s", mode.name());
}
async fn every_fault(mode: Mode) {
    let _turn = TURN.read().await;
    let Some(before) = mode.before().await else { return };
    let begin = Instant::now();
    let (before, reference) = (&before, &reference(mode, &before).await);
    let cases = Fault::ALL.iter().flat_map(|fault| struck(mode, *fault, reference).into_iter().map(|at| (*fault, at)));
    let runs = stream::iter(cases).map(|(fault, at)| fail_and_converge(mode, fault, before, reference, at));
    let ended: Vec<_> = runs.buffer_unordered(AT_ONCE).collect().await;
    let mut endings: BTreeMap<Fault, Endings> = BTreeMap::new();
    for (fault, ending) in ended {
        *endings.entry(fault).or_default().entry(ending).or_default() += 1;
    }
    print(mode, &endings, begin.elapsed().as_secs_f64());
}

#[tokio::test]
async fn a_bootstrap_that_meets_a_fault_ends_with_its_own_code_and_is_finished_by_the_next() {
    every_fault(Mode::Bootstrap).await;
}

#[tokio::test]
async fn a_due_rotation_that_meets_a_fault_ends_with_its_own_code_and_is_finished_by_the_next() {
    every_fault(Mode::Due).await;
}

#[tokio::test]
async fn a_forced_rotation_that_meets_a_fault_ends_with_its_own_code_and_is_finished_by_the_next() {
    every_fault(Mode::Forced).await;
}

#[tokio::test]
async fn a_rollover_that_meets_a_fault_ends_with_its_own_code_and_is_finished_by_the_next() {
    every_fault(Mode::Rollover).await;
}

/// There is no database here to check the clock by: what a wrong clock leaves behind is mended by the next run.
#[tokio::test]
async fn what_a_run_with_a_wrong_clock_leaves_is_mended_by_the_next() {
    let Some(before) = Mode::Forced.before().await else { return };
    for (days, limit) in [(0, 2), (-40, 5), (40, 4)] {
        let ground = Ground::set(&before).await;
        let life = Life::new(None);
        let runner = |name| Runner::new(ground.client(&life), ground.place(), name);
        let ahead = TimeDelta::days(days) - TimeDelta::minutes(20);
        let ended = Runner { ahead, ..runner("wrong") }.run(&Mode::Forced.request()).await;
        for name in ["right", "last"] {
            let next = runner(name).try_again(&Request::Rotate(None)).await;
            let outcome = next.unwrap_or_else(|failure| panic!("{ahead}: {}: {failure}", failure.code()));
            assert!(name == "right" || outcome.steps.is_empty(), "{ahead}: {outcome:?}");
        }
        assert_eq!(quarrel(&ground.stage.snapshot().await), None, "{ahead}");
        let writes: usize = life.writes().values().sum();
        println!("FAULTS clock {:>6} min: {}, {writes} writes in all", ahead.num_minutes(), ending(&ended));
        assert!(writes <= limit, "{ahead}: {:?}", life.writes());
    }
}
