//! Installing, again, with a change, after drift, and with something left out.

use serde_json::json;

use crate::meter::Meter;
use crate::stage::Stage;

const INGRESS: &str = "host: portal.example.org\ningress: {className: nginx}";

#[tokio::test]
async fn a_second_install_sends_no_write_and_changes_no_version() {
    let Some(stage) = Stage::set().await else { return };
    for text in ["", "backstage: {replicas: 2}\nmonitoring: {alerts: false}\ndatabase: {cpu: 1000m, memory: 1024Mi}"] {
        let first = stage.install(text, &Meter::new()).await.expect("it is installed");
        let before = stage.versions(text).await;
        let meter = Meter::new();
        let second = stage.install(text, &meter).await.expect("it is installed");
        assert_eq!(meter.writes(), Vec::<String>::new());
        let takes = |request: &String| request.contains("/leases") && !request.starts_with("GET ");
        assert!(!meter.requests().iter().any(takes), "it needs no turn");
        assert_eq!(stage.versions(text).await, before);
        assert_eq!(second.unchanged, before.len(), "{second:?}");
        let (requests, objects) = (meter.requests().len(), before.len());
        println!("{objects} objects, first {} created, second install {requests} requests", first.created.len());
        assert!(requests <= objects + 5, "{requests} requests for {objects} objects: {:#?}", meter.requests());
    }
}

#[tokio::test]
async fn one_changed_field_changes_one_object() {
    let Some(stage) = Stage::set().await else { return };
    stage.install("", &Meter::new()).await.expect("it is installed");
    let before = stage.versions("").await;
    let report = stage.install("rotation: {schedule: 30 4 * * *}", &Meter::new()).await.expect("it is installed");
    assert_eq!(report.changed, [format!("CronJob {}/newleaf", stage.namespace)], "{report:?}");
    let after = stage.versions("").await;
    let changed: Vec<_> = after.iter().filter(|(key, version)| before.get(*key) != Some(version)).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
}

#[tokio::test]
async fn what_was_deleted_or_taken_away_is_repaired() {
    let Some(stage) = Stage::set().await else { return };
    stage.install("", &Meter::new()).await.expect("it is installed");
    let before = stage.versions("").await;
    stage.delete(&stage.path("v1", "services", "backstage")).await;
    let limits = json!({"spec": {"template": {"metadata": {"labels": {"app.kubernetes.io/part-of": null}}}}});
    stage.meddle(&stage.path("apps/v1", "deployments", "backstage"), "somebody", &limits).await;
    let meter = Meter::new();
    let report = stage.install("", &meter).await.expect("it is installed");
    assert_eq!(report.created, [format!("Service {}/backstage", stage.namespace)], "{report:?}");
    assert_eq!(report.repaired, [format!("Deployment {}/backstage", stage.namespace)], "{report:?}");
    assert_eq!(meter.writes().len(), 2, "{:?}", meter.writes());
    assert_eq!(stage.versions("").await.len(), before.len());
}

#[tokio::test]
async fn what_others_add_stays_and_is_no_drift() {
    let Some(stage) = Stage::set().await else { return };
    stage.install("", &Meter::new()).await.expect("it is installed");
    let added = json!({"metadata": {"labels": {"theirs": "x"}},
        "spec": {"template": {"metadata": {"annotations": {"newleaf.dev/client-hash": "abc"}}}}});
    stage.meddle(&stage.path("apps/v1", "deployments", "backstage"), "newleaf", &added).await;
    let meter = Meter::new();
    stage.install("", &meter).await.expect("it is installed");
    assert_eq!(meter.writes(), Vec::<String>::new());
    // Nor does a change of the stack take it away.
    stage.install("backstage: {startupSeconds: 500}", &Meter::new()).await.expect("it is installed");
    let deployment = stage.read("apps/v1", "Deployment", "backstage").await.expect("it is there");
    assert_eq!(deployment["spec"]["template"]["metadata"]["annotations"]["newleaf.dev/client-hash"], "abc");
    assert_eq!(deployment["metadata"]["labels"]["theirs"], "x");
}

#[tokio::test]
async fn what_is_no_longer_rendered_is_pruned_and_nothing_else() {
    let Some(stage) = Stage::set().await else { return };
    stage.install(INGRESS, &Meter::new()).await.expect("it is installed");
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs"}});
    stage.make(&stage.path("v1", "configmaps", ""), &theirs).await;
    let before = stage.versions(INGRESS).await;
    let report = stage.install("", &Meter::new()).await.expect("it is installed");
    let after = stage.versions(INGRESS).await;
    let gone: Vec<&String> = before.keys().filter(|key| !after.contains_key(*key)).collect();
    assert_eq!(report.pruned.iter().collect::<Vec<_>>(), gone, "{report:?}");
    assert!(gone.iter().any(|key| key.starts_with("Ingress ")), "{gone:?}");
    assert!(stage.read("v1", "ConfigMap", "theirs").await.is_some());
    let inventory = stage.read("v1", "ConfigMap", "backstage-inventory").await.expect("it is there");
    let kinds = inventory["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"].as_str();
    assert!(kinds.is_some_and(|kinds| !kinds.contains("Ingress.networking.k8s.io")), "{kinds:?}");
    let meter = Meter::new();
    stage.install("", &meter).await.expect("it is installed");
    assert_eq!(meter.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_changed_reference_changes_the_deployment_once() {
    let Some(stage) = Stage::set().await else { return };
    let text = "backstage: {envFrom: [{secret: theirs}]}";
    stage.install("", &Meter::new()).await.expect("it is installed");
    let secret = |token: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "theirs"}, "stringData": {"token": token}});
    stage.make(&stage.path("v1", "secrets", ""), &secret("one")).await;
    stage.install(text, &Meter::new()).await.expect("it is installed");
    let quiet = stage.install(text, &Meter::new()).await.expect("it is installed");
    assert_eq!(quiet.changed, Vec::<String>::new());
    stage
        .meddle(&stage.path("v1", "secrets", "theirs"), "somebody", &json!({"metadata": {"labels": {"a": "b"}}}))
        .await;
    let labelled = stage.install(text, &Meter::new()).await.expect("it is installed");
    assert_eq!(labelled.changed, Vec::<String>::new(), "a label is no content");
    stage.meddle(&stage.path("v1", "secrets", "theirs"), "somebody", &json!({"stringData": {"token": "two"}})).await;
    let report = stage.install(text, &Meter::new()).await.expect("it is installed");
    assert_eq!(report.changed, [format!("Deployment {}/backstage", stage.namespace)], "{report:?}");
    let again = stage.install(text, &Meter::new()).await.expect("it is installed");
    assert_eq!(again.changed, Vec::<String>::new());
}
