//! What is outside of the exported project, Argo CD refuses: objects, repositories, namespaces.

use serde_json::{Value, json};

use crate::application::Application;
use crate::argo::Argo;
use crate::kubectl::Namespace;
use crate::repository::Repository;

const NAME: &str = "confined-rotation";
const ROTATION: &str = "
name: confined
namespace: confined
database: {version: 15, image: 'localhost/postgres:15'}
rotation: {image: 'localhost/newleaf:local'}
";
/// What a person who may write to the repository, and to nothing else, would like to have: all rights, a Secret over that of the
/// rotation, and an account in another namespace.
const FOREIGN: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: foreign}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: foreign, namespace: confined}]
---
apiVersion: v1
kind: Secret
metadata: {name: newleaf-authority, namespace: confined}
stringData: {authority-1.key: theirs}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: foreign, namespace: default}
";
const REFUSED: [(&str, &str); 3] = [
    ("ClusterRoleBinding", "is not permitted in project newleaf-confined-rotation"),
    ("Secret", "is not permitted in project newleaf-confined-rotation"),
    ("ServiceAccount", "namespace default is not permitted in project 'newleaf-confined-rotation'"),
];

#[test]
fn argo_cd_refuses_what_the_project_does_not_allow_and_applies_none_of_it() {
    let Some(argo) = Argo::start() else { return };
    let Some(namespace) = Namespace::exactly("confined") else { return };
    let repository = Repository::new(&["--only", "rotation"]);
    repository.push(ROTATION);
    argo.namespace.kubectl(&["apply", "--filename", &repository.applications()]);
    let application = Application { argo: &argo, name: NAME };
    application.until_good(&repository.revision());
    let authority = || namespace.kubectl(&["get", "secret/newleaf-authority", "--output", "jsonpath={.data}"]);
    let before = authority();

    repository.push_foreign(FOREIGN);
    application.refresh();
    application.until("everything foreign is refused", |status| {
        let results = status["operationState"]["syncResult"]["resources"].as_array();
        REFUSED
            .iter()
            .all(|(kind, why)| results.is_some_and(|results| results.iter().any(|it| is_refused(it, kind, why))))
    });
    assert_eq!(authority(), before);
    for absent in [&["clusterrolebinding", "foreign"][..], &["serviceaccount", "foreign", "--namespace", "default"]] {
        let found = argo.namespace.attempt(&[&["get"], absent].concat(), "");
        assert!(found.as_ref().is_err_and(|why| why.contains("NotFound")), "{absent:?}: {found:?}");
    }
    repository.revert();
    application.refresh();
    application.until_good(&repository.revision());

    let text = argo.namespace.kubectl(&["get", "application", NAME, "--output", "json"]);
    let allowed: Value = serde_json::from_str(&text).expect("an Application");
    for (field, value) in
        [("/source/repoURL", "https://git.example.org/others.git"), ("/destination/namespace", "kube-system")]
    {
        let mut other = allowed["spec"].clone();
        *other.pointer_mut(field).expect("a field") = json!(value);
        argo.namespace.apply(&other_application(&other));
        Application { argo: &argo, name: "other" }.until(&format!("{value} is refused"), |status| {
            let conditions = status["conditions"].as_array();
            let is_told = |it: &Value| it["type"] == "InvalidSpecError" && it["message"].to_string().contains(value);
            conditions.is_some_and(|conditions| conditions.iter().any(is_told))
        });
        argo.namespace.kubectl(&["delete", "application", "other"]);
    }
}

fn is_refused(result: &Value, kind: &str, why: &str) -> bool {
    result["kind"] == kind
        && result["status"] == "SyncFailed"
        && result["message"].as_str().is_some_and(|message| message.contains(why))
}

/// Without a finalizer: it has nothing to delete.
fn other_application(spec: &Value) -> String {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": { "name": "other", "namespace": crate::argo::NAMESPACE },
        "spec": spec,
    })
    .to_string()
}
