//! A namespace of our own API server with both workloads in it, in front of a run that has something to do.

use std::time::Duration;

use base::workload_kind::WorkloadKind;
use chrono::TimeDelta;
use kube::Client;
use kubernetes::lease::Timing;
use rotation::document::cluster::{Choice, ClusterConsumer, ClusterPickup, ClusterPlace, Target};
use rotation::engine::facts::Peer;
use rotation::engine::material::Snapshot;
use rotation::engine::ports::Issuer;
use rotation::engine::request::{Force, Request, RotationId, Scope};
use tokio::sync::RwLock;

use crate::controllers::{Controllers, workload};
use crate::life::Life;
use crate::runs::{Runner, SERVER, issuer};
use crate::stage::Stage;

/// Long enough for a busy machine to renew it in time, short enough to wait for what a dead run left behind.
pub(crate) const SHORT: Timing = Timing { duration: Duration::from_secs(6), renew: Duration::from_secs(2) };

/// A test that needs the whole machine takes it alone; the others share it, and mostly wait.
pub(crate) static TURN: RwLock<()> = RwLock::const_new(());

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    Bootstrap,
    Due,
    Forced,
    Rollover,
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::Due => "due rotation",
            Self::Forced => "forced rotation",
            Self::Rollover => "rollover",
        }
    }

    /// Always with the same identity.
    pub(crate) fn request(self) -> Request {
        match self {
            Self::Bootstrap => Request::Bootstrap,
            Self::Due => Request::Rotate(None),
            Self::Forced => forced("once"),
            Self::Rollover => rollover("once"),
        }
    }

    /// What is stored before, if anything; none, and said so, where there is no API server.
    pub(crate) async fn before(self) -> Option<Snapshot> {
        let stage = Stage::own().await?;
        if self == Self::Bootstrap {
            return Some(Snapshot::default());
        }
        let mut runner = Runner::new(stage.client.clone(), stage.place(), "before");
        runner.ahead = if self == Self::Due { TimeDelta::days(-31) } else { TimeDelta::zero() };
        runner.run(&Request::Bootstrap).await.expect("it can be made");
        Some(stage.snapshot().await)
    }
}

/// A namespace with what was stored before, and workloads that have loaded it.
pub(crate) struct Ground {
    pub(crate) stage: Stage,
    pub(crate) controllers: Controllers,
}

impl Ground {
    /// With this stored; a namespace that is to be bootstrapped has no workloads yet.
    pub(crate) async fn set(before: &Snapshot) -> Self {
        let stage = Stage::own().await.expect("it was there before");
        stage.put_all(before).await;
        let controllers = Controllers::new(stage.client.clone(), &stage.namespace);
        if before.server.is_some() {
            controllers.start(before).await;
        }
        Self { stage, controllers }
    }

    /// The Secrets, and both workloads as consumers that are restarted.
    pub(crate) fn place(&self) -> ClusterPlace {
        let consumer = |peer| ClusterConsumer {
            name: workload(peer).to_owned(),
            peer,
            pickup: ClusterPickup::Restart,
            target: Some(Target {
                namespace: self.stage.namespace.clone(),
                kind: WorkloadKind::Deployment,
                choice: Choice::Named(workload(peer).to_owned()),
            }),
        };
        ClusterPlace { consumers: Peer::ALL.map(consumer).into(), ..self.stage.place() }
    }

    /// A client of the administrator, whose requests count in a life.
    pub(crate) fn client(&self, life: &Life) -> Client {
        life.client(&self.controllers.client(&self.stage.client))
    }

    /// What is wrong with what is stored or loaded: a half pair, a connection that could not have been made.
    pub(crate) async fn damage(&self) -> Vec<String> {
        let mut damage = self.controllers.broken();
        let inspection = issuer(SERVER).inspect(&self.stage.snapshot().await, chrono::Utc::now());
        if inspection.has_unreadable() {
            damage.push(format!("{inspection:?}"));
        }
        damage
    }

    /// Who holds the Lease; none if it is free, or it was never made.
    pub(crate) async fn holder(&self) -> Option<String> {
        let api: kube::Api<k8s_openapi::api::coordination::v1::Lease> =
            kube::Api::namespaced(self.stage.client.clone(), &self.stage.namespace);
        api.get_opt("newleaf").await.expect("it can be asked for")?.spec?.holder_identity
    }
}

/// A forced rotation of both leaves.
pub(crate) fn forced(id: &str) -> Request {
    force(id, Scope::Leaves)
}

/// A forced rollover of the authority.
pub(crate) fn rollover(id: &str) -> Request {
    force(id, Scope::Authority)
}

fn force(id: &str, scope: Scope) -> Request {
    Request::Rotate(Some(Force { id: RotationId::parse(id).expect("an identity"), scope }))
}
