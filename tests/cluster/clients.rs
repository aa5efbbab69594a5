//! Clients that log in nowhere, and a PostgreSQL that no reload helps: all that a test of rights or messages needs of them.

use serde_json::json;

use crate::kubectl::Namespace;

/// What a client's pod does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// Nothing, and is ready at once.
    Idle,
    /// Speaks and ends.
    Crashing,
    /// Waits for a volume that never comes.
    Unmountable,
}

/// Starts a Deployment that is called and labelled so, and waits for it if it can become ready.
pub(crate) fn start(namespace: &Namespace, name: &str, container: Container) {
    namespace.apply(&deployment(name, container));
    if container == Container::Idle {
        namespace.rolled_out(&format!("deployment/{name}"));
    }
}

/// PostgreSQL whose files never change while the pod lives, so that no reload helps.
pub(crate) fn postgres_with_fixed_files() -> String {
    let directory = "- {name: tls, mountPath: /etc/newleaf, readOnly: true}";
    let file = |key| format!("- {{name: tls, mountPath: /etc/newleaf/{key}, subPath: {key}, readOnly: true}}");
    let files = ["tls.crt", "tls.key", "ca.crt"].map(file).join("\n        ");
    let fixture = include_str!("fixtures/postgres.yaml");
    assert!(fixture.contains(directory), "the fixture mounts the Secret as a directory");
    fixture.replace(directory, &files)
}

fn deployment(name: &str, container: Container) -> String {
    let mut pod = json!({
        "automountServiceAccountToken": false,
        "terminationGracePeriodSeconds": 0,
        "securityContext": {"runAsNonRoot": true, "runAsUser": 999, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "main",
            "image": "localhost/pause:1",
            "imagePullPolicy": "IfNotPresent",
            "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
        }],
    });
    match container {
        Container::Idle => {}
        Container::Crashing => {
            let main = &mut pod["containers"][0];
            main["image"] = json!("localhost/postgres:15");
            main["command"] = json!(["sh", "-c", "echo these were its last words; exit 3"]);
            // Without one, it would count as ready for a moment.
            main["readinessProbe"] = json!({"exec": {"command": ["false"]}});
        }
        Container::Unmountable => {
            pod["volumes"] = json!([{"name": "absent", "secret": {"secretName": "absent"}}]);
            pod["containers"][0]["volumeMounts"] = json!([{"name": "absent", "mountPath": "/absent"}]);
        }
    }
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
        },
    })
    .to_string()
}
