//! Systematic: in each mode, a run dies before and after every call; the run after it meets every fault at every call;
//! the next undisturbed run finishes.

use std::cell::RefCell;

use chrono::TimeDelta;
use rotation::engine::facts::Peer;
use rotation::engine::policy::{Policy, PolicyValues};
use rotation::engine::request::{Force, Request, RotationId, Scope};

use crate::consumers::Pickup;
use crate::driver::{Attempt, Ending, converge, drive};
use crate::gate::{Fault, Kind};
use crate::random::Random;
use crate::world::World;

const DAY: TimeDelta = TimeDelta::days(1);

/// A world in front of a run that has something to do.
struct Mode {
    name: &'static str,
    world: World,
    request: Request,
}

/// Nothing stored, and no consumer.
fn unconfigured(authority_days: i64) -> World {
    let values = PolicyValues { authority_lifetime: TimeDelta::days(authority_days), ..PolicyValues::default() };
    World::new(Policy::new(&values).expect("a valid policy"), Random::new(7))
}

/// Two endpoints that reload, two replicas that restart, nothing stored and nothing running.
pub(crate) fn empty(authority_days: i64) -> World {
    let mut world = unconfigured(authority_days);
    world.add_consumer("postgres", Peer::Server, Pickup::Reload, 2);
    world.add_consumer("backstage", Peer::Client, Pickup::Restart, 2);
    world
}

/// As [`empty`], but the only client reads its files at each login.
pub(crate) fn each_login() -> World {
    let mut world = unconfigured(3650);
    world.add_consumer("postgres", Peer::Server, Pickup::Reload, 2);
    world.add_consumer("reports", Peer::Client, Pickup::EachLogin, 1);
    world
}

/// As [`each_login`], but that client is not configured.
pub(crate) fn client_unknown() -> World {
    let mut world = each_login();
    world.consumers[1].is_configured = false;
    world
}

/// The server is not configured; an operator makes it load what is stored.
fn server_unknown() -> World {
    let mut world = unconfigured(3650);
    world.add_consumer("elsewhere", Peer::Server, Pickup::EachLogin, 1);
    world.consumers[0].is_configured = false;
    world.add_consumer("backstage", Peer::Client, Pickup::Restart, 2);
    world
}

/// Bootstraps and starts everything.
pub(crate) fn install(world: World) -> World {
    let world = RefCell::new(world);
    let (ending, _) = drive(&world, &Attempt::clean(Request::Bootstrap), || {});
    assert!(matches!(ending, Ending::Done(_)), "bootstrap ended in {ending:?}");
    let mut world = world.into_inner();
    world.start_all();
    world
}

pub(crate) fn forced(scope: Scope, id: &str) -> Request {
    Request::Rotate(Some(Force { id: RotationId::parse(id).expect("a plain identity"), scope }))
}

fn later(mut world: World, days: i32) -> World {
    world.pass(DAY * days);
    world
}

/// The installation after so many days with a run every ten days.
fn kept(world: World, days: i32) -> World {
    let world = RefCell::new(world);
    for _ in 0..days / 10 {
        world.borrow_mut().pass(DAY * 10);
        drop(drive(&world, &Attempt::clean(Request::Rotate(None)), || {}));
    }
    world.into_inner()
}

fn modes() -> Vec<Mode> {
    let installed = || install(empty(3650));
    let rotate = || Request::Rotate(None);
    let force = || forced(Scope::Authority, "now");
    let mut company = empty(3650);
    company.bring_authority(DAY * 900, false);
    let mut replaced = later(install(company), 10);
    replaced.bring_authority(DAY * 900, true);
    let mut half_down = later(installed(), 31);
    half_down.stop(1, 400);
    vec![
        Mode { name: "bootstrap", world: empty(3650), request: Request::Bootstrap },
        Mode { name: "due", world: later(installed(), 31), request: rotate() },
        Mode { name: "due, one endpoint down", world: half_down, request: rotate() },
        Mode { name: "forced leaves", world: later(installed(), 5), request: forced(Scope::Leaves, "now") },
        Mode { name: "natural rollover", world: later(kept(install(empty(400)), 210), 15), request: rotate() },
        Mode { name: "rollover long overdue", world: later(kept(install(empty(400)), 210), 150), request: rotate() },
        Mode { name: "forced rollover", world: later(installed(), 5), request: force() },
        Mode { name: "leaves expired", world: later(installed(), 60), request: rotate() },
        Mode { name: "everything expired", world: later(install(empty(400)), 500), request: rotate() },
        Mode { name: "rollover, each login", world: later(install(each_login()), 5), request: force() },
        Mode { name: "due, client unknown", world: later(install(client_unknown()), 31), request: rotate() },
        Mode { name: "due, server unknown", world: later(install(server_unknown()), 31), request: rotate() },
        Mode { name: "external authority replaced", world: replaced, request: rotate() },
    ]
}

/// A run in a copy of a world. The copy afterwards, and the kinds of calls that were made.
fn after(world: &World, attempt: &Attempt) -> (World, Vec<Kind>) {
    let copy = RefCell::new(world.clone());
    // A run that sleeps misses another one.
    let (_, kinds) = drive(&copy, attempt, || drop(drive(&copy, &Attempt::clean(Request::Rotate(None)), || {})));
    (copy.into_inner(), kinds)
}

/// Converges from a world, and says what went wrong on the way.
fn judged(world: World, mode: &Mode) -> Option<String> {
    let mut world = world;
    if mode.request == Request::Bootstrap {
        let (again, _) = after(&world, &Attempt::clean(Request::Bootstrap));
        world = again;
        world.start_all();
    }
    // What was down is up again before everything must be done.
    for process in 0..world.processes.len() {
        if !world.processes[process].running {
            world.start(process);
        }
    }
    let world = RefCell::new(world);
    if world.borrow().watch.violation.is_none() {
        converge(&world);
    }
    world.into_inner().watch.violation
}

#[test]
fn a_run_that_finds_nothing_to_do_takes_no_lease() {
    let (_, calls) = after(&later(install(empty(3650)), 5), &Attempt::clean(Request::Rotate(None)));
    assert_eq!(calls, [Kind::Read, Kind::Read, Kind::Read, Kind::Observe]);
    let (_, calls) = after(&later(install(empty(3650)), 31), &Attempt::clean(Request::Rotate(None)));
    assert!(calls.contains(&Kind::Acquire) && calls.contains(&Kind::Release), "{calls:?}");
}

/// A busy machine: what was proved a moment ago does not answer in time when the run looks again.
#[test]
fn a_look_that_sees_nothing_right_after_a_proof_does_not_end_the_run() {
    let mut tried = 0;
    for mode in modes().into_iter().filter(|mode| mode.request != Request::Bootstrap) {
        let (_, calls) = after(&mode.world, &Attempt::clean(mode.request.clone()));
        let mut follows_a_proof = false;
        for (at, kind) in numbered(calls.len()).zip(&calls) {
            if *kind == Kind::Observe && follows_a_proof {
                let attempt = Attempt { faults: vec![(at, Fault::Unseen)], ..Attempt::clean(mode.request.clone()) };
                let (ending, _) = drive(&RefCell::new(mode.world.clone()), &attempt, || {});
                assert!(matches!(ending, Ending::Done(_)), "{}: unseen at {at}: {ending:?}", mode.name);
                tried += 1;
            }
            follows_a_proof = *kind == Kind::Prove || (follows_a_proof && *kind != Kind::Observe);
        }
    }
    assert!(tried > 10, "only {tried} looks follow a proof");
}

const KINDS_OF_DEATH: [Fault; 2] = [Fault::DieBefore, Fault::DieAfter];

/// Returns how many calls the clean run makes and how many disturbed runs were made.
fn exhaust(mode: &Mode) -> (usize, u32, Vec<String>) {
    let (clean, calls) = after(&mode.world, &Attempt::clean(mode.request.clone()));
    let mut broken: Vec<_> = judged(clean, mode).into_iter().map(|what| format!("{}: {what}", mode.name)).collect();
    let mut runs = 1;
    for first in numbered(calls.len()) {
        for death in KINDS_OF_DEATH {
            let attempt = |faults| Attempt { faults, ..Attempt::clean(mode.request.clone()) };
            let (dead, _) = after(&mode.world, &attempt(vec![(first, death)]));
            let (clean, rest) = after(&dead, &attempt(Vec::new()));
            let story = format!("{}: {death:?} at {first}", mode.name);
            runs += 2;
            broken.extend(judged(clean, mode).map(|what| format!("{story}: {what}")));
            for (second, kind) in numbered(rest.len()).zip(&rest) {
                let all = Fault::SURVIVED.into_iter().chain(KINDS_OF_DEATH).chain([Fault::Sleep]);
                for fault in all.filter(|fault| fault.fits(*kind)) {
                    let (disturbed, _) = after(&dead, &attempt(vec![(second, fault)]));
                    runs += 1;
                    let story = format!("{story}, {fault:?} at {second}");
                    broken.extend(judged(disturbed, mode).map(|what| format!("{story}: {what}")));
                }
            }
        }
    }
    (calls.len(), runs, broken)
}

fn numbered(length: usize) -> std::ops::RangeInclusive<u32> {
    1..=u32::try_from(length).expect("a run is short")
}

#[test]
fn death_at_every_call_and_any_fault_after_it_lose_nothing() {
    let modes = modes();
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = modes.iter().map(|mode| scope.spawn(|| exhaust(mode))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).collect()
    });
    let mut broken = Vec::new();
    for (mode, (calls, runs, mut found)) in modes.iter().zip(results) {
        println!("{}: {calls} calls, {runs} disturbed runs, {} broken", mode.name, found.len());
        broken.append(&mut found);
    }
    broken.truncate(20);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
