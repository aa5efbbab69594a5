//! One install or removal of a stack at a time: a Lease with the name of the inventory. A run takes it before its first write, so
//! a run with nothing to write takes none. If another run had the Lease since this one began, the plan is for what was there
//! before, and this run plans again. The Lease itself tells: it counts how often it changed hands.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use base::diagnosis::{Code, Failure, RemoteText};
use base::lease::Lease;
use kubernetes::api::call::Call;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::resource::Resource;
use kubernetes::lease::ClusterLease;
use serde_json::Value;
use stack::object::text;

use crate::event::DeployEvent;
use crate::inventory::{Inventory, NAMESPACE};
use crate::plan::MemberKey;
use crate::wait::Waiter;

/// How long a run looks at a Lease of another one before it says that it waits.
const GLANCE: Duration = Duration::from_secs(1);

/// The right to write, from the first write of a run to its end.
pub(crate) struct Turn<'a> {
    waiter: &'a Waiter<'a>,
    pub(crate) inventory: &'a Inventory,
    lease: ClusterLease,
    /// How often the Lease had changed hands when this run began; none if it was not there.
    before: Option<i64>,
    is_taken: Cell<bool>,
    was_overtaken: Cell<bool>,
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("lease", &self.lease).finish_non_exhaustive()
    }
}

impl<'a> Turn<'a> {
    /// Begins a run, before it looks at anything.
    pub(crate) async fn begin(waiter: &'a Waiter<'a>, inventory: &'a Inventory) -> Result<Self, Failure> {
        let holder = waiter.cluster.holder();
        let stop = Rc::new(waiter.stop.clone());
        let lease =
            ClusterLease::new(waiter.cluster.client().clone(), &inventory.namespace, &holder.name, holder.timing, stop)
                .called(&inventory.name);
        let (is_taken, was_overtaken) = (Cell::new(false), Cell::new(false));
        let turn = Self { waiter, inventory, lease, before: None, is_taken, was_overtaken };
        Ok(Self { before: turn.changes_of_hands().await?, ..turn })
    }

    /// Whether another run had the Lease between the plan of this one and its first write. That write was not sent; the Lease
    /// is held now.
    pub(crate) fn was_overtaken(&self) -> bool {
        self.was_overtaken.get()
    }

    /// Applies an object.
    pub(crate) async fn apply(&self, object: &Value) -> Result<Value, Failure> {
        // The Lease is in the namespace, so that must be there first.
        if text(object, "/kind") != NAMESPACE {
            self.take().await?;
        }
        self.waiter.cluster.apply(object, false).await
    }

    /// Deletes this object and no other of its name.
    pub(crate) async fn remove(&self, object: &Value) -> Result<(), Failure> {
        self.take().await?;
        self.waiter.cluster.remove(object).await
    }

    /// A run that was frozen learns here that another one may have replaced it.
    pub(crate) async fn take(&self) -> Result<(), Failure> {
        if self.is_taken.get() {
            return self.lease.still_held();
        }
        match self.lease.acquire(GLANCE).await {
            Ok(()) => {}
            Err(held) if held.code() == Code::LeaseHeld => {
                let (object, why) = (self.key().to_string(), held.to_string());
                self.waiter.events.tell(&DeployEvent::Waiting { component: "inventory", object, why, seconds: 0 });
                self.lease.acquire(self.waiter.limit).await?;
            }
            Err(failure) => return Err(failure),
        }
        self.is_taken.set(true);
        let now = self.changes_of_hands().await?;
        // One more is this run's own. A Lease that this run made has changed hands never.
        let is_alone = match (self.before, now) {
            (Some(before), Some(now)) => now == before || now == before.saturating_add(1),
            (None, Some(now)) => now == 0,
            (_, None) => false,
        };
        if is_alone {
            return Ok(());
        }
        self.was_overtaken.set(true);
        let call = Call::patch(Resource::Lease, &self.inventory.namespace, &self.inventory.name);
        Err(KubernetesError::Conflict { call, message: RemoteText::new("another run had it meanwhile") }.into())
    }

    async fn changes_of_hands(&self) -> Result<Option<i64>, Failure> {
        let lease = self.waiter.cluster.read("coordination.k8s.io/v1", &self.key()).await?;
        let number = |lease: Value| lease.pointer("/spec/leaseTransitions").and_then(Value::as_i64).unwrap_or_default();
        Ok(lease.map(number))
    }

    /// Gives the Lease back, after a failed run too. The failure of the run is told first.
    pub(crate) async fn end<T>(self, ended: Result<T, Failure>) -> Result<T, Failure> {
        let released = self.lease.release().await;
        let done = ended?;
        released?;
        Ok(done)
    }

    /// Deletes the Lease while it is held: nothing is left that could be written. A run that waits for it makes another one.
    pub(crate) async fn delete_lease(&self) -> Result<(), Failure> {
        if let Some(lease) = self.waiter.cluster.read("coordination.k8s.io/v1", &self.key()).await? {
            self.waiter.cluster.remove(&lease).await?;
        }
        Ok(())
    }

    fn key(&self) -> MemberKey {
        MemberKey {
            kind: "Lease".to_owned(),
            group: "coordination.k8s.io".to_owned(),
            namespace: Some(self.inventory.namespace.clone()),
            name: self.inventory.name.clone(),
        }
    }
}
