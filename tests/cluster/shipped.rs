//! `manifests/rotation` as people apply it.

use std::fs;
use std::process::Command;

use rotation::figures::{LAST_SUCCESS, LEAF_END, STALE};
use serde_json::Value;
use tempfile::TempDir;

use crate::clients::{Container, start};
use crate::kubectl::Namespace;

/// The names that the manifests are made for.
const NAMESPACE: &str = "backstage";
/// A kustomization of one's own around them, as the guide has it.
const KUSTOMIZATION: &str = "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [rotation]
images: [{name: newleaf, newName: localhost/newleaf, newTag: local}]
";

#[test]
fn the_shipped_manifests_make_the_secrets_and_rotate_them_and_tell_prometheus() {
    let Some(namespace) = Namespace::exactly(NAMESPACE) else { return };
    let folder = kustomized();
    let folder = folder.path().display().to_string();
    namespace.kubectl(&["apply", "--kustomize", &folder]);
    namespace.kubectl(&["wait", "--for=condition=complete", "job/newleaf-bootstrap", "--timeout=60s"]);
    namespace.apply(include_str!("fixtures/postgres.yaml"));
    start(&namespace, "backstage", Container::Idle);
    namespace.rolled_out("statefulset/postgres");
    // The pods are seconds younger than the Secrets: they have loaded the first leaves.
    newleaf(&["status", "--exit-code"]);

    let rotated = newleaf(&["rotate", "--now"]);
    assert!(rotated.contains("prove that backstage shows the client's leaf"), "{rotated}");
    newleaf(&["status", "--exit-code"]);
    serves_figures_without_a_token(&namespace);
    let again = namespace.kubectl(&["apply", "--kustomize", &folder]);
    let changed: Vec<_> = again.lines().filter(|line| !line.ends_with(" unchanged")).collect();
    assert_eq!(changed, Vec::<&str>::new(), "applied again, they change nothing");
}

/// The pod that serves the figures of that rotation, made as the guide says.
fn serves_figures_without_a_token(namespace: &Namespace) {
    let stream = newleaf(&["manifests", "--metrics", "--image", "localhost/newleaf:local", "--output", "json"]);
    let mut list: Value = serde_json::from_str(&stream).expect("a List");
    let items = list["items"].as_array_mut().expect("items");
    items.retain(|item| item["metadata"]["name"] == "newleaf-metrics");
    assert_eq!(items.len(), 3, "an account, a Deployment and its Service");
    namespace.apply(&list.to_string());
    namespace.rolled_out("deployment/newleaf-metrics");
    let path = format!("/api/v1/namespaces/{NAMESPACE}/services/newleaf-metrics:9464/proxy/metrics");
    let figures = namespace.until(&["get", "--raw", &path], LAST_SUCCESS);
    for figure in [LEAF_END, STALE].map(|name| format!("# TYPE {name} gauge")) {
        assert!(figures.contains(&figure), "{figures}");
    }
    for sample in
        ["{peer=\"server\"} ", "{peer=\"client\"} ", "{consumer=\"postgres\"} 0\n", "{consumer=\"backstage\"} 0\n"]
    {
        assert!(figures.contains(sample), "{sample}: {figures}");
    }
    // The kubelet adds the token to the volumes of a pod that has one.
    let pods =
        namespace.kubectl(&["get", "pods", "--selector", "app.kubernetes.io/name=newleaf-metrics", "--output", "json"]);
    let pods: Value = serde_json::from_str(&pods).expect("a List");
    let volumes = &pods["items"][0]["spec"]["volumes"];
    assert_eq!(volumes.as_array().map(Vec::len), Some(1), "{volumes}");
    assert_eq!(volumes[0]["configMap"]["name"], "newleaf-figures", "{volumes}");
    assert!(!pods.to_string().contains("serviceAccountToken"), "{pods}");
}

/// A copy of the manifests with the kustomization beside it.
fn kustomized() -> TempDir {
    let folder = TempDir::new().expect("a directory");
    let copies = folder.path().join("rotation");
    fs::create_dir(&copies).expect("a directory can be made");
    let shipped = project::root().join("manifests/rotation");
    for entry in fs::read_dir(shipped).expect("they are there") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), copies.join(entry.file_name())).expect("it can be copied");
    }
    fs::write(folder.path().join("kustomization.yaml"), KUSTOMIZATION).expect("it can be written");
    folder
}

/// What newleaf says, which must succeed.
fn newleaf(arguments: &[&str]) -> String {
    let mut command = Command::new(project::program());
    let output = command.args(arguments).args(["--namespace", NAMESPACE]).output().expect("newleaf runs");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    said
}
