//! The loop: observe, decide, take one step, observe again. It only calls ports.

use std::pin::pin;
use std::time::Duration;

use base::diagnosis::{Class, Failure};
use base::stop::StopCause;
use futures_util::future::{Either, select};

use crate::engine::error::RunError;
use crate::engine::facts::{Facts, Loaded, Peer, Serial, Unusable};
use crate::engine::invariants;
use crate::engine::material::{Material, Slot, Snapshot};
use crate::engine::memory::RunMemory;
use crate::engine::plan::{Decision, STEPS_MAX, decide, next_due};
use crate::engine::policy::Policy;
use crate::engine::ports::{Expected, Ports, Store};
use crate::engine::report::{LeafChange, Outcome, RunEvent, TakenStep};
use crate::engine::request::{Deadlines, Request};
use crate::engine::rules::is_urgent;
use crate::engine::setbacks::Setbacks;
use crate::engine::step::{Step, Trial};
use crate::engine::warnings::warnings;

/// How often another writer may be first before the run gives up.
const CONFLICTS_MAX: u32 = 5;

/// The result of one observation.
#[derive(Debug)]
pub struct View {
    /// The stored bytes.
    pub snapshot: Snapshot,
    /// The facts that decisions use.
    pub facts: Facts,
}

impl View {
    /// What the consumers should show.
    pub const fn expected<'a>(&'a self, memory: &'a RunMemory) -> Expected<'a> {
        Expected { snapshot: &self.snapshot, stored: &self.facts.stored, now: self.facts.now, memory }
    }
}

/// Observes everything once, until the deadline of the run or a signal. It writes nothing, so it can stop anywhere.
pub async fn observe(ports: Ports<'_>, deadlines: &Deadlines, memory: &mut RunMemory) -> Result<View, Failure> {
    match select(pin!(look(ports, memory)), ports.stop.stopped()).await {
        Either::Left((view, _)) => view,
        Either::Right((StopCause::Signal, _)) => Err(RunError::Interrupted.into()),
        Either::Right((StopCause::Deadline, _)) => {
            Err(RunError::OutOfTime { limit: deadlines.run, step: "observe what is stored and what runs".to_owned() }
                .into())
        }
    }
}

/// Reads what is stored and observes what runs. It reads an unreadable object a second time: a torn read heals, damage stays.
async fn look(ports: Ports<'_>, memory: &mut RunMemory) -> Result<View, Failure> {
    let Ports { clock, store, issuer, consumers, reporter, .. } = ports;
    let mut snapshot = read_all(store).await?;
    let mut stored = issuer.inspect(&snapshot, clock.now());
    if stored.has_unreadable() {
        snapshot = read_all(store).await?;
        stored = issuer.inspect(&snapshot, clock.now());
    }
    memory.note_look(&snapshot, clock.elapsed());
    let expected = Expected { snapshot: &snapshot, stored: &stored, now: clock.now(), memory };
    let running = consumers.observe(expected).await?;
    let facts = Facts { now: clock.now(), stored, running };
    reporter.observed(&facts);
    Ok(View { snapshot, facts })
}

/// Takes every due step, one at a time, under the lease and the deadlines. A run with no step to take, or with a refusal,
/// does not acquire the lease, so the daily no-op run writes nothing and disturbs no other run.
///
/// The first failure stops the run. Completed steps stay, and the next run continues from there. Only when a leaf expires
/// soon does the run continue with other safe steps; it still ends with that failure.
pub async fn run(
    ports: Ports<'_>,
    policy: &Policy,
    request: &Request,
    deadlines: &Deadlines,
) -> Result<Outcome, Failure> {
    let mut run = Run {
        ports,
        policy,
        request,
        deadlines,
        taken: Vec::new(),
        setbacks: Setbacks::default(),
        first_failure: None,
        memory: RunMemory::default(),
    };
    let view = observe(ports, deadlines, &mut run.memory).await?;
    if run.decided(&view.facts)?.is_none() {
        run.remove_former(&view.facts).await?;
        let before = serials(&view.facts);
        return Ok(run.outcome(&view.facts, &before));
    }
    ports.reporter.report(&RunEvent::LeaseAwaited);
    ports.lease.acquire(deadlines.left(ports.clock.elapsed())).await?;
    let result = run.finish().await;
    let released = ports.lease.release().await;
    let outcome = result?;
    released?;
    Ok(outcome)
}

/// The state of one run.
struct Run<'a> {
    ports: Ports<'a>,
    policy: &'a Policy,
    request: &'a Request,
    deadlines: &'a Deadlines,
    taken: Vec<TakenStep>,
    setbacks: Setbacks,
    first_failure: Option<Failure>,
    memory: RunMemory,
}

impl Run<'_> {
    async fn finish(mut self) -> Result<Outcome, Failure> {
        let mut conflicts = 0;
        let mut before = None;
        while self.taken.len() < STEPS_MAX {
            let view = match observe(self.ports, self.deadlines, &mut self.memory).await {
                Ok(view) => view,
                Err(failure) => return Err(self.first_failure.unwrap_or(failure)),
            };
            let before = before.get_or_insert_with(|| serials(&view.facts));
            let step = match self.decided(&view.facts) {
                Ok(Some(step)) => step,
                ended => {
                    if let Some(failure) = self.first_failure {
                        return Err(failure);
                    }
                    ended?;
                    self.remove_former(&view.facts).await?;
                    return Ok(self.outcome(&view.facts, before));
                }
            };
            let Err((step, failure)) = self.attempt(&view, step).await else { continue };
            if failure.class() == Class::Conflict && conflicts < CONFLICTS_MAX {
                conflicts += 1;
                self.ports.reporter.report(&RunEvent::Conflict { step });
            } else if self.goes_around(&view.facts, &step, &failure) {
                self.first_failure.get_or_insert(failure);
            } else {
                return Err(self.first_failure.unwrap_or(failure));
            }
        }
        Err(RunError::TooManySteps { steps: STEPS_MAX }.into())
    }

    /// Takes the step and its proof. On failure returns the step that failed.
    async fn attempt(&mut self, view: &View, step: Step) -> Result<(), (Step, Failure)> {
        if let Err(failure) = self.check(view, &step) {
            return Err((step, failure));
        }
        for step in step.with_proof() {
            if let Err(failure) = self.take(view, step.clone()).await {
                return Err((step, failure));
            }
        }
        Ok(())
    }

    /// Removes former versions that nothing needs any more: of the authority, which only runs read, and of a leaf if every
    /// consumer has proved that it loaded the current one. A consumer that does not run has proved nothing.
    async fn remove_former(&self, facts: &Facts) -> Result<(), Failure> {
        self.ports.store.remove_former(Slot::Authority).await?;
        for peer in Peer::ALL {
            let mut consumers = facts.consumers_of(peer).peekable();
            let has_consumers = consumers.peek().is_some();
            if has_consumers && consumers.all(|consumer| matches!(consumer.loaded, Loaded::Current | Loaded::EachLogin))
            {
                self.ports.store.remove_former(peer.slot()).await?;
            }
        }
        Ok(())
    }

    /// Whether the run continues without the failed step: a leaf expires soon, and other steps may be safe.
    fn goes_around(&mut self, facts: &Facts, step: &Step, failure: &Failure) -> bool {
        let is_near = Peer::ALL.into_iter().any(|peer| is_urgent(facts, self.policy, peer));
        (is_near || !self.setbacks.is_empty()) && self.setbacks.note(step, failure.class())
    }

    /// The next step. `None` if nothing is left to do.
    fn decided(&self, facts: &Facts) -> Result<Option<Step>, RunError> {
        match decide(facts, self.policy, self.request, &self.setbacks) {
            Decision::Act(step) => Ok(Some(step)),
            Decision::Refuse(code, message) => Err(RunError::Refused { code, message }),
            Decision::Done => Ok(None),
        }
    }

    /// Refuses a step after a signal, a write that the store forbids, an unsafe step, and a step that just had no effect.
    fn check(&self, view: &View, step: &Step) -> Result<(), Failure> {
        if self.ports.stop.cause() == Some(StopCause::Signal) {
            return Err(RunError::Interrupted.into());
        }
        if step.is_write()
            && let Some(Unusable { code, why }) = view.snapshot.objection()
        {
            return Err(RunError::Refused { code: *code, message: why.clone() }.into());
        }
        let broken = invariants::violations(&view.facts, step);
        if !broken.is_empty() {
            return Err(RunError::Unsafe { step: step.to_string(), rules: broken.join("; ") }.into());
        }
        if self.is_without_effect(step) {
            return Err(RunError::WithoutEffect { step: step.to_string(), is_write: step.is_write() }.into());
        }
        Ok(())
    }

    /// Whether the plan asks for the step that the run has just taken. It allows a proof a second time, because a busy server
    /// may not answer for a moment when the run observes again.
    fn is_without_effect(&self, step: &Step) -> bool {
        let mut last = self.taken.iter().rev().map(|taken| &taken.step);
        match (last.next(), step) {
            (Some(before), Step::Prove { .. }) if before == step => last.next() == Some(step),
            (Some(before), _) => before.is_repeated_by(step),
            (None, _) => false,
        }
    }

    async fn take(&mut self, view: &View, step: Step) -> Result<(), Failure> {
        let number = u32::try_from(self.taken.len()).unwrap_or(u32::MAX).saturating_add(1);
        let begin = self.ports.clock.elapsed();
        let left = self.deadlines.left(begin);
        if left.is_zero() {
            return Err(RunError::OutOfTime { limit: self.deadlines.run, step: step.to_string() }.into());
        }
        self.ports.reporter.report(&RunEvent::StepStarted { number, step: step.clone() });
        let result = self.perform(view, &step, left.min(self.deadlines.step)).await;
        if let Err(failure) = &result {
            let (code, message) = (failure.code(), failure.to_string());
            self.ports.reporter.report(&RunEvent::StepFailed { number, step, code, message });
            return result;
        }
        let seconds = self.ports.clock.elapsed().saturating_sub(begin).as_secs_f64();
        self.ports.reporter.report(&RunEvent::StepFinished { number, step: step.clone(), seconds });
        if let Step::PickUp { peer, consumer } = &step {
            self.memory.note_pick_up(*peer, consumer);
        }
        self.taken.push(TakenStep { step, seconds });
        Ok(())
    }

    async fn perform(&self, view: &View, step: &Step, limit: Duration) -> Result<(), Failure> {
        let View { snapshot, facts } = view;
        let ports = self.ports;
        let expected = view.expected(&self.memory);
        match step {
            Step::AddAuthority(order) => {
                let material = ports.issuer.add_authority(snapshot, order)?;
                self.write(snapshot, Slot::Authority, &material).await
            }
            Step::RemoveAuthority { generation } => {
                let material = ports.issuer.remove_authority(snapshot, *generation)?;
                self.write(snapshot, Slot::Authority, &material).await
            }
            Step::Issue { order, trial, .. } => {
                let material = ports.issuer.issue(snapshot, order)?;
                ports.issuer.rehearse(snapshot, order.peer, &material, &order.peer_trust, facts.now)?;
                self.try_login(*trial, &material, limit).await?;
                self.write(snapshot, order.peer.slot(), &material).await
            }
            Step::Republish { peer, trust } => {
                let material = ports.issuer.republish(snapshot, *peer, trust)?;
                self.write(snapshot, peer.slot(), &material).await
            }
            Step::LogIn => match snapshot.stored(Slot::Client) {
                Some(stored) => self.try_login(Trial::Required, &stored.material, limit).await,
                None => Ok(()),
            },
            Step::PickUp { consumer, .. } => ports.consumers.pick_up(consumer, expected, limit).await,
            Step::Prove { consumer, .. } => ports.consumers.prove(consumer, expected, limit).await,
        }
    }

    /// Tries a login with a client leaf before newleaf writes it or clients load it, because PostgreSQL has the last word.
    async fn try_login(&self, trial: Trial, client: &Material, limit: Duration) -> Result<(), Failure> {
        if trial.is_none() {
            return Ok(());
        }
        match trial.objection(&self.ports.consumers.log_in(client, limit).await) {
            Some(Unusable { code, why }) => Err(RunError::NotLetIn { code: *code, why: why.clone() }.into()),
            None => Ok(()),
        }
    }

    async fn write(&self, snapshot: &Snapshot, slot: Slot, material: &Material) -> Result<(), Failure> {
        let expected = snapshot.stored(slot).map(|stored| &stored.revision);
        self.ports.store.write(slot, expected, material).await
    }

    fn outcome(self, facts: &Facts, before: &[Option<Serial>; 2]) -> Outcome {
        let [server, client] = before.clone();
        let leaves = vec![leaf_change(facts, Peer::Server, server), leaf_change(facts, Peer::Client, client)];
        let next = next_due(facts, self.policy);
        Outcome { leaves, next, steps: self.taken, warnings: warnings(facts) }
    }
}

fn leaf_change(facts: &Facts, peer: Peer, before: Option<Serial>) -> LeafChange {
    let leaf = facts.leaf(peer).present();
    LeafChange {
        peer,
        before,
        after: leaf.map(|leaf| leaf.serial.clone()),
        not_after: leaf.map(|leaf| leaf.validity.not_after),
    }
}

/// The serials of the stored leaves: server, then client.
fn serials(facts: &Facts) -> [Option<Serial>; 2] {
    Peer::ALL.map(|peer| facts.leaf(peer).present().map(|leaf| leaf.serial.clone()))
}

async fn read_all(store: &dyn Store) -> Result<Snapshot, Failure> {
    Ok(Snapshot {
        authority: store.read(Slot::Authority).await?,
        server: store.read(Slot::Server).await?,
        client: store.read(Slot::Client).await?,
    })
}
