//! One run at a time: a Lease of `coordination.k8s.io`, as the controllers of Kubernetes themselves use it. The holder
//! renews it; whoever waits measures on its own clock how long it stays unrenewed, so that no two clocks are compared.

mod takeover;

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease as LeaseObject, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::clock::{Interrupted, Interruption};
use crate::diagnosis::{Class, Code, Diagnose, Failure};
use crate::kubernetes::api::call::Call;
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::api::{FIELD_MANAGER, MANAGED_BY};
use crate::kubernetes::lease::takeover::{Claim, Watch};
use crate::rotation::ports::Lease;

/// The name of the Lease.
pub const NAME: &str = "newleaf";
/// The longest pause between two looks at a Lease that somebody else holds.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// How often it is tried to give one back; it ends by itself anyway.
const GIVE_BACK_TRIES: u32 = 3;

/// How long things take around a Lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long it lasts without being renewed; whole seconds.
    pub duration: Duration,
    /// How often it is renewed.
    pub renew: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { duration: Duration::from_secs(15), renew: Duration::from_secs(5) }
    }
}

/// The Lease of a namespace. One that is dropped ends by itself.
#[derive(Debug)]
pub struct ClusterLease {
    desk: Desk,
    interruption: Interruption,
    held: RefCell<Option<Held>>,
}

/// A Lease that was taken, and the task that renews it.
#[derive(Debug)]
struct Held {
    /// When the last request was sent that the API server has granted; `None` once somebody else has it.
    renewed: Arc<Mutex<Option<Instant>>>,
    renewal: JoinHandle<()>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl ClusterLease {
    /// The Lease of a namespace, for a holder whose name nobody else has.
    pub fn new(client: Client, namespace: &str, holder: &str, timing: Timing, interruption: Interruption) -> Self {
        let api = Api::namespaced(client, namespace);
        let desk = Desk { api, namespace: namespace.to_owned(), holder: holder.to_owned(), timing };
        Self { desk, interruption, held: RefCell::default() }
    }

    /// The same with another timing.
    pub(crate) const fn with_timing(mut self, timing: Timing) -> Self {
        self.desk.timing = timing;
        self
    }

    /// An error unless the Lease was granted or renewed less than its duration ago. A holder that was frozen learns here
    /// that it may have been replaced, before it does anything.
    pub fn still_held(&self) -> Result<(), Failure> {
        let held = self.held.borrow();
        let renewed = held.as_ref().and_then(|held| *held.renewed.lock().unwrap_or_else(PoisonError::into_inner));
        match renewed {
            Some(at) if at.elapsed() < self.desk.timing.duration => Ok(()),
            Some(_) | None => Err(LeaseError::Lost { lease: self.desk.lease() }.into()),
        }
    }

    async fn wait(&self) -> Result<(), LeaseError> {
        let mut watch = Watch::default();
        let mut pause = Duration::from_millis(100);
        loop {
            self.interruption.check("the Lease")?;
            let sent = Instant::now();
            match self.desk.try_once(&mut watch).await {
                Ok(Some(version)) => {
                    self.hold(sent, version);
                    return Ok(());
                }
                Ok(None) => {}
                // Whoever waits for somebody else anyway can wait out a bad moment of the API server as well.
                Err(LeaseError::Request(error)) if watch.has_seen() && error.code().class() == Class::Temporary => {
                    tracing::warn!(%error, "the Lease could not be looked at");
                }
                Err(error) => return Err(error),
            }
            self.interruption.pause(pause, "the Lease").await?;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    fn hold(&self, sent: Instant, version: String) {
        let renewed = Arc::new(Mutex::new(Some(sent)));
        let renewal = tokio::spawn(self.desk.clone().renew(version, Arc::clone(&renewed)));
        self.held.replace(Some(Held { renewed, renewal }));
    }
}

impl Lease for ClusterLease {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        if self.still_held().is_ok() {
            return Ok(());
        }
        drop(self.held.take());
        if let Ok(taken) = tokio::time::timeout(limit, self.wait()).await {
            return Ok(taken?);
        }
        let holder = self.desk.read().await.ok().flatten().and_then(|lease| lease.spec?.holder_identity);
        Err(LeaseError::Held { lease: self.desk.lease(), holder: holder.unwrap_or_default(), limit }.into())
    }

    async fn release(&self) -> Result<(), Failure> {
        let Some(held) = self.held.take() else { return Ok(()) };
        drop(held);
        Ok(self.desk.give_back().await?)
    }
}

/// Where the Lease is asked for.
#[derive(Debug, Clone)]
struct Desk {
    api: Api<LeaseObject>,
    namespace: String,
    holder: String,
    timing: Timing,
}

impl Desk {
    fn lease(&self) -> String {
        format!("{}/{NAME}", self.namespace)
    }

    fn call(&self, verb: &'static str) -> Call {
        let name = (verb != "create").then(|| NAME.to_owned());
        Call { verb, group: "coordination.k8s.io", resource: "leases", namespace: self.namespace.clone(), name }
    }

    async fn read(&self) -> Result<Option<LeaseObject>, KubernetesError> {
        self.call("get").send(self.timing.renew, self.api.get_opt(NAME)).await
    }

    /// Looks once, and takes it if it is free: the version that it then has.
    async fn try_once(&self, watch: &mut Watch) -> Result<Option<String>, LeaseError> {
        let taken = match self.read().await? {
            None => self.create().await,
            Some(lease) => {
                let claim = watch.look(lease.spec.as_ref(), &self.holder, Instant::now());
                if claim == Claim::Wait {
                    return Ok(None);
                }
                self.take(&lease, claim).await
            }
        };
        match taken {
            Ok(lease) => Ok(Some(lease.metadata.resource_version.unwrap_or_default())),
            Err(KubernetesError::Conflict { .. } | KubernetesError::NotFound { .. }) => Ok(None),
            Err(KubernetesError::Forbidden { call, .. }) if call.verb == "create" => Err(LeaseError::Absent { call }),
            Err(error) => Err(error.into()),
        }
    }

    async fn create(&self) -> Result<LeaseObject, KubernetesError> {
        let now = Some(MicroTime(Timestamp::now()));
        let lease = LeaseObject {
            metadata: ObjectMeta {
                name: Some(NAME.to_owned()),
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
        let parameters = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        self.call("create").send(self.timing.renew, self.api.create(&parameters, &lease)).await
    }

    async fn take(&self, lease: &LeaseObject, claim: Claim) -> Result<LeaseObject, KubernetesError> {
        let transitions = lease.spec.as_ref().and_then(|spec| spec.lease_transitions).unwrap_or_default();
        let more = i32::from(claim == Claim::Take);
        let now = MicroTime(Timestamp::now());
        let spec = json!({
            "holderIdentity": self.holder,
            "leaseDurationSeconds": self.timing.duration.as_secs(),
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": transitions.saturating_add(more),
        });
        self.patch(lease.metadata.resource_version.as_deref(), spec).await
    }

    /// Changes the Lease, if it still has this version.
    async fn patch(&self, version: Option<&str>, spec: serde_json::Value) -> Result<LeaseObject, KubernetesError> {
        let patch = Patch::Merge(json!({"metadata": {"resourceVersion": version}, "spec": spec}));
        let parameters = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
        self.call("patch").send(self.timing.renew, self.api.patch(NAME, &parameters, &patch)).await
    }

    /// Renews it for ever, or until somebody else has it.
    async fn renew(self, mut version: String, renewed: Arc<Mutex<Option<Instant>>>) {
        loop {
            tokio::time::sleep(self.timing.renew).await;
            let sent = Instant::now();
            let spec = json!({"renewTime": MicroTime(Timestamp::now())});
            let note = |granted| *renewed.lock().unwrap_or_else(PoisonError::into_inner) = granted;
            match self.patch(Some(&version), spec).await {
                Ok(lease) => {
                    version = lease.metadata.resource_version.unwrap_or_default();
                    note(Some(sent));
                }
                // Whoever only edited a label is no other holder.
                Err(KubernetesError::Conflict { .. }) => match self.read().await {
                    Ok(Some(lease)) if self.is_holder(&lease) => {
                        version = lease.metadata.resource_version.unwrap_or_default();
                    }
                    Ok(_) => return note(None),
                    Err(error) => tracing::debug!(%error, "the Lease could not be read"),
                },
                Err(KubernetesError::NotFound { .. }) => return note(None),
                Err(error) => tracing::warn!(%error, "the Lease could not be renewed"),
            }
        }
    }

    fn is_holder(&self, lease: &LeaseObject) -> bool {
        lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_ref()) == Some(&self.holder)
    }

    /// Makes it free for the next, unless somebody else has it already. A renewal that was under way may come in between.
    async fn give_back(&self) -> Result<(), KubernetesError> {
        for _ in 0..GIVE_BACK_TRIES {
            let Some(lease) = self.read().await?.filter(|lease| self.is_holder(lease)) else { break };
            let free = json!({"holderIdentity": null, "acquireTime": null, "renewTime": null});
            match self.patch(lease.metadata.resource_version.as_deref(), free).await {
                Err(KubernetesError::Conflict { .. }) => {}
                Ok(_) | Err(KubernetesError::NotFound { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What can go wrong with the Lease.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Somebody else has it.
    #[error("Lease {lease} is held by {holder:?} and was not released within {} s", limit.as_secs_f64())]
    Held {
        /// Its namespace and name.
        lease: String,
        /// Who.
        holder: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// It was ours and may be somebody else's by now.
    #[error("Lease {lease} was not renewed in time: another run may have it by now")]
    Lost {
        /// Its namespace and name.
        lease: String,
    },
    /// It is not there, and may not be made.
    #[error("Lease {}/{NAME} does not exist and this account may not create it", call.namespace)]
    Absent {
        /// The request that was forbidden.
        call: Call,
    },
    /// A signal ended the wait.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
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
            Self::Held { lease, .. } | Self::Lost { lease } => Some(format!("Lease {lease}")),
            Self::Absent { call } => Some(format!("Lease {}/{NAME}", call.namespace)),
            Self::Interrupted(interrupted) => interrupted.object(),
            Self::Request(error) => error.object(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Absent { call } => Some(format!(
                "Run `newleaf bootstrap` with an account that may create Leases, or add this rule to the account's Role in \
                 namespace {}: {}",
                call.namespace,
                call.rule()
            )),
            Self::Request(error) => error.hint(),
            Self::Held { .. } | Self::Lost { .. } | Self::Interrupted(_) => None,
        }
    }
}
