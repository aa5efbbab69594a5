//! Polls a run to its end or its death. There is no executor: every call is ready at once, asleep once, or dead.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use base::diagnosis::Failure;
use chrono::{DateTime, TimeDelta, Utc};
use rotation::engine::facts::Peer;
use rotation::engine::report::Outcome;
use rotation::engine::request::Deadlines;
use rotation::engine::request::Request;
use rotation::engine::run::run;
use rotation::engine::step::Step;

use crate::gate::{Fault, Kind, Run};
use crate::invariants;
use crate::issuer::stored_generations;
use crate::ports::SETTLE;
use crate::world::{Pair, World};

/// The deadlines of every run.
pub(crate) const DEADLINES: Deadlines = Deadlines { step: Duration::from_secs(120), run: Duration::from_secs(900) };

/// A run that is about to be made.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) request: Request,
    /// How far its clock is from the world's.
    pub(crate) skew: TimeDelta,
    /// What happens at which call, counted from 1.
    pub(crate) faults: Vec<(u32, Fault)>,
}

impl Attempt {
    /// A run that nothing disturbs.
    pub(crate) const fn clean(request: Request) -> Self {
        Self { request, skew: TimeDelta::zero(), faults: Vec::new() }
    }

    /// Whether nothing disturbs it.
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.skew == TimeDelta::zero() && self.faults.is_empty()
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Ending {
    Done(Outcome),
    Failed(Failure),
    Dead,
}

/// Makes one run. `meanwhile` is called when it sleeps. Returns how it ended and which calls it made.
pub(crate) fn drive(world: &RefCell<World>, attempt: &Attempt, meanwhile: impl Fn()) -> (Ending, Vec<Kind>) {
    let policy = {
        let mut world = world.borrow_mut();
        // The lease of a run that died or sleeps has ended by itself.
        world.lease = None;
        world.look_afresh();
        world.note(|| describe(attempt));
        world.policy.clone()
    };
    let ports = Run::new(world, &attempt.request, attempt.skew, &attempt.faults);
    let ending = {
        let mut future = pin!(run(ports.ports(), &policy, &attempt.request, &DEADLINES));
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(Ok(outcome)) => break Ending::Done(outcome),
                Poll::Ready(Err(failure)) => break Ending::Failed(failure),
                Poll::Pending if ports.dead.get() => break Ending::Dead,
                Poll::Pending => meanwhile(),
            }
        }
    };
    let mut world = world.borrow_mut();
    match &ending {
        Ending::Done(_) => {
            world.note(|| "    done".to_owned());
            invariants::after_success(&mut world, &ports.look(), &attempt.request);
        }
        Ending::Failed(failure) => {
            world.counts.refusals += 1;
            world.note(|| format!("    failed: {failure:?}"));
            let state = world.trace.is_some().then(|| picture(&world));
            world.note(|| state.unwrap_or_default());
        }
        Ending::Dead => world.note(|| "    dead".to_owned()),
    }
    (ending, ports.kinds.take())
}

/// Invariants 4, 5 and 12: once nothing disturbs any more, one run finishes everything and a second finds nothing.
pub(crate) fn converge(world: &RefCell<World>) {
    let run = || drive(world, &Attempt::clean(Request::Rotate(None)), || {}).0;
    let first = run();
    let next = if let Ending::Done(outcome) = &first { outcome.next } else { None };
    {
        let mut world = world.borrow_mut();
        world.pass(SETTLE);
        match first {
            Ending::Done(_) => {}
            Ending::Failed(failure) => return world.broken(format!("4: an undisturbed run fails: {failure:?}")),
            Ending::Dead => return world.broken("4: an undisturbed run dies"),
        }
        if stored_generations(&world).iter().any(|(generation, known)| *generation > 0 && known.retiring) {
            world.broken("4: an undisturbed run leaves a retiring authority");
        }
        if !world.everybody_talks() {
            world.broken("4: an undisturbed run leaves a connection that does not work");
        }
    }
    // What the first one said is due by now may be done.
    if next.is_some_and(|next| next <= world.borrow().now) {
        return;
    }
    // A proof changes nothing: a client that reads the files at each login is waited for in each run.
    if let Ending::Done(outcome) = run()
        && let Some(taken) = outcome.steps.iter().find(|taken| !matches!(taken.step, Step::Prove { .. }))
    {
        world.borrow_mut().broken(format!("5: a second run finds work: {}", taken.step));
    }
}

/// The state of the world on one line: everything with its span in days.
fn picture(world: &World) -> String {
    let span = |number| {
        let certificate = world.certificate(number);
        let day = |at: DateTime<Utc>| (at - world.begin).num_days();
        format!(
            "{number} by {} {}..{}",
            certificate.signer,
            day(certificate.chain.not_before),
            day(certificate.chain.not_after)
        )
    };
    let pair = |pair: &Pair| format!("leaf {} trusts {:?}", span(pair.leaf), pair.trust);
    let authorities = stored_generations(world).into_iter().map(|(generation, known)| {
        format!("generation {generation}{}: {}", if known.retiring { " retiring" } else { "" }, span(known.certificate))
    });
    let stored = Peer::ALL.map(|peer| format!("{peer} {}", world.pair(peer).map_or("none".to_owned(), pair)));
    let loaded = world.processes.iter().map(|process| {
        let what = process.loaded.as_ref().map_or("stopped".to_owned(), pair);
        format!("{} {what}", world.consumers[process.consumer].name)
    });
    let parts: Vec<_> = authorities.chain(stored).chain(loaded).collect();
    format!("    [{}]", parts.join("; "))
}

fn describe(attempt: &Attempt) -> String {
    let what = match &attempt.request {
        Request::Bootstrap => "bootstrap".to_owned(),
        Request::Rotate(None) => "rotate".to_owned(),
        Request::Rotate(Some(force)) => format!("rotate --now {:?} --id {}", force.scope, force.id.as_str()),
    };
    match attempt.skew.num_minutes() {
        0 => what,
        minutes => format!("{what} on a clock that is {minutes} min off"),
    }
}
