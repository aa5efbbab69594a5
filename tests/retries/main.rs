//! Whatever dies while a rotation runs, and whenever: its identity issues once, the next try finishes, and everybody goes on
//! logging in. The whole cluster is disturbed, so it is one of these tests' own.

#![expect(clippy::expect_used, reason = "helpers of tests, like tests, say with expect what they rely on")]
#![expect(clippy::print_stdout, reason = "what died when is told as it happens")]

mod disturbance;
#[path = "../support/ended.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod ended;
mod history;
#[expect(dead_code, reason = "each tier uses its part")]
#[path = "../cluster/installed.rs"]
mod installed;
#[expect(dead_code, reason = "each tier uses its part")]
#[path = "../cluster/kubectl.rs"]
mod kubectl;
mod lane;
#[path = "../cluster/logins.rs"]
mod logins;
#[path = "../support/skip.rs"]
mod skip;
#[expect(dead_code, reason = "each tier uses its part")]
#[path = "../cluster/watched.rs"]
mod watched;

use std::hash::{BuildHasher, RandomState};
use std::thread;

use crate::disturbance::Machine;
use crate::lane::Lane;

/// So many rotations are under way at a time, each with a database and clients of its own: most of a try is waiting.
const LANES: u64 = 4;
/// How often something dies, in all.
const DEATHS: usize = 50;

#[test]
fn after_any_of_fifty_deaths_the_same_identity_is_finished_and_has_issued_once() {
    let Some(machine) = Machine::of_our_own() else { return };
    let seed = std::env::var_os("NEWLEAF_SEED").and_then(|seed| seed.to_str()?.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("NEWLEAF_SEED={seed}");
    // What disturbs one lane disturbs all of them: they are opened before the first death, and closed after the last.
    let opened = at_once(0..LANES, |number| Lane::open(number, seed).expect("a cluster"));
    let disturbed = at_once(opened, |mut lane| {
        while machine.deaths() < DEATHS {
            lane.rotate(&machine);
        }
        lane
    });
    let rotations: usize = disturbed.into_iter().map(Lane::close).sum();
    println!("{rotations} rotations, {machine}");
}

/// Does it with all of them at the same time.
fn at_once<T: Send, R: Send>(all: impl IntoIterator<Item = T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = all.into_iter().map(|one| scope.spawn(move || work(one))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a lane that holds")).collect()
    })
}
