//! One run at a time: a Lease of `coordination.k8s.io`, as the controllers of Kubernetes use it. The holder renews the
//! Lease. A waiting run measures on its own clock how long the Lease stays unrenewed, so nothing compares two clocks.

mod takeover;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use base::diagnosis::{Class, Code, Diagnose, Failure, RemoteText};
use base::duration::spelled;
use base::lease::Lease;
use base::stop::{Stop, StopCause, Stopped};
use k8s_openapi::api::coordination::v1::{Lease as LeaseObject, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::object::{Guard, ReadObject};
use crate::api::resource::Resource;
use crate::api::write::Change;
use crate::api::{FIELD_MANAGER, LOG, MANAGED_BY};
use crate::boot_instant::BootInstant;
use crate::lease::takeover::{Claim, LeaseHistory};

/// The name of the Lease.
pub const NAME: &str = "newleaf";
/// The longest pause between two looks at a Lease that another run holds.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// How often a run tries to release its Lease. An unreleased Lease expires.
const GIVE_BACK_TRIES: u32 = 3;

/// The times of a Lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long the Lease lasts without a renewal, in whole seconds.
    pub duration: Duration,
    /// How often the holder renews it.
    pub renew: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { duration: Duration::from_secs(15), renew: Duration::from_secs(5) }
    }
}

/// The Lease of a namespace. A dropped Lease expires.
pub struct ClusterLease {
    client: LeaseClient,
    stop: Rc<dyn Stop>,
    held: RefCell<Option<Held>>,
}

impl fmt::Debug for ClusterLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterLease").field("client", &self.client).field("held", &self.held).finish_non_exhaustive()
    }
}

/// A Lease that this run holds, and the task that renews it.
#[derive(Debug)]
struct Held {
    /// When this run sent the last request that the API server granted. `None` once another holder has the Lease.
    renewed: Arc<Mutex<Option<BootInstant>>>,
    renewal: JoinHandle<()>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl ClusterLease {
    /// The Lease of a namespace, for a holder whose name no other run has.
    pub fn new(client: Client, namespace: &str, holder: &str, timing: Timing, stop: Rc<dyn Stop>) -> Self {
        let (namespace, holder, name) = (namespace.to_owned(), holder.to_owned(), NAME.to_owned());
        let client = LeaseClient { client, namespace, name, holder, timing };
        Self { client, stop, held: RefCell::default() }
    }

    /// The Lease of that name instead of [`NAME`].
    #[must_use]
    pub fn called(self, name: &str) -> Self {
        Self { client: LeaseClient { name: name.to_owned(), ..self.client }, ..self }
    }

    /// Fails unless the API server granted or renewed the Lease less than its duration ago. A process that was frozen learns
    /// here, before it does anything, that another holder may have replaced it.
    pub fn still_held(&self) -> Result<(), Failure> {
        let renewed = match self.held.borrow().as_ref() {
            Some(held) => *locked(&held.renewed),
            None => None,
        };
        match renewed {
            Some(at) if at.elapsed() < self.client.timing.duration => Ok(()),
            Some(_) | None => Err(LeaseError::Lost { lease: self.client.lease() }.into()),
        }
    }

    /// Waits until this run has the Lease or a signal arrives. The caller limits the time.
    async fn wait(&self) -> Result<(), LeaseError> {
        let mut watch = LeaseHistory::default();
        let mut pause = Duration::from_millis(100);
        loop {
            if self.stop.cause() == Some(StopCause::Signal) {
                return Err(stopped());
            }
            let sent = BootInstant::now();
            match self.client.try_once(&mut watch).await {
                Ok(Some(guard)) => {
                    self.hold(sent, guard);
                    return Ok(());
                }
                Ok(None) => {}
                // A run that waits for another holder can also wait until the API server answers again.
                Err(LeaseError::Request(error)) if watch.has_seen() && error.code().class() == Class::Temporary => {
                    tracing::warn!(target: LOG, %error, "cannot read the Lease");
                }
                Err(error) => return Err(error),
            }
            if let Ok(StopCause::Signal) = tokio::time::timeout(pause, self.stop.stopped()).await {
                return Err(stopped());
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    fn hold(&self, sent: BootInstant, guard: Guard) {
        let renewed = Arc::new(Mutex::new(Some(sent)));
        let renewal = tokio::spawn(self.client.clone().renew(guard, Arc::clone(&renewed)));
        self.held.replace(Some(Held { renewed, renewal }));
    }
}

#[async_trait(?Send)]
impl Lease for ClusterLease {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        if self.still_held().is_ok() {
            return Ok(());
        }
        drop(self.held.take());
        if let Ok(taken) = tokio::time::timeout(limit, self.wait()).await {
            return Ok(taken?);
        }
        let holder = match self.client.read().await {
            Ok(Some(lease)) => RemoteText::new(lease.object.holder().unwrap_or_default()),
            Ok(None) | Err(_) => RemoteText::default(),
        };
        Err(LeaseError::Held { lease: self.client.lease(), holder, limit }.into())
    }

    async fn release(&self) -> Result<(), Failure> {
        let Some(held) = self.held.take() else { return Ok(()) };
        drop(held);
        Ok(self.client.give_back().await?)
    }
}

fn stopped() -> LeaseError {
    LeaseError::Interrupted(Stopped { waiting_for: "the Lease".to_owned() })
}

/// Sends the requests about the Lease.
#[derive(Clone)]
struct LeaseClient {
    client: Client,
    namespace: String,
    name: String,
    holder: String,
    timing: Timing,
}

impl fmt::Debug for LeaseClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaseClient")
            .field("namespace", &self.namespace)
            .field("name", &self.name)
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}

/// The fields of the Lease that newleaf reads.
#[derive(Debug, Deserialize)]
struct LeaseRead {
    spec: Option<LeaseSpec>,
}

impl LeaseRead {
    fn holder(&self) -> Option<&str> {
        self.spec.as_ref()?.holder_identity.as_deref()
    }

    fn transitions(&self) -> Option<i32> {
        self.spec.as_ref()?.lease_transitions
    }
}

fn locked(renewed: &Mutex<Option<BootInstant>>) -> MutexGuard<'_, Option<BootInstant>> {
    renewed.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LeaseClient {
    fn lease(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    async fn read(&self) -> Result<Option<ReadObject<LeaseRead>>, KubernetesError> {
        Call::get(Resource::Lease, &self.namespace, &self.name).read(&self.client, self.timing.renew).await
    }

    /// Reads the Lease once and takes it if it is free. Returns the guard of the taken Lease.
    async fn try_once(&self, watch: &mut LeaseHistory) -> Result<Option<Guard>, LeaseError> {
        let taken = match self.read().await? {
            None => self.create().await,
            Some(lease) => {
                let claim = watch.look(lease.object.spec.as_ref(), &self.holder, BootInstant::now());
                if claim == Claim::Wait {
                    return Ok(None);
                }
                self.take(&lease, claim).await
            }
        };
        match taken {
            Ok(guard) => Ok(Some(guard)),
            Err(KubernetesError::Conflict { .. } | KubernetesError::NotFound { .. }) => Ok(None),
            Err(KubernetesError::Forbidden { call, .. }) if call.verb == "create" => {
                Err(LeaseError::Absent { lease: self.lease(), call })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn create(&self) -> Result<Guard, KubernetesError> {
        let now = Some(MicroTime(Timestamp::now()));
        let lease = LeaseObject {
            metadata: ObjectMeta {
                name: Some(self.name.clone()),
                labels: Some([(MANAGED_BY.to_owned(), FIELD_MANAGER.to_owned())].into()),
                ..ObjectMeta::default()
            },
            spec: Some(LeaseSpec {
                holder_identity: Some(self.holder.clone()),
                lease_duration_seconds: i32::try_from(self.timing.duration.as_secs()).ok(),
                acquire_time: now.clone(),
                renew_time: now,
                ..LeaseSpec::default()
            }),
        };
        let call = Call::create(Resource::Lease, &self.namespace);
        Ok(call.make::<LeaseRead>(&self.client, &lease, self.timing.renew).await?.guard)
    }

    async fn take(&self, lease: &ReadObject<LeaseRead>, claim: Claim) -> Result<Guard, KubernetesError> {
        let transitions = lease.object.transitions().unwrap_or_default();
        let more = i32::from(claim == Claim::Take);
        let now = MicroTime(Timestamp::now());
        let spec = json!({
            "holderIdentity": self.holder,
            "leaseDurationSeconds": self.timing.duration.as_secs(),
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": transitions.saturating_add(more),
        });
        self.patch(&lease.guard, spec).await
    }

    /// Changes the Lease if nothing has changed it since the read. Returns the new guard.
    async fn patch(&self, guard: &Guard, spec: serde_json::Value) -> Result<Guard, KubernetesError> {
        let change = Change::of_version(guard, json!({}), json!({"spec": spec}));
        let call = Call::patch(Resource::Lease, &self.namespace, &self.name);
        Ok(call.merge::<LeaseRead, _, _>(&self.client, &change, self.timing.renew).await?.guard)
    }

    /// Renews the Lease until another holder has it. Otherwise the task ends with [`Held`], which aborts it when dropped.
    async fn renew(self, mut guard: Guard, renewed: Arc<Mutex<Option<BootInstant>>>) {
        loop {
            tokio::time::sleep(self.timing.renew).await;
            let sent = BootInstant::now();
            let spec = json!({"renewTime": MicroTime(Timestamp::now())});
            let note = |granted| *locked(&renewed) = granted;
            match self.patch(&guard, spec).await {
                Ok(now) => {
                    guard = now;
                    note(Some(sent));
                }
                // A changed label does not mean another holder.
                Err(KubernetesError::Conflict { .. }) => match self.read().await {
                    Ok(Some(lease)) if self.is_holder(&lease) => guard = lease.guard,
                    Ok(_) => return note(None),
                    Err(error) => tracing::debug!(target: LOG, %error, "cannot read the Lease"),
                },
                Err(KubernetesError::NotFound { .. }) => return note(None),
                Err(error) => tracing::warn!(target: LOG, %error, "cannot renew the Lease"),
            }
        }
    }

    fn is_holder(&self, lease: &ReadObject<LeaseRead>) -> bool {
        lease.object.holder() == Some(self.holder.as_str())
    }

    /// Frees the Lease for the next run, unless another holder has it already. A pending renewal may come in between.
    async fn give_back(&self) -> Result<(), KubernetesError> {
        for _ in 0..GIVE_BACK_TRIES {
            let Some(lease) = self.read().await?.filter(|lease| self.is_holder(lease)) else { break };
            let free = json!({"holderIdentity": null, "acquireTime": null, "renewTime": null});
            match self.patch(&lease.guard, free).await {
                Err(KubernetesError::Conflict { .. }) => {}
                Ok(_) | Err(KubernetesError::NotFound { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Another holder has it.
    #[error("Lease {lease} is held by {holder:?} and was not released within {}", spelled(*limit))]
    Held {
        /// The namespace and name of the Lease.
        lease: String,
        holder: RemoteText,
        /// How long the run waited.
        limit: Duration,
    },
    /// This run held it, and another run may have it by now.
    #[error("Lease {lease} was not renewed in time: another run may hold it by now")]
    Lost {
        /// The namespace and name of the Lease.
        lease: String,
    },
    /// It does not exist, and the account may not create it.
    #[error("Lease {lease} does not exist and this account may not create it")]
    Absent {
        /// The namespace and name of the Lease.
        lease: String,
        /// The request that the API server denied.
        call: Call,
    },
    /// A signal ended the wait.
    #[error(transparent)]
    Interrupted(#[from] Stopped),
    /// A request failed.
    #[error(transparent)]
    Request(#[from] KubernetesError),
}

impl Diagnose for LeaseError {
    fn code(&self) -> Code {
        match self {
            Self::Held { .. } | Self::Lost { .. } => Code::LeaseHeld,
            Self::Absent { .. } => Code::LeaseAbsent,
            Self::Interrupted(interrupted) => interrupted.code(),
            Self::Request(error) => error.code(),
        }
    }

    fn object(&self) -> Option<String> {
        match self {
            Self::Held { lease, .. } | Self::Lost { lease } | Self::Absent { lease, .. } => {
                Some(format!("Lease {lease}"))
            }
            Self::Interrupted(interrupted) => interrupted.object(),
            Self::Request(error) => error.object(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Absent { lease, call } => {
                let add = format!("this rule to the account's Role in namespace {}: {}", call.namespace, call.rule());
                // `bootstrap` makes that of the rotation only.
                Some(if lease.ends_with(&format!("/{NAME}")) {
                    format!("Run `newleaf bootstrap` with an account that may create Leases, or add {add}")
                } else {
                    format!("Add {add}")
                })
            }
            Self::Request(error) => error.hint(),
            Self::Held { .. } | Self::Lost { .. } | Self::Interrupted(_) => None,
        }
    }
}
