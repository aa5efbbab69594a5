//! Other owners, other inventories, missing kinds, and faults of the API server.

use base::diagnosis::{Class, Code};
use http::StatusCode;
use serde_json::json;

use crate::meter::Meter;
use crate::stage::Stage;

#[tokio::test]
async fn a_field_of_another_manager_is_named_and_left_alone() {
    let Some(stage) = Stage::set().await else { return };
    stage.install("", &Meter::new()).await.expect("it is installed");
    let scaled = json!({"spec": {"replicas": 5}});
    stage.meddle(&stage.path("apps/v1", "deployments", "backstage"), "their-autoscaler", &scaled).await;
    let failure = stage.install("", &Meter::new()).await.expect_err("it is theirs");
    assert_eq!(failure.code(), Code::ObjectConflict, "{failure}");
    let told = failure.to_string();
    assert!(told.contains("their-autoscaler") && told.contains(".spec.replicas"), "{told}");
    assert_eq!(failure.object(), Some(format!("Deployment {}/backstage", stage.namespace)));
    let deployment = stage.read("apps/v1", "Deployment", "backstage").await.expect("it is there");
    assert_eq!(deployment["spec"]["replicas"], 5);

    for other in [".spec.paused", "Deployment/other:.spec.replicas"] {
        let failure = stage.install_over("", &Meter::new(), &[other]).await.expect_err("that is another field");
        assert_eq!(failure.code(), Code::ObjectConflict, "{failure}");
    }
    let report = stage.install_over("", &Meter::new(), &["Deployment/backstage:.spec.replicas"]).await;
    assert_eq!(report.expect("it is taken over").repaired.len(), 1);
    let deployment = stage.read("apps/v1", "Deployment", "backstage").await.expect("it is there");
    assert_eq!(deployment["spec"]["replicas"], 1);
    stage.install("", &Meter::new()).await.expect("it is ours now");
}

#[tokio::test]
async fn an_inventory_or_a_member_of_others_is_refused() {
    let Some(stage) = Stage::set().await else { return };
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": stage.namespace}});
    stage.make("/api/v1/namespaces", &namespace).await;
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "backstage-inventory",
        "annotations": {"applyset.kubernetes.io/tooling": "kubectl/v1.33.0"}}});
    stage.make(&stage.path("v1", "configmaps", ""), &theirs).await;
    let failure = stage.install("", &Meter::new()).await.expect_err("it is kubectl's");
    assert_eq!(failure.code(), Code::InventoryForeign, "{failure}");
    assert!(failure.to_string().contains("kubectl/v1.33.0"), "{failure}");
    stage.delete(&stage.path("v1", "configmaps", "backstage-inventory")).await;

    let service = json!({"apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "backstage", "labels": {"applyset.kubernetes.io/part-of": "applyset-other-v1"}},
        "spec": {"ports": [{"port": 1}]}});
    stage.make(&stage.path("v1", "services", ""), &service).await;
    let failure = stage.install("", &Meter::new()).await.expect_err("it is of another set");
    assert_eq!(failure.code(), Code::MemberForeign, "{failure}");
    assert!(failure.to_string().contains("applyset-other-v1"), "{failure}");
}

#[tokio::test]
async fn what_cannot_be_changed_in_place_is_told() {
    let Some(stage) = Stage::set().await else { return };
    stage.install("", &Meter::new()).await.expect("it is installed");
    let text = "database: {storage: {size: 77Gi}}";
    let failure = stage.install(text, &Meter::new()).await.expect_err("claims are immutable");
    assert_eq!(failure.code(), Code::FieldImmutable, "{failure}");
    assert_eq!(failure.object(), Some(format!("StatefulSet {}/postgres", stage.namespace)));
}

#[tokio::test]
async fn each_fault_ends_with_a_code_of_its_own_and_the_next_run_converges() {
    let Some(stage) = Stage::set().await else { return };
    for (status, class) in [
        (StatusCode::CONFLICT, Class::Conflict),
        (StatusCode::TOO_MANY_REQUESTS, Class::Temporary),
        (StatusCode::INTERNAL_SERVER_ERROR, Class::Temporary),
        (StatusCode::UNAUTHORIZED, Class::Temporary),
        (StatusCode::FORBIDDEN, Class::Refused),
    ] {
        for at in [1, 2, 9] {
            let failure = stage.install("", &Meter::faulty(at, status)).await;
            // Later runs have fewer requests to fail.
            if let Err(failure) = failure {
                assert_eq!(failure.class(), class, "{status} at {at}: {failure}");
            }
        }
    }
    stage.install("", &Meter::new()).await.expect("it is installed");
    let meter = Meter::new();
    stage.install("", &meter).await.expect("it is installed");
    assert_eq!(meter.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn an_autoscaler_argo_cd_and_helm_are_named_and_their_field_is_left_alone() {
    let Some(stage) = Stage::set().await else { return };
    let replicas = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "backstage"},
        "spec": {"replicas": 5}});
    for (manager, subresource, query, kind) in [
        // A HorizontalPodAutoscaler writes the subresource `scale`, by the controller that all of them share.
        ("kube-controller-manager", "/scale", "", "application/merge-patch+json"),
        ("argocd-controller", "", "&force=true", "application/apply-patch+yaml"),
        ("helm", "", "", "application/strategic-merge-patch+json"),
    ] {
        stage.install_over("", &Meter::new(), &[".spec.replicas"]).await.expect("it is installed");
        let path = stage.path("apps/v1", "deployments", "backstage") + subresource;
        let written = if subresource.is_empty() { replicas.clone() } else { json!({"spec": {"replicas": 5}}) };
        stage.change(&format!("{path}?fieldManager={manager}{query}"), kind, &written).await;
        let failure = stage.install("", &Meter::new()).await.expect_err(manager);
        assert_eq!(failure.code(), Code::ObjectConflict, "{failure}");
        let told = failure.to_string();
        assert!(told.contains(manager) && told.contains(".spec.replicas"), "{manager}: {told}");
        assert_eq!(failure.object(), Some(format!("Deployment {}/backstage", stage.namespace)), "{manager}");
        let deployment = stage.read("apps/v1", "Deployment", "backstage").await.expect("it is there");
        assert_eq!(deployment["spec"]["replicas"], 5, "{manager}");
        let owners = deployment["metadata"]["managedFields"].as_array().expect("owners");
        assert!(owners.iter().any(|entry| entry["manager"] == manager), "{manager} still owns it: {owners:?}");
    }
}
