//! Whole runs on Secrets and the Lease, with real certificates. Nobody loads them here.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use newleaf::diagnosis::{Code, Failure};
use newleaf::host::entropy::sixteen_bytes;
use newleaf::kubernetes::lease::{ClusterLease, Timing};
use newleaf::kubernetes::secrets::Secrets;
use newleaf::pki::algorithm::KeyAlgorithm;
use newleaf::pki::name::{CommonName, SubjectName};
use newleaf::rotation::issuer::{CertificateIssuer, Profile};
use newleaf::rotation::material::{Material, Revision, Slot, Snapshot, Stored};
use newleaf::rotation::policy::{Policy, PolicyValues};
use newleaf::rotation::ports::{Clock, Composed, Consumers, Expected, Lease, Observation, Reporter, Store};
use newleaf::rotation::report::{Event, Outcome};
use newleaf::rotation::request::{Deadlines, Force, Request, RotationId, Scope};
use newleaf::rotation::run::run;

use crate::stage::{LIMIT, Stage, read};

struct World {
    secrets: Secrets,
    lease: ClusterLease,
    begin: Instant,
}

impl Clock for World {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    fn interrupted(&self) -> bool {
        false
    }
}

impl Store for World {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        self.secrets.read(slot).await
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        self.lease.still_held()?;
        self.secrets.write(slot, expected, material).await
    }
}

impl Consumers for World {
    async fn observe(&self, _: Expected<'_>) -> Result<Observation, Failure> {
        Ok(Observation::default())
    }

    async fn pick_up(&self, consumer: &str, _: Expected<'_>, _: Duration) -> Result<(), Failure> {
        unreachable!("{consumer} is nobody's")
    }

    async fn prove(&self, consumer: &str, _: Expected<'_>, _: Duration) -> Result<(), Failure> {
        unreachable!("{consumer} is nobody's")
    }
}

impl Lease for World {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        self.lease.acquire(limit).await
    }

    async fn release(&self) -> Result<(), Failure> {
        self.lease.release().await
    }
}

struct Nobody;

impl Reporter for Nobody {
    fn report(&self, _: &Event) {}
}

fn issuer() -> CertificateIssuer {
    let profile = Profile {
        authority_name: CommonName::parse("test authority").expect("a name"),
        authority_algorithm: KeyAlgorithm::EcdsaP256,
        leaf_algorithm: KeyAlgorithm::EcdsaP256,
        server_names: vec![SubjectName::parse("postgres.backstage.svc").expect("a name")],
        client_name: CommonName::parse("backstage").expect("a name"),
    };
    CertificateIssuer::new(profile, || sixteen_bytes().expect("random bytes"))
}

#[expect(clippy::disallowed_methods, reason = "the run's clock starts here")]
async fn go(stage: &Stage, holder: &str, request: &Request) -> Result<Outcome, Failure> {
    let world = World { secrets: stage.store(), lease: stage.lease(holder, Timing::default()), begin: Instant::now() };
    let issuer = issuer();
    let policy = Policy::new(&PolicyValues::default()).expect("the defaults are valid");
    let deadlines = Deadlines { step: LIMIT, run: LIMIT };
    run(&Composed { world: &world, issuer: &issuer, reporter: &Nobody }, &policy, request, &deadlines).await
}

async fn snapshot(stage: &Stage) -> Snapshot {
    let store = stage.store();
    Snapshot {
        authority: read(&store, Slot::Authority).await,
        server: read(&store, Slot::Server).await,
        client: read(&store, Slot::Client).await,
    }
}

fn forced(id: &str) -> Request {
    Request::Rotate(Some(Force { id: RotationId::parse(id).expect("an identity"), scope: Scope::Leaves }))
}

#[tokio::test]
async fn bootstrap_makes_all_three_and_a_second_one_changes_nothing_and_takes_no_lease() {
    let Some(stage) = Stage::set().await else { return };
    let outcome = go(&stage, "first", &Request::Bootstrap).await.expect("it can be made");
    assert_eq!(outcome.steps.len(), 3);
    let made = snapshot(&stage).await;
    let keys: Vec<_> = made.authority.as_ref().expect("it was made").material.entries.keys().cloned().collect();
    assert_eq!(keys, ["authority-1.crt", "authority-1.key"]);
    let lease = lease_version(&stage).await;
    let again = go(&stage, "second", &Request::Bootstrap).await.expect("there is nothing to do");
    assert!(again.steps.is_empty(), "{again:?}");
    let now = snapshot(&stage).await;
    for slot in [Slot::Authority, Slot::Server, Slot::Client] {
        assert_eq!(made.stored(slot), now.stored(slot));
    }
    assert_eq!(lease_version(&stage).await, lease);
}

async fn lease_version(stage: &Stage) -> Option<String> {
    let api: kube::Api<k8s_openapi::api::coordination::v1::Lease> =
        kube::Api::namespaced(stage.client.clone(), &stage.namespace);
    api.get("newleaf").await.expect("the Lease is there").metadata.resource_version
}

#[tokio::test]
async fn two_bootstraps_at_once_make_one_authority() {
    let Some(stage) = Stage::set().await else { return };
    let (one, other) = tokio::join!(go(&stage, "one", &Request::Bootstrap), go(&stage, "other", &Request::Bootstrap));
    let steps = one.expect("one of them does it").steps.len() + other.expect("the other one finds it").steps.len();
    assert_eq!(steps, 3, "one authority, two leaves");
}

#[tokio::test]
async fn a_forced_rotation_replaces_both_leaves_once_for_its_identity() {
    let Some(stage) = Stage::set().await else { return };
    go(&stage, "first", &Request::Bootstrap).await.expect("it can be made");
    let before = snapshot(&stage).await;
    assert_eq!(go(&stage, "second", &forced("leak-1")).await.expect("it can be rotated").steps.len(), 2);
    assert!(go(&stage, "third", &forced("leak-1")).await.expect("it was done").steps.is_empty());
    let after = snapshot(&stage).await;
    assert_eq!(before.authority, after.authority);
    assert_ne!(before.server, after.server);
    assert_ne!(before.client, after.client);
}

#[tokio::test]
async fn a_lost_authority_is_never_replaced_silently() {
    let Some(stage) = Stage::set().await else { return };
    go(&stage, "first", &Request::Bootstrap).await.expect("it can be made");
    drop(stage.secrets().delete("authority", &kube::api::DeleteParams::default()).await.expect("it can be deleted"));
    let failure = go(&stage, "second", &Request::Bootstrap).await.expect_err("it is lost");
    assert_eq!(failure.code(), Code::AuthorityLost, "{failure}");
}
