//! The authority's Secret is gone and the leaves are there: the way out that docs/guides/day-two.md describes, with the
//! rights that the CronJob's account has.

use base::diagnosis::{Code, Failure};
use k8s_openapi::api::rbac::v1::PolicyRule;
use kube::Client;
use kube::api::{DeleteParams, Patch, PatchParams};
use rotation::engine::ports::Issuer;
use rotation::engine::report::Outcome;
use rotation::engine::request::Request;
use rotation::manifests::grants::{Actor, grants};
use serde_json::json;

use crate::ground::{Ground, Mode, rollover};
use crate::runs::{Runner, SERVER, issuer};

/// Workloads that run, with leaves of an authority that an operator has deleted.
async fn lost() -> Option<Ground> {
    let before = Mode::Forced.before().await?;
    let ground = Ground::set(&before).await;
    let secrets = ground.stage.secrets();
    drop(secrets.delete("authority", &DeleteParams::default()).await.expect("it can be deleted"));
    Some(ground)
}

/// A client with the rights of the CronJob's account.
async fn account(ground: &Ground) -> Client {
    let granted = grants(&ground.place()).into_iter().filter(|grant| grant.account == Actor::Rotation);
    let rule = |grant: rotation::manifests::grants::Grant| PolicyRule {
        api_groups: Some(vec![grant.group.to_owned()]),
        resources: Some(vec![grant.resource.to_owned()]),
        resource_names: Some(grant.names).filter(|names| !names.is_empty()),
        verbs: vec![grant.verb.to_owned()],
        ..PolicyRule::default()
    };
    ground.stage.account(granted.map(rule).collect()).await
}

async fn go(ground: &Ground, client: &Client, request: &Request) -> Result<Outcome, Failure> {
    Runner::new(ground.controllers.client(client), ground.place(), "mender").run(request).await
}

/// The Lease is there from the first bootstrap.
async fn make_lease(ground: &Ground) {
    let before = ground.stage.lease("before", kubernetes::lease::Timing::default());
    base::lease::Lease::acquire(&before, crate::stage::LIMIT).await.expect("the Lease is free");
    base::lease::Lease::release(&before).await.expect("it can be given back");
}

/// One authority, trusted by both, that has signed both leaves; and no peer was shut out on the way.
async fn assert_mended(ground: &Ground) {
    assert_eq!(ground.damage().await, Vec::<String>::new());
    let inspection = issuer(SERVER).inspect(&ground.stage.snapshot().await, chrono::Utc::now());
    let authorities = inspection.authorities.present().expect("there is one again");
    assert_eq!(authorities.len(), 1);
    for leaf in [&inspection.server, &inspection.client] {
        let leaf = leaf.present().expect("it is there");
        assert_eq!(leaf.signer.expect("an authority signed it").fingerprint, authorities[0].fingerprint);
        assert_eq!(leaf.trust, [authorities[0].anchor].into(), "the old root is not trusted any more");
    }
}

#[tokio::test]
async fn an_empty_secret_with_our_label_is_filled_by_the_account_that_may_not_make_one() {
    let Some(ground) = lost().await else { return };
    make_lease(&ground).await;
    let account = account(&ground).await;
    for request in [Request::Bootstrap, Request::Rotate(None)] {
        let failure = go(&ground, &account, &request).await.expect_err("the operator asked for no new one");
        assert_eq!(failure.code(), Code::AuthorityLost, "{failure}");
    }
    let failure = go(&ground, &account, &rollover("LOST-1")).await.expect_err("it may not be made");
    assert_eq!(failure.code(), Code::SecretAbsent, "{failure}");

    ground.stage.put("authority", "Opaque", &[]).await;
    let failure = go(&ground, &account, &rollover("LOST-1")).await.expect_err("another tool made it");
    assert_eq!(failure.code(), Code::SecretForeign, "{failure}");

    let label = Patch::Merge(json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": "newleaf"}}}));
    let person = PatchParams { field_manager: Some("kubectl-label".to_owned()), ..PatchParams::default() };
    ground.stage.secrets().patch("authority", &person, &label).await.expect("it can be labelled");
    let failure = go(&ground, &account, &Request::Rotate(None)).await.expect_err("it is still empty");
    assert_eq!(failure.code(), Code::AuthorityLost, "{failure}");
    let outcome = go(&ground, &account, &rollover("LOST-1")).await.expect("now it can be filled");
    assert!(!outcome.steps.is_empty());
    assert_mended(&ground).await;
    let again = go(&ground, &account, &rollover("LOST-1")).await.expect("it was done");
    assert!(again.steps.is_empty(), "{again:?}");
}

#[tokio::test]
async fn a_person_who_may_create_secrets_needs_one_command() {
    let Some(ground) = lost().await else { return };
    go(&ground, &ground.stage.client, &rollover("LOST-1")).await.expect("it can be made");
    assert_mended(&ground).await;
}
