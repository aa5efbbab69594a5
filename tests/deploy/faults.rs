//! Connections that break, policies and webhooks that refuse, a death within a wait: each ends with its own code within its
//! deadline, and the next run converges.

use std::time::{Duration, Instant};

use base::diagnosis::{Class, Code, Failure};
use deploy::cluster::StackCluster;
use serde_json::{Value, json};

use crate::meter::Meter;
use crate::stage::Stage;

/// What any of these may take, on a busy machine; each request has 30 s.
const SOON: Duration = Duration::from_secs(25);

/// Installs until nothing is left to do, and proves it.
async fn converges(stage: &Stage, text: &str) {
    stage.install(text, &Meter::new()).await.expect("the next run finishes it");
    let meter = Meter::new();
    stage.install(text, &meter).await.expect("it is installed");
    assert_eq!(meter.writes(), Vec::<String>::new());
}

async fn fails(stage: &Stage, meter: &Meter) -> Failure {
    let start = Instant::now();
    let failure = stage.install("", meter).await.expect_err("it cannot succeed");
    assert!(start.elapsed() < SOON, "{failure}: {:?}", start.elapsed());
    failure
}

/// The cluster, with the namespace of the stack: what refuses objects there names it.
async fn with_namespace(stage: &Stage) -> StackCluster {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": stage.namespace}});
    let cluster = stage.cluster(&Meter::new());
    cluster.apply(&namespace, false).await.expect("it can be made");
    cluster
}

#[tokio::test]
async fn a_connection_that_is_cut_anywhere_is_temporary_and_the_next_run_goes_on() {
    let Some(stage) = Stage::set().await else { return };
    let meter = Meter::new();
    stage.install("", &meter).await.expect("it is installed");
    let requests = meter.requests().len();
    let Some(stage) = Stage::set().await else { return };
    // Each run comes further than the one before: what took effect before the cut stays.
    let mut cuts = 0;
    for at in (1..=requests).step_by(4) {
        if let Err(failure) = stage.install("", &Meter::cutting(at)).await {
            assert_eq!(
                (failure.code(), failure.class()),
                (Code::ApiUnreachable, Class::Temporary),
                "at {at}: {failure}"
            );
            cuts += 1;
        }
    }
    assert!(cuts > 3, "only {cuts} of {requests} requests were cut");
    converges(&stage, "").await;
}

/// A policy of the cluster that refuses one kind of object in one namespace.
fn policy(name: &str, namespace: &str) -> [Value; 2] {
    let metadata = json!({"name": name});
    let rules = json!([{"apiGroups": ["batch"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
        "resources": ["cronjobs"]}]);
    let expression = format!("object.metadata.namespace != '{namespace}'");
    [
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
            "metadata": metadata, "spec": {"matchConstraints": {"resourceRules": rules},
            "validations": [{"expression": expression, "message": "ask the platform team"}]}}),
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": metadata, "spec": {"policyName": name, "validationActions": ["Deny"]}}),
    ]
}

/// Waits until the API server refuses the rotation's CronJob, or takes it.
async fn until_refused(stage: &Stage, is_refused: bool) {
    let probe = json!({"apiVersion": "batch/v1", "kind": "CronJob",
        "metadata": {"name": "probe", "namespace": stage.namespace}, "spec": {"schedule": "0 0 * * *",
        "jobTemplate": {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1"}]}}}}}});
    let cluster = stage.cluster(&Meter::new());
    let deadline = Instant::now() + SOON;
    while cluster.apply(&probe, true).await.is_err() != is_refused {
        assert!(Instant::now() < deadline, "the API server does not follow");
    }
}

#[tokio::test]
async fn a_policy_that_refuses_is_told_in_its_words_and_what_was_applied_before_stays() {
    let Some(stage) = Stage::set().await else { return };
    let cluster = with_namespace(&stage).await;
    let [policy, binding] = policy(&format!("none-{}", stage.namespace), &stage.namespace);
    let policy = cluster.apply(&policy, false).await.expect("it can be made");
    cluster.apply(&binding, false).await.expect("it can be made");
    until_refused(&stage, true).await;
    let failure = fails(&stage, &Meter::new()).await;
    assert_eq!((failure.code(), failure.class()), (Code::RequestRefused, Class::Refused), "{failure}");
    assert!(failure.to_string().contains("ask the platform team"), "{failure}");
    assert!(failure.object().is_some_and(|object| object.to_lowercase().contains("cronjob")), "{failure:?}");
    assert!(stage.read("apps/v1", "Deployment", "backstage").await.is_some(), "it came before");
    assert!(stage.read("batch/v1", "CronJob", "newleaf").await.is_none(), "it is refused");
    cluster.remove(&policy).await.expect("it can be removed");
    until_refused(&stage, false).await;
    converges(&stage, "").await;
}

#[tokio::test]
async fn a_webhook_that_does_not_answer_is_named_within_the_deadline() {
    let Some(stage) = Stage::set().await else { return };
    let cluster = with_namespace(&stage).await;
    let webhook = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": format!("dead-{}", stage.namespace)},
        "webhooks": [{"name": "dead.example.org", "clientConfig": {"url": "https://127.0.0.1:9/"},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": stage.namespace}},
            "rules": [{"apiGroups": ["batch"], "apiVersions": ["v1"], "operations": ["*"], "resources": ["cronjobs"]}],
            // A dry run asks it, too.
            "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 1}]});
    let webhook = cluster.apply(&webhook, false).await.expect("it can be made");
    until_refused(&stage, true).await;
    let failure = fails(&stage, &Meter::new()).await;
    assert_eq!((failure.code(), failure.class()), (Code::ApiError, Class::Temporary), "{failure}");
    assert!(failure.to_string().contains("dead.example.org"), "{failure}");
    cluster.remove(&webhook).await.expect("it can be removed");
    until_refused(&stage, false).await;
    converges(&stage, "").await;
}

#[tokio::test]
async fn a_wait_ends_at_its_limit_and_a_death_within_it_loses_nothing() {
    let Some(stage) = Stage::set().await else { return };
    let (limit, meter, start) = (Duration::from_secs(2), Meter::new(), Instant::now());
    let failure = stage.install_waiting("", &meter, limit).await.expect_err("no controller makes it ready");
    assert!(start.elapsed() >= limit && start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!((failure.code(), failure.class()), (Code::NotReadyInTime, Class::Temporary), "{failure}");
    assert_eq!(failure.object(), Some(format!("Job {}/newleaf-bootstrap", stage.namespace)));
    assert!(stage.read("apps/v1", "Deployment", "backstage").await.is_none(), "its phase did not begin");

    // After it wrote the Job, that run only looked: this one dies in the third look.
    let Some(stage) = Stage::set().await else { return };
    let is_job = |request: &String| request.starts_with("PATCH ") && request.contains("/jobs/");
    let last_write = meter.requests().iter().rposition(is_job).expect("it wrote the Job");
    assert!(meter.requests()[last_write + 1..].iter().take(5).all(|request| request.starts_with("GET ")));
    let dying = Meter::dying(last_write + 4);
    assert!(dying.spend(stage.install_waiting("", &dying, SOON)).await.is_none(), "it died");
    converges(&stage, "").await;
}
