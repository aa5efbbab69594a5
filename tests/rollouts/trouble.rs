//! Rollouts that do not get on: the pod and the reason are named, the old pods keep serving, and when the cause is gone
//! the next run finishes.

use base::diagnosis::{Code, Failure};
use base::workload_kind::WorkloadKind;
use rotation::document::cluster::Choice;
use rotation::engine::facts::{Loaded, Peer};

use crate::ground::{Ground, LIMIT, SHORT, container, idle, pod};
use crate::wait::until_async;

/// A Deployment that runs, whose next pods are not as its first.
async fn broken(test: &str, patch: &str) -> Option<Ground> {
    let ground = Ground::new(test).await?.restarts(WorkloadKind::Deployment, Choice::Named("it".to_owned()));
    ground.runs("deployment/it", &idle("Deployment", "it", "strategy: {rollingUpdate: {maxUnavailable: 0}},"));
    ground.namespace.kubectl(&["patch", "deployment/it", "--patch", patch]);
    Some(ground)
}

fn says(failure: &Failure, words: &[&str]) {
    assert_eq!(failure.code(), Code::RolloutFailed, "{failure}");
    for word in words {
        assert!(failure.to_string().contains(word), "{word:?} is not in: {failure}");
    }
}

async fn finishes(ground: &Ground, mend: &[&str]) {
    ground.namespace.kubectl(mend);
    ground.roll("it", LIMIT).await.expect("the next run finishes");
    assert_eq!(ground.loaded("it").await, Loaded::Current);
    assert_eq!(ground.hashes(), [ground.hash(Peer::Client)].into());
}

#[tokio::test]
async fn a_pod_that_never_gets_ready_is_named() {
    let Some(ground) = broken("unready", &container("readinessProbe: {tcpSocket: {port: 1}}")).await else { return };
    let failure = ground.fails("it", SHORT).await;
    says(
        &failure,
        &[
            "deployment/it in namespace unready",
            "; pod it-",
            "container idle runs and has not passed its readiness probe since 20",
            "still ready: 1 of the former template",
        ],
    );
    assert_eq!(ground.ready(), 1, "the old pod serves");
    finishes(&ground, &["patch", "deployment/it", "--patch", &container("readinessProbe: null")]).await;
}

#[tokio::test]
async fn a_missing_image_is_named() {
    let Some(ground) = broken("imageless", &container("image: 'localhost/nobody:1'")).await else { return };
    let failure = ground.fails("it", SHORT).await;
    says(&failure, &["container idle: ", "localhost/nobody:1", "still ready: 1 of the former template"]);
    assert!(failure.to_string().contains("ImagePull"), "{failure}");
    assert_eq!(ground.ready(), 1, "the old pod serves");
    finishes(&ground, &["patch", "deployment/it", "--patch", &container("image: 'localhost/pause:1'")]).await;
}

#[tokio::test]
async fn the_last_words_of_a_container_that_crashes_are_told() {
    // Without a probe Kubernetes takes a container for ready as long as it runs.
    let crash = "image: 'localhost/postgres:15', readinessProbe: {tcpSocket: {port: 1}}, \
                 command: [sh, -c, 'echo first; echo these are my last words; exit 7']";
    let Some(ground) = broken("crashing", &container(crash)).await else { return };
    let failure = ground.fails("it", SHORT).await;
    says(&failure, &["exit code 7 (Error)", "its log ends with: first | these are my last words"]);
    assert_eq!(ground.ready(), 1, "the old pod serves");
    let mend = container("image: 'localhost/pause:1', readinessProbe: null, command: null");
    finishes(&ground, &["patch", "deployment/it", "--patch", &mend]).await;
}

#[tokio::test]
async fn a_key_that_is_missing_in_a_mounted_secret_is_named() {
    // The kubelet mounts what a container mounts, and no other volume.
    let volume = pod("volumes: [{name: leaf, secret: {secretName: leaf, items: [{key: tls.crt, path: tls.crt}]}}], \
         containers: [{name: idle, volumeMounts: [{name: leaf, mountPath: /leaf}]}]");
    let Some(ground) = broken("keyless", "{}").await else { return };
    ground.namespace.kubectl(&["create", "secret", "generic", "leaf", "--from-literal=other=1"]);
    ground.namespace.kubectl(&["patch", "deployment/it", "--patch", &volume]);
    let failure = ground.fails("it", SHORT).await;
    says(&failure, &["is being started (FailedMount: ", "tls.crt", "still ready: 1 of the former template"]);
    finishes(&ground, &["patch", "secret/leaf", "--patch", "stringData: {tls.crt: there}"]).await;
}

#[tokio::test]
async fn a_quota_is_named() {
    let Some(ground) = broken("quota", "{}").await else { return };
    ground.namespace.kubectl(&["create", "quota", "few", "--hard=pods=1"]);
    let used = ["get", "quota", "few", "--output", "jsonpath={.status.used.pods}"];
    ground.namespace.until(&used, "1");
    let failure = ground.fails("it", SHORT).await;
    says(&failure, &["FailedCreate", "exceeded quota: few", "still ready: 1 of the former template"]);
    finishes(&ground, &["delete", "quota", "few"]).await;
}

#[tokio::test]
async fn a_quota_on_a_stateful_set_is_named_from_its_events() {
    let Some(ground) = Ground::new("set-quota").await else { return };
    let ground = ground.restarts(WorkloadKind::StatefulSet, Choice::Named("it".to_owned()));
    ground.runs("statefulset/it", &idle("StatefulSet", "it", "serviceName: it,"));
    ground.namespace.kubectl(&["create", "quota", "none", "--hard=pods=0"]);
    ground.namespace.until(&["get", "quota", "none", "--output", "jsonpath={.status.used.pods}"], "1");
    let failure = ground.fails("it", SHORT).await;
    says(&failure, &["FailedCreate: ", "exceeded quota: none", "no pod is ready"]);
    finishes(&ground, &["delete", "quota", "none"]).await;
}

#[tokio::test]
async fn a_node_that_fits_nothing_is_named() {
    let Some(ground) = broken("nodeless", &pod("nodeSelector: {moon: full}")).await else { return };
    let failure = ground.fails("it", SHORT).await;
    says(&failure, &["is not scheduled: Unschedulable: 0/", "still ready: 1 of the former template"]);
    finishes(&ground, &["patch", "deployment/it", "--patch", &pod("nodeSelector: null")]).await;
}

#[tokio::test]
async fn a_deployment_past_its_own_deadline_is_told_with_its_condition() {
    let Some(ground) = broken("deadline", &container("readinessProbe: {tcpSocket: {port: 1}}")).await else { return };
    ground.namespace.kubectl(&["patch", "deployment/it", "--patch", "spec: {progressDeadlineSeconds: 5}"]);
    let failure = ground.fails("it", SHORT).await;
    says(&failure, &["ProgressDeadlineExceeded: ", "still ready: 1 of the former template"]);
    finishes(&ground, &["patch", "deployment/it", "--patch", &container("readinessProbe: null")]).await;
}

#[tokio::test]
async fn an_ordered_set_with_a_broken_pod_is_named_with_the_way_out() {
    let Some(ground) = Ground::new("ordered").await else { return };
    let ground = ground.restarts(WorkloadKind::StatefulSet, Choice::Named("it".to_owned()));
    ground.runs("statefulset/it", &idle("StatefulSet", "it", "serviceName: it,"));
    ground.namespace.kubectl(&["patch", "statefulset/it", "--patch", &container("image: 'localhost/nobody:1'")]);
    ground.namespace.until(&["get", "pod", "it-0"], "ImagePull");
    // The template is mended, and still the pod is not replaced.
    ground.namespace.kubectl(&["patch", "statefulset/it", "--patch", &container("image: 'localhost/pause:1'")]);
    let failure = ground.fails("it", SHORT).await;
    says(&failure, &["; pod it-0: container idle: ", "localhost/nobody:1", "no pod is ready"]);
    assert!(failure.hint().contains("kubectl delete pod it-0 --namespace ordered"), "{}", failure.hint());
    finishes(&ground, &["delete", "pod", "it-0"]).await;
}

#[tokio::test]
async fn a_deployment_that_is_scaled_in_the_middle_is_followed() {
    let Some(ground) = broken("scaled", &container("readinessProbe: {tcpSocket: {port: 1}}")).await else { return };
    let (namespace, rolled) = (&ground.namespace, ground.roll("it", LIMIT));
    let scaled = async {
        let template = "jsonpath={.spec.template.metadata.annotations}";
        let marked = ["get", "deployment/it", "--output", template];
        until_async("the rollout begins", async || namespace.kubectl(&marked).contains("client-hash")).await;
        namespace.kubectl(&["scale", "deployment/it", "--replicas=3"]);
        namespace.kubectl(&["patch", "deployment/it", "--patch", &container("readinessProbe: null")]);
    };
    let (rolled, ()) = tokio::join!(rolled, scaled);
    rolled.expect("the rollout of three ends");
    assert_eq!(ground.ready(), 3);
    assert_eq!(ground.hashes(), [ground.hash(Peer::Client)].into());
}

#[tokio::test]
async fn a_signal_ends_the_wait() {
    let Some(ground) = broken("interrupted", &container("readinessProbe: {tcpSocket: {port: 1}}")).await else {
        return;
    };
    ground.stop.cancel();
    assert_eq!(ground.fails("it", LIMIT).await.code(), Code::Interrupted);
    // What was marked stays marked: Kubernetes goes on alone.
    let template =
        ground.namespace.kubectl(&["get", "deployment/it", "--output", "jsonpath={.spec.template.metadata}"]);
    assert!(template.contains(&ground.hash(Peer::Client)), "{template}");
}
