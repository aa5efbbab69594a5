//! What is not written, and what a person is told.

use std::rc::Rc;

use base::diagnosis::{Class, Code, Failure};
use base::lease::Lease;
use kube::api::{Patch, PatchParams, PostParams};
use kubernetes::lease::Timing;
use rotation::engine::material::{Material, SecretBytes, Slot};
use rotation::engine::ports::Store;
use serde_json::json;

use crate::stage::{LIMIT, Stage, material, read, replace, rule, store};

/// What comes of writing over what is there, which must stay as it is.
async fn refusal(stage: &Stage, material: &Material) -> Failure {
    let store = stage.store();
    let stored = read(&store, Slot::Server).await.expect("it is there");
    let written = store.write(Slot::Server, Some(&stored.revision), material).await;
    let now = read(&store, Slot::Server).await.expect("it is there");
    assert_eq!(now, stored, "nothing was written");
    written.expect_err("it is refused")
}

#[tokio::test]
async fn a_secret_that_another_tool_made_is_refused_until_it_is_adopted() {
    let Some(stage) = Stage::set().await else { return };
    stage.put("server", "Opaque", &[("tls.crt", "theirs"), ("tls.key", "theirs"), ("other", "x")]).await;
    let failure = refusal(&stage, &material("ours")).await;
    assert_eq!(failure.code(), Code::SecretForeign);
    assert!(failure.to_string().contains("kubectl-create wrote its values"), "{failure}");
    replace(&stage.adopting(), Slot::Server, &material("ours")).await;
    // From now on it is ours, even where a value stayed as it was.
    replace(&stage.store(), Slot::Server, &material("newer")).await;
    assert_eq!(read(&stage.store(), Slot::Server).await.expect("it is there").material, material("newer"));
    assert_eq!(stage.secret("server").await.data.expect("data")["other"].0, b"x");
}

#[tokio::test]
async fn a_secret_of_ours_whose_values_another_tool_wrote_is_refused_until_it_is_adopted() {
    let Some(stage) = Stage::set().await else { return };
    replace(&stage.store(), Slot::Server, &material("ours")).await;
    let parameters = PatchParams { field_manager: Some("intruder".to_owned()), ..PatchParams::default() };
    let patch = Patch::Merge(json!({"data": {"tls.crt": "dGhlaXJz"}}));
    stage.secrets().patch("server", &parameters, &patch).await.expect("anybody may write it");
    let failure = refusal(&stage, &material("newer")).await;
    assert_eq!(failure.code(), Code::SecretForeign);
    assert!(failure.to_string().contains("intruder"), "{failure}");
    let same = read(&stage.store(), Slot::Server).await.expect("it is there").material;
    replace(&stage.adopting(), Slot::Server, &same).await;
    replace(&stage.store(), Slot::Server, &material("newer")).await;
}

#[tokio::test]
async fn an_immutable_secret_is_refused() {
    let Some(stage) = Stage::set().await else { return };
    replace(&stage.store(), Slot::Server, &material("ours")).await;
    let patch = Patch::Merge(json!({"immutable": true}));
    stage.secrets().patch("server", &PatchParams::default(), &patch).await.expect("it can be frozen");
    assert_eq!(refusal(&stage, &material("newer")).await.code(), Code::SecretImmutable);
}

#[tokio::test]
async fn a_secret_of_a_type_with_other_rules_is_refused() {
    let Some(stage) = Stage::set().await else { return };
    stage.put("server", "example.org/keystore", &[("tls.crt", "theirs")]).await;
    assert_eq!(refusal(&stage, &material("ours")).await.code(), Code::SecretTypeWrong);
}

#[tokio::test]
async fn more_than_a_secret_can_hold_is_refused_with_what_others_keep_in_it() {
    let Some(stage) = Stage::set().await else { return };
    let mut large = material("ours");
    replace(&stage.store(), Slot::Server, &large).await;
    let others = json!({"data": {"other": "QUFB".repeat(100_000)}});
    stage.secrets().patch("server", &PatchParams::default(), &Patch::Merge(others)).await.expect("there is room");
    large.entries.insert("ca.crt".to_owned(), SecretBytes::new(vec![b'x'; 800_000]));
    let failure = refusal(&stage, &large).await;
    assert_eq!(failure.code(), Code::SecretTooLarge, "{failure}");
    large.entries.insert("ca.crt".to_owned(), SecretBytes::new(vec![b'x'; 1024 * 1024]));
    let failure = stage.store().write(Slot::Client, None, &large).await.expect_err("it is too large from the start");
    assert_eq!(failure.code(), Code::SecretTooLarge, "{failure}");
}

#[tokio::test]
async fn an_account_that_may_not_create_is_told_to_run_bootstrap() {
    let Some(stage) = Stage::set().await else { return };
    let client = stage.account(vec![rule("", "secrets", &["get", "patch"])]).await;
    let restricted = store(client.clone(), &stage.place(), false);
    let failure = restricted.write(Slot::Server, None, &material("one")).await.expect_err("it may not be created");
    assert_eq!((failure.code(), failure.class()), (Code::SecretAbsent, Class::Denied));
    assert!(failure.hint().contains("newleaf bootstrap"), "{}", failure.hint());
    assert!(failure.hint().contains("resources: [secrets], verbs: [create]"), "{}", failure.hint());
    // What is there may be replaced.
    replace(&stage.store(), Slot::Server, &material("one")).await;
    replace(&restricted, Slot::Server, &material("two")).await;
}

#[tokio::test]
async fn a_missing_right_is_named_with_the_rule_that_grants_it() {
    let Some(stage) = Stage::set().await else { return };
    let client =
        stage.account(vec![rule("", "secrets", &["get"]), rule("coordination.k8s.io", "leases", &["get"])]).await;
    replace(&stage.store(), Slot::Server, &material("one")).await;
    let restricted = store(client.clone(), &stage.place(), false);
    let stored = read(&restricted, Slot::Server).await.expect("it may be read");
    let failure = restricted.write(Slot::Server, Some(&stored.revision), &material("two")).await.expect_err("no right");
    assert_eq!((failure.code(), failure.class()), (Code::ApiForbidden, Class::Denied));
    let rule = "{apiGroups: [\"\"], resources: [secrets], resourceNames: [server], verbs: [patch]}";
    assert!(failure.hint().contains(rule), "{}", failure.hint());
    let lease = kubernetes::lease::ClusterLease::new(
        client,
        &stage.namespace,
        "us",
        Timing::default(),
        Rc::new(terminal::stop_token::StopToken::default()),
    );
    let failure = lease.acquire(LIMIT).await.expect_err("there is none, and it may not be made");
    assert_eq!((failure.code(), failure.class()), (Code::LeaseAbsent, Class::Denied));
    assert!(failure.hint().contains("newleaf bootstrap"), "{}", failure.hint());
}

#[tokio::test]
async fn a_namespace_that_is_not_there_or_on_its_way_out_is_named() {
    let Some(stage) = Stage::set().await else { return };
    let mut place = stage.place();
    place.namespace = format!("{}-missing", stage.namespace);
    let missing = store(stage.client.clone(), &place, false);
    assert_eq!(read(&missing, Slot::Server).await, None);
    let failure = missing.write(Slot::Server, None, &material("one")).await.expect_err("there is no such namespace");
    assert_eq!(failure.code(), Code::NamespaceMissing, "{failure}");

    // A finalizer that no controller removes keeps the namespace on its way out.
    let secret = serde_json::from_value(json!({"metadata": {"name": "kept", "finalizers": ["newleaf.dev/test"]}}));
    let secret = secret.expect("it is a Secret");
    stage.secrets().create(&PostParams::default(), &secret).await.expect("it can be made");
    stage.delete_namespace().await;
    let failure = stage.store().write(Slot::Server, None, &material("one")).await.expect_err("it is being deleted");
    assert_eq!(failure.code(), Code::NamespaceTerminating, "{failure}");
    let patch = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    stage.secrets().patch("kept", &PatchParams::default(), &patch).await.expect("it may go now");
}
