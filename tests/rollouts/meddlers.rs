//! Other writers of the same objects.

use base::diagnosis::Code;
use base::workload_kind::WorkloadKind;
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::api::{Patch, PatchParams};
use rotation::document::cluster::Choice;
use rotation::engine::facts::{Loaded, Peer};
use serde_json::{Value, json};

use crate::ground::{Ground, LIMIT, SHORT, container, idle};
use crate::wait::until_async;

const ANNOTATION: &str = "newleaf.dev/client-hash";

async fn slow_deployment(test: &str) -> Option<Ground> {
    let ground = Ground::new(test).await?.restarts(WorkloadKind::Deployment, Choice::Named("it".to_owned()));
    ground.runs("deployment/it", &idle("Deployment", "it", ""));
    // Its next pods never get ready, so that there is time to meddle.
    let patch = container("readinessProbe: {tcpSocket: {port: 1}}");
    ground.namespace.kubectl(&["patch", "deployment/it", "--patch", &patch]);
    Some(ground)
}

/// Writes the annotation under another manager's name.
async fn meddle(ground: &Ground, value: &Value) {
    let deployments: Api<Deployment> = Api::namespaced(ground.client.clone(), ground.namespace.name());
    let change = json!({"spec": {"template": {"metadata": {"annotations": {ANNOTATION: value}}}}});
    let meddler = PatchParams { field_manager: Some("meddler".to_owned()), ..PatchParams::default() };
    deployments.patch("it", &meddler, &Patch::Merge(change)).await.expect("meddling is allowed");
}

/// Waits until newleaf has marked the template, then writes.
async fn meddle_after(ground: &Ground, value: Value) {
    let deployments: Api<Deployment> = Api::namespaced(ground.client.clone(), ground.namespace.name());
    let marked = |it: &Deployment| serde_json::to_string(&it.spec).is_ok_and(|text| text.contains(ANNOTATION));
    let is_marked = async || marked(&deployments.get("it").await.expect("it is there"));
    until_async("newleaf has marked the template", is_marked).await;
    meddle(ground, &value).await;
}

#[tokio::test]
async fn a_manager_that_changes_the_annotation_is_named_and_one_that_removes_it_is_searched_for() {
    let cases = [
        (
            "taken",
            Value::Null,
            "removed by another field manager",
            "These managers write the template: kubectl-client-side-apply, kubectl-patch.",
        ),
        ("changed", json!("something else"), "changed by meddler", "These managers write the template: meddler."),
    ];
    for (test, value, why, hint) in cases {
        let Some(ground) = slow_deployment(test).await else { return };
        let (failure, ()) = tokio::join!(ground.fails("it", LIMIT), meddle_after(&ground, value));
        assert_eq!(failure.code(), Code::RestartReverted, "{failure}");
        assert!(failure.to_string().contains(why), "{failure}");
        assert!(failure.hint().contains(hint), "{}", failure.hint());
    }
}

#[tokio::test]
async fn an_annotation_of_another_manager_is_left_alone() {
    let Some(ground) = Ground::new("owned").await else { return };
    let ground = ground.restarts(WorkloadKind::Deployment, Choice::Named("it".to_owned()));
    ground.runs("deployment/it", &idle("Deployment", "it", ""));
    meddle(&ground, &json!("theirs")).await;
    let failure = ground.fails("it", SHORT).await;
    assert_eq!(failure.code(), Code::FieldConflict, "{failure}");
    assert!(failure.to_string().contains("\"meddler\""), "{failure}");
    let template =
        ground.namespace.kubectl(&["get", "deployment/it", "--output", "jsonpath={.spec.template.metadata}"]);
    assert!(template.contains("theirs"), "nothing was forced: {template}");
    // Gone, it is ours.
    meddle(&ground, &Value::Null).await;
    ground.roll("it", LIMIT).await.expect("the next run finishes");
    assert_eq!(ground.loaded("it").await, Loaded::Current);
}

#[tokio::test]
async fn everything_else_of_a_workload_stays_as_it_was() {
    let Some(ground) = Ground::new("untouched").await else { return };
    let ground = ground.restarts(WorkloadKind::Deployment, Choice::Named("it".to_owned()));
    ground.runs("deployment/it", &idle("Deployment", "it", ""));
    let deployments: Api<Deployment> = Api::namespaced(ground.client.clone(), ground.namespace.name());
    let bare = |mut it: Deployment| {
        let spec = it.spec.as_mut().expect("it has a specification");
        let annotations = spec.template.metadata.as_mut().and_then(|metadata| metadata.annotations.take());
        (it.spec, it.metadata.labels, annotations)
    };
    let before = bare(deployments.get("it").await.expect("it is there"));
    ground.roll("it", LIMIT).await.expect("the rollout ends");
    let after = bare(deployments.get("it").await.expect("it is there"));
    assert_eq!((after.0, after.1), (before.0, before.1));
    assert_eq!(after.2, Some([(ANNOTATION.to_owned(), ground.hash(Peer::Client))].into()));
}
