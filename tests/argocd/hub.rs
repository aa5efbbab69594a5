//! A hub with a cluster that has the label: the rotation alone, by an `ApplicationSet`.

use std::process::Command;

use serde_json::{Value, json};

use crate::application::Application;
use crate::argo::{Argo, NAMESPACE};
use crate::kubectl::Namespace;
use crate::repository::Repository;

const ROTATION: &str = "
name: spoken
namespace: spoken
database: {version: 15, image: 'localhost/postgres:15'}
rotation: {image: 'localhost/newleaf:local'}
";

#[test]
fn a_cluster_with_the_label_gets_the_rotation_and_one_without_loses_it_but_keeps_its_leaves() {
    let Some(argo) = Argo::start() else { return };
    let Some(namespace) = Namespace::exactly("spoken") else { return };
    argo.namespace.apply(&spoke());
    let repository = Repository::new(&["--only", "rotation", "--spokes", "clusterType=spoke"]);
    repository.push(ROTATION);
    argo.namespace.kubectl(&["apply", "--filename", &repository.applications()]);
    let application = Application { argo: &argo, name: "spoken-rotation-edge" };
    application.until_good(&repository.revision());
    let leaves = ["get", "secret/backstage-tls", "secret/newleaf-authority", "secret/postgres-tls", "cronjob/newleaf"];
    namespace.kubectl(&leaves);

    argo.namespace.kubectl(&["label", "secret", "edge", "clusterType-"]);
    argo.namespace.kubectl(&["wait", "--for=delete", "application", application.name, "--timeout=120s"]);
    namespace.kubectl(&leaves[..4]);
    let left = namespace.kubectl(&["get", "cronjobs,jobs,roles", "--output", "name"]);
    assert_eq!(left, "", "the objects are gone");
}

/// The same API server as another cluster, with the credentials of the administrator's kubeconfig.
fn spoke() -> String {
    let path = std::env::var("KUBECONFIG").expect("a kubeconfig");
    let mut raw = Command::new("kubectl");
    raw.args(["config", "view", "--raw", "--flatten", "--output", "json", "--kubeconfig", &path]);
    let config: Value = serde_json::from_slice(&raw.output().expect("kubectl starts").stdout).expect("JSON");
    let (cluster, user) = (&config["clusters"][0]["cluster"], &config["users"][0]["user"]);
    let tls = json!({
        "caData": cluster["certificate-authority-data"],
        "certData": user["client-certificate-data"],
        "keyData": user["client-key-data"],
    });
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "edge",
            "namespace": NAMESPACE,
            "labels": { "argocd.argoproj.io/secret-type": "cluster", "clusterType": "spoke" },
        },
        "stringData": {
            "name": "edge",
            "server": cluster["server"],
            "config": json!({ "tlsClientConfig": tls }).to_string(),
        },
    })
    .to_string()
}
