//! How the cluster is found, and what is said where it is not.

use std::fs;
use std::path::{Path, PathBuf};

use base::diagnosis::{Code, Diagnose};
use kubernetes::api::connection::Access;
use tempfile::tempdir;

const TWO_CONTEXTS: &str = "apiVersion: v1\nkind: Config\ncurrent-context: blue\n\
    clusters: [{name: test, cluster: {server: \"https://127.0.0.1:1\"}}]\n\
    users: [{name: test, user: {token: the-token}}]\n\
    contexts: [{name: blue, context: {cluster: test, user: test, namespace: backstage}}, \
    {name: red, context: {cluster: gone, user: test}}, {name: plain, context: {cluster: test, user: test}}]\n";

fn access(kubeconfig: &Path, context: Option<&str>) -> Access {
    let kubeconfig = Some(PathBuf::from(kubeconfig));
    Access { kubeconfig, context: context.map(str::to_owned), ..Access::default() }
}

async fn refusal(access: &Access) -> (Code, String) {
    let error = access.config().await.map(|_| ()).expect_err("it cannot be used");
    (error.code(), error.to_string())
}

#[tokio::test]
async fn the_namespace_is_that_of_the_context() {
    let directory = tempdir().expect("a temporary directory");
    let path = directory.path().join("config");
    fs::write(&path, TWO_CONTEXTS).expect("it can be written");
    assert_eq!(access(&path, None).connect().await.expect("it is good").namespace, "backstage");
    assert_eq!(access(&path, Some("plain")).connect().await.expect("it is good").namespace, "default");
}

#[tokio::test]
async fn the_impersonated_account_is_in_what_the_client_is_made_from() {
    let directory = tempdir().expect("a temporary directory");
    let path = directory.path().join("config");
    fs::write(&path, TWO_CONTEXTS).expect("it can be written");
    let groups = vec!["auditors".to_owned()];
    let access = Access { as_user: Some("jane".to_owned()), as_groups: groups.clone(), ..access(&path, None) };
    let config = access.config().await.expect("it is good");
    assert_eq!(config.auth_info.impersonate.as_deref(), Some("jane"));
    assert_eq!(config.auth_info.impersonate_groups, Some(groups));
    let (code, _) = refusal(&Access { as_user: None, ..access }).await;
    assert_eq!(code, Code::ValueInvalid);
}

#[tokio::test]
async fn a_kubeconfig_that_is_missing_broken_or_without_the_context_is_named() {
    let directory = tempdir().expect("a temporary directory");
    let path = directory.path().join("config");
    let (code, message) = refusal(&access(&path, None)).await;
    assert_eq!(code, Code::KubeconfigUnusable);
    assert!(message.contains(&path.display().to_string()), "{message}");

    fs::write(&path, TWO_CONTEXTS).expect("it can be written");
    for (context, named) in [("green", "green"), ("red", "gone")] {
        let (code, message) = refusal(&access(&path, Some(context))).await;
        assert_eq!(code, Code::ContextMissing);
        assert!(message.contains(named) && message.contains("config"), "{message}");
    }
    fs::write(&path, "users: [{name: test, user: {token: the-token, [\n").expect("it can be written");
    let (code, message) = refusal(&access(&path, None)).await;
    assert_eq!(code, Code::KubeconfigUnusable);
    assert!(message.contains("line") && !message.contains("the-token"), "{message}");
}
