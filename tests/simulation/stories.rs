//! A few lives told day by day, kept as text beside this file. `NEWLEAF_STORIES=overwrite` writes them anew.

use std::cell::RefCell;

use chrono::TimeDelta;
use rotation::engine::facts::Peer;
use rotation::engine::material::Slot;
use rotation::engine::request::{Request, Scope};

use crate::deaths::{client_unknown, each_login, empty, forced, install};
use crate::driver::{Attempt, drive};
use crate::gate::Fault;
use crate::world::World;

/// A story being told.
struct Story(RefCell<World>);

impl Story {
    /// An installation of one day's age.
    fn begin(authority_days: i64) -> Self {
        let mut world = empty(authority_days);
        world.trace = Some(Vec::new());
        Self(RefCell::new(install(world)))
    }

    fn day(&self, day: i64) -> &Self {
        let mut world = self.0.borrow_mut();
        let span = world.begin + TimeDelta::days(day) - world.now;
        world.pass(span);
        drop(world);
        self
    }

    fn run(&self, request: Request) -> &Self {
        self.disturbed(request, Vec::new())
    }

    fn rotate(&self) -> &Self {
        self.run(Request::Rotate(None))
    }

    fn disturbed(&self, request: Request, faults: Vec<(u32, Fault)>) -> &Self {
        drop(drive(&self.0, &Attempt { faults, ..Attempt::clean(request) }, || {}));
        self
    }

    fn change(&self, act: impl FnOnce(&mut World)) -> &Self {
        act(&mut self.0.borrow_mut());
        self
    }

    /// Compares what happened with what is written down.
    #[expect(clippy::disallowed_methods, reason = "asks the person at the terminal whether to overwrite")]
    fn is_told_in(&self, name: &str) {
        let world = self.0.borrow();
        assert_eq!(world.watch.violation, None);
        // The state of the world is for those who replay a seed.
        let lines = world.trace.iter().flatten().filter(|line| !line.ends_with(']'));
        let told: String = lines.flat_map(|line| [line, "\n"]).collect();
        let path = project::root().join("tests/simulation/stories").join(name);
        if std::env::var("NEWLEAF_STORIES").is_ok_and(|wish| wish == "overwrite") {
            return std::fs::write(&path, told).expect("the story can be written");
        }
        let written = std::fs::read_to_string(&path).expect("the story is written down");
        assert_eq!(told, written, "{name}: NEWLEAF_STORIES=overwrite cargo test --test simulation stories");
    }
}

#[test]
fn two_months_of_ordinary_rotation() {
    let story = Story::begin(3650);
    for day in [10, 20, 30, 31, 45, 60, 61] {
        story.day(day).rotate();
    }
    story.is_told_in("ordinary.txt");
}

#[test]
fn a_forced_rollover_while_postgres_refuses_its_files() {
    let story = Story::begin(3650);
    let refuses = |world: &mut World| {
        let until = world.now + TimeDelta::days(2);
        world.note(|| "postgres refuses new files for two days: their mode is wrong".to_owned());
        for process in 0..2 {
            world.processes[process].refuses_until = Some(until);
        }
    };
    story.day(5).change(refuses).run(forced(Scope::Authority, "leak-42"));
    story.day(6).rotate().day(8).rotate().day(9).run(forced(Scope::Authority, "leak-42"));
    story.is_told_in("forced-rollover.txt");
}

#[test]
fn a_run_that_dies_after_its_first_write() {
    let story = Story::begin(3650);
    story.day(31).disturbed(Request::Rotate(None), vec![(10, Fault::DieAfter)]);
    story.day(32).rotate().day(33).rotate().is_told_in("death.txt");
}

#[test]
fn two_years_without_a_run() {
    let story = Story::begin(400);
    story.day(730).rotate().day(731).rotate().is_told_in("everything-expired.txt");
}

#[test]
fn a_lost_authority_is_never_replaced_silently() {
    let story = Story::begin(3650);
    story.day(12).change(|world| {
        world.note(|| "the authority's object is deleted".to_owned());
        world.put(Slot::Authority, None);
    });
    story.rotate().run(Request::Bootstrap).day(13).run(forced(Scope::Authority, "lost")).day(14).rotate();
    story.is_told_in("lost-authority.txt");
}

#[test]
fn a_client_that_is_not_configured() {
    let mut world = client_unknown();
    world.trace = Some(Vec::new());
    let story = Story(RefCell::new(install(world)));
    story.day(10).run(forced(Scope::Authority, "leak-42")).run(forced(Scope::Leaves, "leak-42"));
    story.day(11).rotate().day(41).rotate().is_told_in("client-unknown.txt");
}

#[test]
fn a_rollover_where_the_only_client_reads_its_files_at_each_login() {
    let mut world = each_login();
    world.trace = Some(Vec::new());
    let story = Story(RefCell::new(install(world)));
    story.day(10).run(forced(Scope::Authority, "leak-42")).day(11).rotate().is_told_in("each-login.txt");
}

#[test]
fn a_company_replaces_its_own_authority() {
    let mut world = empty(3650);
    world.trace = Some(Vec::new());
    world.bring_authority(TimeDelta::days(900), false);
    let story = Story(RefCell::new(install(world)));
    story.day(10).rotate().day(20).change(|world| world.bring_authority(TimeDelta::days(900), true));
    story.rotate().day(21).rotate().is_told_in("external-authority.txt");
    assert!(story.0.borrow().running(Peer::Client).count() == 2, "both replicas run");
}
