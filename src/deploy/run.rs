//! `install`, which is also the upgrade: phase by phase, each object applied only where something differs, each phase ready
//! before the next one, and at the end what is no longer rendered is pruned.

use std::collections::BTreeMap;

use base::diagnosis::Failure;
use serde::Serialize;
use serde_json::Value;
use stack::object::Phase;
use stack::render::render;
use stack::settings::Settings;
use tokio::time::Instant;

use crate::error::DeployError;
use crate::event::DeployEvent;
use crate::inventory::{Inventory, MemberKinds, kinds_of};
use crate::observe::{Observation, given_away, observe, parent_key};
use crate::plan::changes::{covers, field_changes};
use crate::plan::desired::{DesiredObject, desired, with_one_replica};
use crate::plan::{Leftovers, ObjectAction, ObjectStep, leftovers, steps};
use crate::references::with_references;
use crate::turn::Turn;
use crate::wait::{Awaited, Waiter};

/// What an installation did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstallReport {
    /// Objects that were made.
    pub created: Vec<String>,
    /// Objects whose content changed in the stack.
    pub changed: Vec<String>,
    /// Objects that had drifted.
    pub repaired: Vec<String>,
    /// Jobs that were made anew.
    pub replaced: Vec<String>,
    /// How many objects were as they should be.
    pub unchanged: usize,
    /// Objects that are no longer rendered, and were deleted.
    pub pruned: Vec<String>,
    /// Objects that are no longer rendered, and hold what cannot be made again.
    pub kept: Vec<String>,
}

/// An installation under way.
#[derive(Debug)]
pub struct Installation<'a> {
    /// How it waits, and for how long; the cluster is the waiter's.
    pub waiter: Waiter<'a>,
    /// Whether it waits at all.
    pub waits: bool,
}

/// A part of the stack within a phase.
#[derive(Debug)]
struct ComponentProgress {
    objects: usize,
    written: usize,
    pending: usize,
    start: Instant,
}

impl Installation<'_> {
    /// Installs the stack, or brings it to its present form.
    pub async fn run(&self, settings: Settings) -> Result<InstallReport, Failure> {
        let inventory = Inventory::of(settings.name.as_str(), settings.namespace.as_str());
        let turn = Turn::begin(&self.waiter, &inventory).await?;
        let mut ended = Box::pin(self.attempt(&turn, settings.clone())).await;
        if turn.was_overtaken() {
            ended = Box::pin(self.attempt(&turn, settings)).await;
        }
        turn.end(ended).await
    }

    async fn attempt(&self, turn: &Turn<'_>, settings: Settings) -> Result<InstallReport, Failure> {
        let (cluster, inventory) = (self.waiter.cluster, turn.inventory);
        let (mut current, mut is_one_missing) = with_references(cluster, settings.clone()).await?;
        let rendered = render(&current);
        let mut wanted = desired(&rendered, inventory);
        for object in &wanted {
            cluster.required(&object.api_version, &object.key).await?;
        }
        let mut observed = observe(cluster, inventory, &rendered).await?;
        // They become members: what runs already needs no first replica.
        let adopted = given_away(cluster, &observed, &rendered).await?;
        observed.live.extend(adopted);
        let kinds = kinds_of(&rendered);
        let mut report = InstallReport::default();
        for phase in Phase::ALL {
            self.waiter.stop.check("the next phase")?;
            let of_phase = steps(&wanted, &observed.live, phase);
            self.phase(of_phase, &observed, (turn, &kinds), &mut report).await?;
            if is_one_missing {
                // An operator may have made it from what the phase applied.
                (current, is_one_missing) = with_references(cluster, settings.clone()).await?;
                wanted = desired(&render(&current), inventory);
            }
        }
        self.prune(turn, &leftovers(&wanted, &observed.live), &observed, &mut report).await?;
        self.keep_inventory(turn, &observed, &kinds, &report).await?;
        Ok(report)
    }

    async fn phase(
        &self,
        steps: Vec<ObjectStep>,
        observed: &Observation,
        (turn, kinds): (&Turn<'_>, &MemberKinds),
        report: &mut InstallReport,
    ) -> Result<(), Failure> {
        let mut progress = BTreeMap::new();
        let mut awaited = Vec::new();
        let is_first = steps.first().is_some_and(|step| step.desired.phase == Phase::Configuration);
        let (namespaces, others): (Vec<_>, Vec<_>) =
            steps.into_iter().partition(|step| step.desired.key.kind == "Namespace");
        for step in namespaces {
            awaited.push(self.step(&step, observed, turn, &mut progress, report).await?);
        }
        if is_first {
            self.open_inventory(turn, observed, kinds).await?;
        }
        for step in others {
            awaited.push(self.step(&step, observed, turn, &mut progress, report).await?);
        }
        if !self.waits {
            return Ok(());
        }
        self.waiter.all(awaited, |ready| self.ready(&mut progress, ready.component)).await
    }

    /// Does what is to be done about one object, and says how it looks then.
    async fn step(
        &self,
        step: &ObjectStep,
        observed: &Observation,
        turn: &Turn<'_>,
        progress: &mut BTreeMap<&'static str, ComponentProgress>,
        report: &mut InstallReport,
    ) -> Result<Awaited, Failure> {
        let object = &step.desired;
        let component = object.component.name();
        let of_component = progress.entry(component).or_insert_with(|| ComponentProgress {
            objects: 0,
            written: 0,
            pending: 0,
            start: Instant::now(),
        });
        of_component.objects += 1;
        of_component.pending += 1;
        let live = observed.live.get(&object.key);
        let (action, present) = if step.one_first {
            self.one_first(object, live, turn).await?
        } else {
            self.act(step.action, object, &object.value, live, turn).await?
        };
        if action != ObjectAction::Keep {
            of_component.written += 1;
            self.waiter.events.tell(&DeployEvent::Object { action: word(action), object: object.key.to_string() });
        }
        note(report, action, object.key.to_string());
        Ok(Awaited { key: object.key.clone(), api_version: object.api_version.clone(), component, object: present })
    }

    /// The first replica alone, until it is ready; then all of them.
    async fn one_first(
        &self,
        object: &DesiredObject,
        live: Option<&Value>,
        turn: &Turn<'_>,
    ) -> Result<(ObjectAction, Value), Failure> {
        let one = with_one_replica(&object.value);
        let action = match live {
            None => ObjectAction::Create,
            Some(live) if covers(&one, live) => ObjectAction::Keep,
            Some(_) => ObjectAction::Change,
        };
        let (action, present) = self.act(action, object, &one, live, turn).await?;
        if !self.waits {
            return Ok((action, present));
        }
        let first = Awaited {
            key: object.key.clone(),
            api_version: object.api_version.clone(),
            component: object.component.name(),
            object: present,
        };
        self.waiter.all(vec![first], |_| {}).await?;
        let action = if action == ObjectAction::Keep { ObjectAction::Change } else { action };
        Ok((action, turn.apply(&object.value).await?))
    }

    async fn act(
        &self,
        action: ObjectAction,
        object: &DesiredObject,
        value: &Value,
        live: Option<&Value>,
        turn: &Turn<'_>,
    ) -> Result<(ObjectAction, Value), Failure> {
        let cluster = self.waiter.cluster;
        match (action, live) {
            (ObjectAction::Keep, Some(live)) => return Ok((ObjectAction::Keep, live.clone())),
            (ObjectAction::Repair, Some(live)) => {
                let would_be = cluster.apply(value, true).await?;
                if field_changes(Some(live), Some(&would_be)).is_empty() {
                    return Ok((ObjectAction::Keep, live.clone()));
                }
            }
            (ObjectAction::Replace, Some(live)) => {
                turn.remove(live).await?;
                self.waiter.gone(live).await?;
            }
            (ObjectAction::Create | ObjectAction::Change, _) | (_, None) => {}
        }
        match turn.apply(value).await {
            Ok(applied) => Ok((action, applied)),
            Err(failure) => Err(self.foreign(object, turn.inventory).await.unwrap_or(failure)),
        }
    }

    /// Whether a refusal comes from another inventory.
    async fn foreign(&self, object: &DesiredObject, inventory: &Inventory) -> Option<Failure> {
        let present = self.waiter.cluster.read(&object.api_version, &object.key).await.ok()??;
        let owner = inventory.other(&present)?.to_owned();
        Some(DeployError::ForeignMember { object: object.key.to_string(), owner }.into())
    }

    fn ready(&self, progress: &mut BTreeMap<&'static str, ComponentProgress>, component: &'static str) {
        let Some(of_component) = progress.get_mut(component) else { return };
        of_component.pending = of_component.pending.saturating_sub(1);
        if of_component.pending == 0 {
            self.waiter.events.tell(&DeployEvent::ComponentReady {
                component,
                objects: of_component.objects,
                written: of_component.written,
                seconds: of_component.start.elapsed().as_secs_f64(),
            });
        }
    }

    async fn prune(
        &self,
        turn: &Turn<'_>,
        leftovers: &Leftovers,
        observed: &Observation,
        report: &mut InstallReport,
    ) -> Result<(), Failure> {
        for key in &leftovers.prune {
            self.waiter.stop.check("the next object to prune")?;
            let Some(live) = observed.live.get(key) else { continue };
            turn.remove(live).await?;
            self.waiter.events.tell(&DeployEvent::Object { action: "prune", object: key.to_string() });
            report.pruned.push(key.to_string());
        }
        report.kept.extend(leftovers.keep.iter().map(ToString::to_string));
        Ok(())
    }

    /// The inventory names every kind before the first object of it is applied, so that none is lost.
    async fn open_inventory(
        &self,
        turn: &Turn<'_>,
        observed: &Observation,
        kinds: &MemberKinds,
    ) -> Result<(), Failure> {
        let mut all = observed.kinds.clone();
        all.extend(kinds.clone());
        self.write_inventory(turn, &all, observed.parent.as_ref()).await
    }

    /// At the end it names what is left.
    async fn keep_inventory(
        &self,
        turn: &Turn<'_>,
        observed: &Observation,
        kinds: &MemberKinds,
        report: &InstallReport,
    ) -> Result<(), Failure> {
        if observed.kinds == *kinds || observed.kinds.is_empty() || !report.kept.is_empty() {
            return Ok(());
        }
        self.write_inventory(turn, kinds, None).await
    }

    async fn write_inventory(
        &self,
        turn: &Turn<'_>,
        kinds: &MemberKinds,
        present: Option<&Value>,
    ) -> Result<(), Failure> {
        let inventory = turn.inventory;
        let parent = inventory.parent(kinds);
        if present.is_some_and(|present| covers(&parent, present)) {
            return Ok(());
        }
        match turn.apply(&parent).await {
            Ok(_) => Ok(()),
            Err(failure) => {
                let key = parent_key(inventory);
                let is_theirs = self.waiter.cluster.read("v1", &key).await.ok().flatten();
                match is_theirs.map(|parent| inventory.owner(&parent)) {
                    Some(crate::inventory::ParentOwner::Theirs(owner)) => {
                        Err(DeployError::ForeignInventory { object: key.to_string(), owner }.into())
                    }
                    Some(crate::inventory::ParentOwner::Ours) | None => Err(failure),
                }
            }
        }
    }
}

const fn word(action: ObjectAction) -> &'static str {
    match action {
        ObjectAction::Create => "create",
        ObjectAction::Change => "change",
        ObjectAction::Repair => "repair",
        ObjectAction::Replace => "replace",
        ObjectAction::Keep => "keep",
    }
}

fn note(report: &mut InstallReport, action: ObjectAction, object: String) {
    match action {
        ObjectAction::Create => report.created.push(object),
        ObjectAction::Change => report.changed.push(object),
        ObjectAction::Repair => report.repaired.push(object),
        ObjectAction::Replace => report.replaced.push(object),
        ObjectAction::Keep => report.unchanged += 1,
    }
}
