//! The gate that every call of a run passes: there the run can die, sleep, be told to stop, or meet a fault. After every
//! call the invariants look at the world.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::task::Poll;

use base::diagnosis::{Code, Failure};
use chrono::{DateTime, TimeDelta, Utc};
use rotation::engine::material::Slot;
use rotation::engine::request::Request;

use crate::invariants::{self, Look};
use crate::trouble::Trouble;
use crate::world::World;

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process dies before the call has an effect.
    DieBefore,
    /// The process dies after it.
    DieAfter,
    /// The process is stopped for a while; another run happens meanwhile.
    Sleep,
    /// A signal asks the run to stop.
    Interrupt,
    /// The call is denied.
    Denied,
    /// The call fails and has had no effect.
    Timeout,
    /// The call fails although it has had its effect.
    TimeoutAfterEffect,
    /// A read returns half of every entry.
    Torn,
    /// Someone else changes the object just before the write.
    Conflict,
    /// The consumer refuses the files.
    Refused,
    /// The pick-up does not end before its limit.
    Hang,
    /// Nothing can be seen of the consumers.
    Unseen,
}

impl Fault {
    /// Those that leave the run alive.
    pub(crate) const SURVIVED: [Self; 9] = [
        Self::Interrupt,
        Self::Denied,
        Self::Timeout,
        Self::TimeoutAfterEffect,
        Self::Torn,
        Self::Conflict,
        Self::Refused,
        Self::Hang,
        Self::Unseen,
    ];

    /// Whether the fault can happen at a call at all.
    pub(crate) const fn fits(self, kind: Kind) -> bool {
        match self {
            Self::DieBefore | Self::DieAfter | Self::Sleep | Self::Interrupt | Self::Denied | Self::Timeout => true,
            Self::TimeoutAfterEffect => matches!(kind, Kind::Write | Kind::PickUp | Kind::Release),
            Self::Torn => matches!(kind, Kind::Read),
            Self::Conflict => matches!(kind, Kind::Write),
            Self::Refused | Self::Hang => matches!(kind, Kind::PickUp),
            Self::Unseen => matches!(kind, Kind::Observe),
        }
    }
}

/// A kind of call that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Acquire,
    Release,
    Read,
    Write,
    Observe,
    LogIn,
    PickUp,
    Prove,
}

/// A call, and what it is about.
pub(crate) type Call<'a> = (Kind, &'a str);

/// What a call on a slot is about.
pub(crate) const fn name(slot: Slot) -> &'static str {
    match slot {
        Slot::Authority => "authority",
        Slot::Server => "server",
        Slot::Client => "client",
    }
}

/// One run of the engine, as the world sees it.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) world: &'a RefCell<World>,
    pub(crate) request: &'a Request,
    pub(crate) number: u64,
    pub(crate) begin: DateTime<Utc>,
    skew: TimeDelta,
    faults: &'a [(u32, Fault)],
    /// The calls so far.
    pub(crate) kinds: RefCell<Vec<Kind>>,
    pub(crate) dead: Cell<bool>,
    pub(crate) interrupted: Cell<bool>,
    look: RefCell<Look>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        world: &'a RefCell<World>,
        request: &'a Request,
        skew: TimeDelta,
        faults: &'a [(u32, Fault)],
    ) -> Self {
        let mut inner = world.borrow_mut();
        inner.counts.runs += 1;
        let (number, begin) = (inner.counts.runs, inner.now);
        drop(inner);
        Self {
            world,
            request,
            number,
            begin,
            skew,
            faults,
            kinds: RefCell::new(Vec::new()),
            dead: Cell::new(false),
            interrupted: Cell::new(false),
            look: RefCell::new(Look { skew, ..Look::default() }),
        }
    }

    /// What this run has seen, for the judgement at its end.
    pub(crate) fn look(&self) -> Look {
        self.look.borrow().clone()
    }

    fn count(&self) -> u32 {
        u32::try_from(self.kinds.borrow().len()).expect("a run is short")
    }

    /// Passes the gate: counts the call, lets a fault happen, then the effect, then the checks.
    pub(crate) async fn gate<T>(
        &self,
        call: Call<'_>,
        effect: impl FnOnce(&mut World, &mut Look) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.kinds.borrow_mut().push(call.0);
        let calls = self.count();
        let planned =
            self.faults.iter().find(|(at, fault)| *at == calls && fault.fits(call.0)).map(|(_, fault)| *fault);
        if let Some(fault) = planned {
            let mut world = self.world.borrow_mut();
            world.counts.faults += 1;
            world.note(|| format!("    ! {fault:?} at call {calls}, {:?} {}", call.0, call.1));
        }
        if planned == Some(Fault::DieBefore) {
            self.die().await;
        }
        if call == (Kind::Read, name(Slot::Authority)) {
            self.look.borrow_mut().slept = false;
        }
        if planned == Some(Fault::Sleep) {
            self.look.borrow_mut().slept = true;
            sleep_once().await;
        }
        let result = self.call(call, planned, effect);
        if planned == Some(Fault::DieAfter) {
            self.die().await;
        }
        result
    }

    async fn die(&self) {
        self.dead.set(true);
        self.world.borrow_mut().counts.deaths += 1;
        pending::<()>().await;
    }

    fn call<T>(
        &self,
        call: Call<'_>,
        planned: Option<Fault>,
        effect: impl FnOnce(&mut World, &mut Look) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut world = self.world.borrow_mut();
        let mut look = self.look.borrow_mut();
        world.counts.calls += 1;
        world.pass(TimeDelta::milliseconds(40));
        let fail = |code| Err(Trouble::new(code, call.1).into());
        let result = match planned {
            Some(Fault::Denied) => fail(Code::FileDenied),
            Some(Fault::Timeout) => {
                world.pass(TimeDelta::seconds(30));
                fail(Code::DeadlineExceeded)
            }
            Some(Fault::TimeoutAfterEffect) => {
                drop(effect(&mut world, &mut look));
                world.pass(TimeDelta::seconds(30));
                fail(Code::DeadlineExceeded)
            }
            Some(Fault::Interrupt) => {
                self.interrupted.set(true);
                effect(&mut world, &mut look)
            }
            Some(fault) => {
                look.fault = Some(fault);
                let result = effect(&mut world, &mut look);
                look.fault = None;
                result
            }
            None => effect(&mut world, &mut look),
        };
        let spent = world.now - self.begin;
        world.suffer();
        invariants::after_call(&mut world, &look, self.count(), spent);
        result
    }

    pub(crate) fn ours(&self) -> DateTime<Utc> {
        self.skewed(&self.world.borrow())
    }

    /// The time that our clock shows.
    pub(crate) fn skewed(&self, world: &World) -> DateTime<Utc> {
        world.now + self.skew
    }
}

/// Not ready once: the driver lets something else happen, then polls again.
async fn sleep_once() {
    let mut slept = false;
    poll_fn(move |_| {
        if slept {
            return Poll::Ready(());
        }
        slept = true;
        Poll::Pending
    })
    .await;
}
