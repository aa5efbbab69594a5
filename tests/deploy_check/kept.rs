//! `check` of a stack that another tool keeps, with the account that `helm test` gives it: it may read, and no Secret.

use std::fs;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use stack::components::check;
use stack::document;
use stack::object::{Object, yaml};
use stack::render::render;
use stack::settings::Settings;

use crate::after::{make_ready, store_leaves};
use crate::stage::Shell;

/// The stack as Helm leaves it, and the account of the check.
fn released() -> Option<Shell> {
    let shell = Shell::new()?;
    let document = document::read(&json!({ "namespace": shell.namespace })).expect("a document");
    let settings = Settings::of(&document).expect("a stack");
    let rendered = render(&settings);
    let (namespaces, others): (Vec<Object>, Vec<Object>) =
        rendered.iter().cloned().partition(|object| object.kind() == "Namespace");
    let objects: Vec<Value> = others.iter().map(as_helm).collect();
    let rights = check::objects(&settings, &rendered);
    let rights: Vec<Object> = rights.into_iter().filter(|object| object.kind() != "Pod").collect();
    shell.make_namespace();
    assert_eq!(namespaces.len(), 1, "Helm makes the namespace by itself");
    for stream in [yaml(&objects), yaml(&rights)] {
        let stream = stream.expect("YAML");
        shell.kubectl(&["apply", "--server-side", "--field-manager=helm", "--filename=-"], &stream);
    }
    make_ready(&shell);
    store_leaves(&shell, 40);
    mount_leaves(&shell);
    Some(shell)
}

fn as_helm(object: &Object) -> Value {
    let mut value = object.value().clone();
    value["metadata"]["labels"]["app.kubernetes.io/managed-by"] = "Helm".into();
    value["metadata"]["annotations"]["meta.helm.sh/release-name"] = "portal".into();
    value
}

/// As the kubelet does it: without the keys.
fn mount_leaves(shell: &Shell) {
    for secret in ["postgres-tls", "backstage-tls"] {
        let stored: Value =
            serde_json::from_str(&shell.here(&["get", "secret", secret, "-o", "json"], "")).expect("JSON");
        for key in ["tls.crt", "ca.crt"] {
            let bytes = Base64::decode_vec(stored["data"][key].as_str().expect("a text")).expect("base64");
            let text = String::from_utf8(bytes).expect("PEM");
            shell.folder.write(&format!("certificates/{secret}/{key}"), &text);
        }
    }
}

#[test]
fn a_stack_that_helm_keeps_is_checked_by_an_account_that_may_only_read() {
    let Some(shell) = released() else { return };
    let account = format!("system:serviceaccount:{}:newleaf-check", shell.namespace);
    let check = || shell.check(&["--as", &account, "--certificates", "certificates", "--patience", "1s"]);
    let checked = check();
    assert_eq!(checked.failures(), Vec::<[String; 5]>::new());
    assert_eq!(checked.said.code, Some(0), "{:?}", checked.said);
    assert_eq!(
        checked.findings().len(),
        1,
        "nothing is denied, and only a backup is missing: {:?}",
        checked.findings()
    );
    // Kubernetes removes the Job after a while.
    shell.here(&["delete", "job", "newleaf-bootstrap"], "");
    assert_eq!(check().said.code, Some(0));
    shell.here(&["label", "service", "backstage", "--overwrite", "app.kubernetes.io/component=x"], "");
    let checked = check();
    checked.assert_fails("NL1111", 5, "Service", "Helm (release portal) keeps the stack");
    let place = "it is not as the stack renders it at metadata.labels.app.kubernetes.io/component";
    assert_eq!(checked.failures()[0][3], place);
    shell.here(&["delete", "service", "backstage"], "");
    check().assert_fails("NL1110", 5, "Service", "Helm (release portal) keeps the stack");
}

#[test]
fn a_leaf_that_is_not_mounted_is_missing() {
    let Some(shell) = released() else { return };
    fs::remove_dir_all(shell.folder.0.path().join("certificates/postgres-tls")).expect("it is there");
    let checked = shell.check(&["--certificates", "certificates"]);
    checked.assert_fails("NL1114", 5, "Secret", "newleaf bootstrap -n");
}
