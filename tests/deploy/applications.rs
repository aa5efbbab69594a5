//! What an export for Argo CD has besides the objects of the stack, judged by the CRDs that Argo CD ships.

use std::process::Command;

use base::diagnosis::Code;
use serde_json::{Value, json};
use stack::export::argocd::ROTATION_MANAGER;
use stack::export::{ExportPart, ExportSource, RepositoryPlace, SpokeLabel, Tool, files};

use crate::api_server;
use crate::meter::Meter;
use crate::skip::skip;
use crate::stage::Stage;
use crate::tools::tool;
use crate::wait::until;

/// Has the API server serve the kinds of Argo CD; false, and said so, where their CRDs are not there.
fn serve_kinds() -> bool {
    let found = api_server::own().and_then(|own| Ok((own, tool("argocd-manifests")?)));
    let (own, folder) = match found {
        Ok(found) => found,
        Err(why) => {
            skip("CRDs of Argo CD", why);
            return false;
        }
    };
    let kubectl = |arguments: &[&str]| {
        let mut command = Command::new(&own.program);
        command.arg("kubectl").arg("--kubeconfig").arg(&own.kubeconfig).args(arguments);
        command.output().expect("kubectl starts")
    };
    for kind in ["application", "applicationset", "appproject"] {
        let file = folder.join(format!("{kind}-crd.yaml")).display().to_string();
        let output = kubectl(&["apply", "--server-side", "--filename", &file]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // Established is one thing; what clients discover comes a moment later.
        let served = format!("\"name\":\"{kind}s\"");
        until("the kind is served", || {
            let kinds = kubectl(&["get", "--raw", "/apis/argoproj.io/v1alpha1"]);
            String::from_utf8_lossy(&kinds.stdout).contains(&served)
        });
    }
    true
}

/// The Application or `ApplicationSet` of an export, and its project.
fn applications(stage: &Stage, part: ExportPart, spokes: Option<SpokeLabel>) -> [Value; 2] {
    let settings = stage.settings("");
    let url = Some("https://git.example.org/platform.git".to_owned());
    let repository = RepositoryPlace { url, spokes, ..RepositoryPlace::default() };
    let document = json!({ "namespace": stage.namespace });
    let source = ExportSource { settings: &settings, document: &document, part, repository: &repository, version: "0" };
    let files = files(Tool::Argocd, &source).expect("it can be exported");
    let of_argo: Vec<Value> = files
        .iter()
        .filter(|(path, _)| path.starts_with("applications/"))
        .map(|(_, file)| serde_saphyr::from_str(&file.text).expect("YAML"))
        .collect();
    let [project, application] = <[Value; 2]>::try_from(of_argo).expect("two files");
    [application, project]
}

#[tokio::test]
async fn argo_cds_own_schema_takes_each_application_and_no_other_field() {
    let Some(stage) = Stage::set().await else { return };
    if !serve_kinds() {
        return;
    }
    let cluster = stage.cluster(&Meter::new());
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}});
    cluster.apply(&namespace, false).await.expect("it can be made");
    for spokes in [None, SpokeLabel::parse("clusterType=spoke")] {
        for part in [ExportPart::Stack, ExportPart::Rotation] {
            let policy = if spokes.is_none() { "/spec/syncPolicy" } else { "/spec/template/spec/syncPolicy" };
            for (wanted, path) in
                applications(&stage, part, spokes.clone()).iter().zip([policy, "/spec/clusterResourceWhitelist/0"])
            {
                cluster.apply(wanted, true).await.expect("the API server takes it");
                let mut faulty = wanted.clone();
                let map = faulty.pointer_mut(path).and_then(Value::as_object_mut).expect("a map");
                map.insert("nonsense".to_owned(), json!(true));
                let failure = cluster.apply(&faulty, true).await.expect_err("the schema forbids it");
                assert_eq!(failure.code(), Code::RequestRefused, "{failure}");
            }
        }
    }
}

#[test]
fn argo_cd_ignores_what_the_rotation_writes_under_the_name_that_it_writes_under() {
    assert_eq!(ROTATION_MANAGER, kubernetes::api::FIELD_MANAGER);
}
