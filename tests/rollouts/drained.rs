//! A node that is drained in the middle of a rollout, under a `PodDisruptionBudget`. Needs a node with the taint
//! `newleaf.dev/further`, on which nothing else runs: `tests/cluster/cluster node further newleaf.dev/further=drained`.

use std::process::{Child, Command, Stdio};

use base::diagnosis::Code;
use base::workload_kind::WorkloadKind;
use rotation::document::cluster::Choice;
use rotation::engine::facts::{Loaded, Peer};

use crate::ground::{Ground, LIMIT, SHORT, container, idle, pod};
use crate::skip::skip;
use crate::wait::until_async;

/// A node under drainage, given back when dropped.
struct Drained<'a> {
    ground: &'a Ground,
    node: &'a str,
}

impl Drop for Drained<'_> {
    fn drop(&mut self) {
        self.ground.namespace.kubectl(&["uncordon", self.node]);
    }
}

impl Drained<'_> {
    fn begin(&self) -> Child {
        Command::new("kubectl")
            .args(["drain", self.node, "--pod-selector=app=it", "--timeout=90s"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kubectl runs")
    }
}

fn further_node(ground: &Ground) -> Option<String> {
    let nodes =
        "jsonpath={range .items[?(@.spec.taints[*].key==\"newleaf.dev/further\")]}{.metadata.name}{\"\\n\"}{end}";
    let found = ground.namespace.kubectl(&["get", "nodes", "--output", nodes]);
    let node = found.lines().next().map(str::to_owned);
    if node.is_none() {
        skip("a node drained in the middle of a rollout", "no node has the taint newleaf.dev/further");
    }
    node
}

#[tokio::test]
async fn a_node_that_is_drained_in_the_middle_of_a_rollout_is_named_and_no_pod_is_lost() {
    let Some(ground) = Ground::new("drained").await else { return };
    let Some(node) = further_node(&ground) else { return };
    let ground = ground.restarts(WorkloadKind::Deployment, Choice::Named("it".to_owned()));
    let kubectl = |arguments: &[&str]| ground.namespace.kubectl(arguments);
    ground.namespace.apply(&idle("Deployment", "it", "replicas: 0, strategy: {rollingUpdate: {maxUnavailable: 0}},"));
    // Pods that can only be on that node, and are slow to come.
    let place = format!(
        "nodeSelector: {{kubernetes.io/hostname: {node}}}, tolerations: [{{key: newleaf.dev/further, operator: Exists}}]"
    );
    kubectl(&["patch", "deployment/it", "--patch", &pod(&place)]);
    kubectl(&["scale", "deployment/it", "--replicas=2"]);
    ground.namespace.rolled_out("deployment/it");
    kubectl(&["create", "poddisruptionbudget", "it", "--selector=app=it", "--min-available=2"]);
    kubectl(&["patch", "deployment/it", "--patch", &container("readinessProbe: {tcpSocket: {port: 1}}")]);
    let drained = Drained { ground: &ground, node: &node };
    let drain = async {
        let template = ["get", "deployment/it", "--output", "jsonpath={.spec.template.metadata}"];
        until_async("the rollout begins", async || kubectl(&template).contains("client-hash")).await;
        drained.begin()
    };
    let (failure, drain) = tokio::join!(ground.fails("it", SHORT), drain);
    assert_eq!(failure.code(), Code::RolloutFailed, "{failure}");
    for word in ["is not scheduled: Unschedulable", "still ready: 2 of the former template"] {
        assert!(failure.to_string().contains(word), "{word:?} is not in: {failure}");
    }
    assert_eq!(ground.ready(), 2, "the budget keeps the old pods");
    // They may go elsewhere now: the rollout ends, and with it the drainage.
    kubectl(&["patch", "deployment/it", "--patch", &container("readinessProbe: null")]);
    kubectl(&["patch", "deployment/it", "--patch", &pod("nodeSelector: null")]);
    ground.roll("it", LIMIT).await.expect("the next run finishes");
    assert_eq!(ground.loaded("it").await, Loaded::Current);
    assert_eq!(ground.hashes(), [ground.hash(Peer::Client)].into());
    let output = drain.wait_with_output().expect("kubectl ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "the node is empty: {said}");
    assert!(said.contains("would violate the pod's disruption budget"), "it had to wait: {said}");
}
