//! Rollouts that an operator has halted: said at once, and done by the run after it is allowed again.

use std::time::Instant;

use base::diagnosis::Code;
use base::workload_kind::WorkloadKind;
use rotation::document::cluster::Choice;
use rotation::engine::facts::{Loaded, Peer};

use crate::ground::{Ground, LIMIT, SHORT, idle};

/// For workloads that are made as they are.
const NOTHING: &[&str] = &["get", "pods"];

/// A workload that is halted, what says so, the hint, and what a person does about it.
struct Halt {
    test: &'static str,
    kind: WorkloadKind,
    manifest: String,
    steps: &'static [&'static str],
    why: &'static str,
    hint: &'static str,
    allow: &'static [&'static str],
}

#[expect(clippy::disallowed_methods, reason = "the time that it takes is what is tested")]
async fn halts(halt: Halt) {
    let Some(ground) = Ground::new(halt.test).await else { return };
    let ground = ground.restarts(halt.kind, Choice::Named("it".to_owned()));
    ground.namespace.apply(&halt.manifest);
    let pods = ["get", "pods", "--output", "jsonpath={.items[*].status.conditions[?(@.type==\"Ready\")].status}"];
    ground.namespace.until(&pods, "True");
    ground.namespace.kubectl(halt.steps);
    let former = ground.of_pods(".metadata.uid");
    let begin = Instant::now();
    let failure = ground.fails("it", LIMIT).await;
    assert!(begin.elapsed() < SHORT, "it says so at once: {:?}", begin.elapsed());
    assert_eq!(failure.code(), Code::RolloutHalted, "{failure}");
    assert!(failure.to_string().contains(halt.why), "{failure}");
    assert!(failure.hint().contains(halt.hint), "{}", failure.hint());
    assert!(ground.of_pods(".metadata.uid").iter().any(|pod| former.contains(pod)), "a pod is left alone");
    ground.namespace.kubectl(halt.allow);
    ground.roll("it", LIMIT).await.expect("the next run finishes");
    assert_eq!(ground.loaded("it").await, Loaded::Current);
    assert_eq!(ground.hashes(), [ground.hash(Peer::Client)].into());
}

#[tokio::test]
async fn a_paused_deployment_is_named() {
    halts(Halt {
        test: "paused",
        kind: WorkloadKind::Deployment,
        manifest: idle("Deployment", "it", ""),
        // Paused from the start, a Deployment makes no pod at all.
        steps: &["rollout", "pause", "deployment/it"],
        why: "its rollout is paused",
        hint: "kubectl rollout resume deployment/it",
        allow: &["rollout", "resume", "deployment/it"],
    })
    .await;
}

#[tokio::test]
async fn a_stateful_set_whose_pods_are_replaced_by_hand_is_named() {
    halts(Halt {
        test: "statefulset-ondelete",
        kind: WorkloadKind::StatefulSet,
        manifest: idle("StatefulSet", "it", "serviceName: it, updateStrategy: {type: OnDelete},"),
        steps: NOTHING,
        why: "its update strategy is OnDelete, and 1 pod is of the former template",
        hint: "Delete its old pods",
        allow: &["delete", "pod", "it-0"],
    })
    .await;
}

#[tokio::test]
async fn a_daemon_set_whose_pods_are_replaced_by_hand_is_named() {
    halts(Halt {
        test: "daemonset-ondelete",
        kind: WorkloadKind::DaemonSet,
        manifest: idle("DaemonSet", "it", "updateStrategy: {type: OnDelete},"),
        steps: NOTHING,
        why: "its update strategy is OnDelete, and 1 pod is of the former template",
        hint: "Delete its old pods",
        allow: &["delete", "pods", "--selector", "app=it"],
    })
    .await;
}

#[tokio::test]
async fn a_partition_is_named() {
    let strategy =
        "replicas: 2, serviceName: it, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}},";
    halts(Halt {
        test: "partition",
        kind: WorkloadKind::StatefulSet,
        manifest: idle("StatefulSet", "it", strategy),
        steps: NOTHING,
        why: "its partition of 1 keeps 1 pod on the former template",
        hint: "partition to 0",
        allow: &["patch", "statefulset/it", "--patch", "spec: {updateStrategy: {rollingUpdate: {partition: 0}}}"],
    })
    .await;
}
