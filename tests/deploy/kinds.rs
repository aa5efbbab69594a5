//! The kinds of other projects, each with the CRD that its project ships: the API server takes what the stack renders, and a
//! second install finds nothing to do, whatever the CRD fills in.

use std::process::Command;
use std::sync::OnceLock;

use base::diagnosis::Code;
use serde_json::{Value, json};

use crate::api_server;
use crate::meter::Meter;
use crate::skip::skip;
use crate::stage::Stage;
use crate::tools::tool;

/// A Gateway, an operator for metrics, one for Secrets.
const GATEWAY: &str = "host: portal.example.org
ingress: {kind: httpRoute, gateway: {name: edge, namespace: gateways, sectionName: https}}
monitoring: {serviceMonitor: true, alerts: true, dashboard: true, labels: {release: p}, backstageMetrics: {}}
externalSecrets: {store: {name: vault}, secrets: [{name: brought, data: [{key: a, remoteKey: b, property: c}]}]}
";
const OPENSHIFT: &str = "host: portal.example.org\nplatform: openshift\n";

/// Has the API server serve the kinds; false, and said so, where their CRDs are not there.
pub(crate) fn serve_kinds() -> bool {
    static SERVED: OnceLock<Result<(), String>> = OnceLock::new();
    let served = SERVED.get_or_init(|| {
        let (own, folder) = (api_server::own()?, tool("crds")?);
        let kubectl = |arguments: &[&str]| {
            let mut command = Command::new(&own.program);
            command.arg("kubectl").arg("--kubeconfig").arg(&own.kubeconfig).args(arguments);
            let output = command.output().expect("kubectl starts");
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        kubectl(&["apply", "--server-side", "--filename", &folder.display().to_string()]);
        kubectl(&["wait", "--for=condition=Established", "--timeout=60s", "customresourcedefinitions", "--all"]);
        Ok(())
    });
    served.as_ref().inspect_err(|why| skip("CRDs", why)).is_ok()
}

#[tokio::test]
async fn the_kinds_of_other_projects_are_applied_and_a_second_install_writes_nothing() {
    let Some(stage) = Stage::set().await else { return };
    if !serve_kinds() {
        return;
    }
    for (text, kinds) in [
        (
            GATEWAY,
            &[
                ("gateway.networking.k8s.io/v1", "HTTPRoute", "backstage"),
                ("monitoring.coreos.com/v1", "ServiceMonitor", "newleaf"),
                ("monitoring.coreos.com/v1", "ServiceMonitor", "backstage"),
                ("monitoring.coreos.com/v1", "PrometheusRule", "newleaf"),
                ("external-secrets.io/v1", "ExternalSecret", "brought"),
            ][..],
        ),
        (OPENSHIFT, &[("route.openshift.io/v1", "Route", "backstage")]),
    ] {
        stage.install(text, &Meter::new()).await.expect("the API server takes it");
        for (api_version, kind, name) in kinds {
            let object = stage.read(api_version, kind, name).await;
            assert!(object.is_some_and(|object| object["spec"].is_object()), "{kind} {name}");
        }
        let meter = Meter::new();
        stage.install(text, &meter).await.expect("it is installed");
        assert_eq!(meter.writes(), Vec::<String>::new(), "{text}");
    }
    let gone = stage.read("gateway.networking.k8s.io/v1", "HTTPRoute", "backstage").await;
    assert_eq!(gone, None, "what is not rendered any more is pruned, of these kinds, too");
}

#[tokio::test]
async fn a_value_that_the_schema_of_another_project_forbids_is_told_by_the_api_server() {
    let Some(stage) = Stage::set().await else { return };
    if !serve_kinds() {
        return;
    }
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": stage.namespace}});
    stage.make("/api/v1/namespaces", &namespace).await;
    let monitor = |endpoint: Value| {
        json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor",
            "metadata": {"name": "theirs", "namespace": stage.namespace},
            "spec": {"selector": {}, "endpoints": [endpoint]}})
    };
    let cluster = stage.cluster(&Meter::new());
    cluster.apply(&monitor(json!({"port": "metrics", "interval": "60s"})), true).await.expect("it is valid");
    for (endpoint, told) in [(json!({"interval": "soon"}), "interval"), (json!({"intervals": "60s"}), "intervals")] {
        let failure = cluster.apply(&monitor(endpoint), true).await.expect_err("the schema forbids it");
        assert_eq!(failure.code(), Code::RequestRefused, "{failure}");
        assert!(failure.to_string().contains(told), "{failure}");
    }
}
