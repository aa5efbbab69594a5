//! What an uninstallation leaves: exactly what cannot be made again, unless it is named.

use deploy::remove::Named;
use serde_json::{Value, json};

use crate::meter::Meter;
use crate::stage::Stage;

fn kept(stage: &Stage, removal: &deploy::remove::Removal) -> Vec<String> {
    removal.keep.iter().map(|kept| kept.object.replace(&stage.namespace, "NAMESPACE")).collect()
}

/// What the rotation and the controller of the StatefulSet make.
async fn made_by_others(stage: &Stage) {
    for name in ["newleaf-authority", "postgres-tls", "backstage-tls"] {
        let labels = json!({"app.kubernetes.io/managed-by": "newleaf"});
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "labels": labels}});
        stage.make(&stage.path("v1", "secrets", ""), &secret).await;
    }
    let theirs = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "theirs"}});
    stage.make(&stage.path("v1", "secrets", ""), &theirs).await;
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data-postgres-0", "labels": {"app.kubernetes.io/name": "postgres", "app.kubernetes.io/instance": "backstage"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    stage.make(&stage.path("v1", "persistentvolumeclaims", ""), &claim).await;
}

#[tokio::test]
async fn an_uninstallation_leaves_exactly_the_keep_list() {
    let Some(stage) = Stage::set().await else { return };
    stage.install("", &Meter::new()).await.expect("it is installed");
    made_by_others(&stage).await;
    stage.uninstall("", Named::default(), &Meter::new()).await.expect("it is removed");
    let removal = stage.removal("", Named::default()).await;
    assert_eq!(removal.delete, Vec::<Value>::new());
    let secrets = ["newleaf-authority", "postgres-tls", "backstage-tls"];
    for name in secrets.iter().chain(&["theirs"]) {
        assert!(stage.read("v1", "Secret", name).await.is_some(), "{name}");
    }
    assert!(stage.read("v1", "PersistentVolumeClaim", "data-postgres-0").await.is_some());
    assert!(stage.members("").await.is_empty(), "the inventory is gone, and its members with it");
    let mut left = kept(&stage, &removal);
    left.sort();
    assert_eq!(
        left,
        [
            "PersistentVolumeClaim NAMESPACE/data-postgres-0",
            "Secret NAMESPACE/backstage-tls",
            "Secret NAMESPACE/newleaf-authority",
            "Secret NAMESPACE/postgres-tls",
        ]
    );
    for (group, kind, name) in [
        ("apps/v1", "Deployment", "backstage"),
        ("apps/v1", "StatefulSet", "postgres"),
        ("batch/v1", "CronJob", "newleaf"),
        ("v1", "ConfigMap", "backstage-inventory"),
        ("v1", "ServiceAccount", "newleaf"),
        ("rbac.authorization.k8s.io/v1", "Role", "newleaf"),
    ] {
        assert!(stage.read(group, kind, name).await.is_none(), "{kind} {name}");
    }
}

#[tokio::test]
async fn what_is_named_is_deleted_and_what_is_not_newleafs_never_is() {
    let Some(stage) = Stage::set().await else { return };
    stage.install("", &Meter::new()).await.expect("it is installed");
    made_by_others(&stage).await;
    let named = Named { data: false, authority: true, namespace: false };
    let removal = stage.removal("", named).await;
    assert_eq!(kept(&stage, &removal), ["PersistentVolumeClaim NAMESPACE/data-postgres-0", "Namespace NAMESPACE"]);
    stage.uninstall("", named, &Meter::new()).await.expect("it is removed");
    for name in ["newleaf-authority", "postgres-tls", "backstage-tls"] {
        assert!(stage.read("v1", "Secret", name).await.is_none(), "{name}");
    }
    assert!(stage.read("v1", "Secret", "theirs").await.is_some());
}
