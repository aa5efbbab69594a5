//! Whole runs on Secrets and the Lease, with real certificates. No peer loads them here.

use base::diagnosis::{Code, Failure};
use rotation::engine::material::Slot;
use rotation::engine::report::Outcome;
use rotation::engine::request::Request;

use crate::ground::forced;
use crate::runs::Runner;
use crate::stage::Stage;

async fn go(stage: &Stage, holder: &str, request: &Request) -> Result<Outcome, Failure> {
    Runner::new(stage.client.clone(), stage.place(), holder).run(request).await
}

#[tokio::test]
async fn bootstrap_makes_all_three_and_a_second_one_changes_nothing_and_takes_no_lease() {
    let Some(stage) = Stage::set().await else { return };
    let outcome = go(&stage, "first", &Request::Bootstrap).await.expect("it can be made");
    assert_eq!(outcome.steps.len(), 3);
    let made = stage.snapshot().await;
    let keys: Vec<_> = made.authority.as_ref().expect("it was made").material.entries.keys().cloned().collect();
    assert_eq!(keys, ["authority-1.crt", "authority-1.key"]);
    let lease = stage.lease_object().await.metadata.resource_version;
    let again = go(&stage, "second", &Request::Bootstrap).await.expect("there is nothing to do");
    assert!(again.steps.is_empty(), "{again:?}");
    let now = stage.snapshot().await;
    for slot in [Slot::Authority, Slot::Server, Slot::Client] {
        assert_eq!(made.stored(slot), now.stored(slot));
    }
    assert_eq!(stage.lease_object().await.metadata.resource_version, lease);
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
    let before = stage.snapshot().await;
    assert_eq!(go(&stage, "second", &forced("leak-1")).await.expect("it can be rotated").steps.len(), 2);
    assert!(go(&stage, "third", &forced("leak-1")).await.expect("it was done").steps.is_empty());
    let after = stage.snapshot().await;
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
