//! Restarts that get on.

use base::diagnosis::Code;
use base::workload_kind::WorkloadKind;
use rotation::document::cluster::{Choice, ClusterPickup};
use rotation::engine::facts::{Loaded, Peer};

use crate::ground::{Ground, LIMIT, SHORT, idle};

fn named() -> Choice {
    Choice::Named("it".to_owned())
}

async fn restarts(test: &str, kind: WorkloadKind, api: &str, spec: &str) {
    let Some(ground) = Ground::new(test).await else { return };
    let ground = ground.restarts(kind, named());
    ground.runs(&format!("{}/it", kind.as_str()), &idle(api, "it", spec));
    let before = ground.loaded("it").await;
    assert!(matches!(&before, Loaded::Stale(why) if why.starts_with("pod it-")), "{before:?}");
    let former = ground.of_pods(".metadata.uid");
    ground.roll("it", LIMIT).await.expect("the rollout ends");
    assert_eq!(ground.loaded("it").await, Loaded::Current);
    assert_eq!(ground.hashes(), [ground.hash(Peer::Client)].into(), "every pod carries the new hash");
    assert!(ground.of_pods(".metadata.uid").iter().all(|pod| !former.contains(pod)), "every pod is another one");
    // The same again does nothing.
    let pods = ground.of_pods(".metadata.uid");
    ground.roll("it", LIMIT).await.expect("there is nothing to wait for");
    assert_eq!(ground.of_pods(".metadata.uid"), pods);
}

#[tokio::test]
async fn a_deployment_is_restarted() {
    restarts("deployment", WorkloadKind::Deployment, "Deployment", "replicas: 2,").await;
}

#[tokio::test]
async fn a_stateful_set_is_restarted() {
    restarts("statefulset", WorkloadKind::StatefulSet, "StatefulSet", "replicas: 2, serviceName: it,").await;
}

#[tokio::test]
async fn a_daemon_set_is_restarted() {
    restarts("daemonset", WorkloadKind::DaemonSet, "DaemonSet", "").await;
}

#[tokio::test]
async fn a_deployment_that_ends_its_pods_first_is_restarted() {
    restarts("recreate", WorkloadKind::Deployment, "Deployment", "strategy: {type: Recreate},").await;
}

#[tokio::test]
async fn all_workloads_with_the_labels_are_restarted() {
    let Some(ground) = Ground::new("labels").await else { return };
    let ground = ground.restarts(WorkloadKind::Deployment, Choice::Labelled("team in (blue)".to_owned()));
    let missing = ground.loaded("it").await;
    assert!(matches!(&missing, Loaded::Unknown(unusable) if unusable.why.contains("has the labels")), "{missing:?}");
    assert_eq!(ground.fails("it", SHORT).await.code(), Code::ObjectMissing);
    ground.runs("deployment/one", &idle("Deployment", "one", ""));
    ground.runs("deployment/two", &idle("Deployment", "two", ""));
    ground.runs("deployment/other", &idle("Deployment", "other", "").replace("team: blue", "team: red"));
    let other = ground.of_pods(".metadata.name").into_iter().find(|name| name.starts_with("other-"));
    ground.roll("it", LIMIT).await.expect("both rollouts end");
    assert_eq!(ground.loaded("it").await, Loaded::Current);
    let pods = ground.of_pods(".metadata.name");
    assert!(pods.contains(&other.expect("it has a pod")), "the one without the label is left alone: {pods:?}");
    assert_eq!(ground.hashes(), [String::new(), ground.hash(Peer::Client)].into());
}

#[tokio::test]
async fn a_workload_that_loads_both_leaves_is_rolled_once_for_both() {
    let Some(ground) = Ground::new("both").await else { return };
    let restart = || ClusterPickup::Restart;
    let ground = ground.consumer("as-client", Peer::Client, restart(), WorkloadKind::Deployment, named()).consumer(
        "as-server",
        Peer::Server,
        restart(),
        WorkloadKind::Deployment,
        named(),
    );
    ground.runs("deployment/it", &idle("Deployment", "it", ""));
    ground.roll("as-server", LIMIT).await.expect("the rollout ends");
    assert_eq!(ground.loaded("as-client").await, Loaded::Current);
    let generation =
        || ground.namespace.kubectl(&["get", "deployment/it", "--output", "jsonpath={.metadata.generation}"]);
    assert_eq!(generation(), "2");
    // A change of one leaf keeps the mark of the other.
    ground.renew(Peer::Client, 0x202);
    ground.roll("as-client", LIMIT).await.expect("the rollout ends");
    assert_eq!(ground.loaded("as-server").await, Loaded::Current);
    assert_eq!(generation(), "3");
}

#[tokio::test]
async fn a_pod_that_was_made_after_the_secret_was_written_has_loaded_it() {
    let Some(ground) = Ground::new("after").await else { return };
    let ground = ground.restarts(WorkloadKind::Deployment, named());
    ground.runs("deployment/it", &idle("Deployment", "it", ""));
    ground.written.set(Some("2020-01-01T00:00:00Z".parse().expect("it is a time")));
    assert_eq!(ground.loaded("it").await, Loaded::Current);
    ground.written.set(Some("2099-01-01T00:00:00Z".parse().expect("it is a time")));
    assert!(matches!(ground.loaded("it").await, Loaded::Stale(_)));
}

#[tokio::test]
async fn a_workload_without_replicas_does_not_run() {
    let Some(ground) = Ground::new("zero").await else { return };
    let ground = ground.restarts(WorkloadKind::Deployment, named());
    let missing = ground.loaded("it").await;
    assert!(
        matches!(&missing, Loaded::Unknown(unusable) if unusable.why.starts_with("deployment/it does not exist")),
        "{missing:?}"
    );
    assert_eq!(ground.fails("it", SHORT).await.code(), Code::ObjectMissing);
    ground.runs("deployment/it", &idle("Deployment", "it", "replicas: 0,"));
    assert_eq!(ground.loaded("it").await, Loaded::NotRunning);
    ground.roll("it", LIMIT).await.expect("there is no pod to wait for");
}
