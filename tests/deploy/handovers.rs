//! Another tool goes on with an installed stack, and newleaf-deploy takes it back. Each tool applies as it does in a cluster: under its
//! own field manager, with its own marks, and here without force, so that a field that was not handed over is a conflict.

use base::diagnosis::{Code, Failure};
use deploy::cluster::REQUEST;
use deploy::handover::{Handover, HandoverReport};
use deploy::keeper::{managers, marks};
use deploy::plan::MemberKey;
use deploy::remove::{Named, removal};
use deploy::wait::Waiter;
use http::StatusCode;
use kubernetes::api::any::Applying;
use kubernetes::api::call::Call;
use serde_json::{Value, json};
use stack::checksum::REFERENCES;
use stack::export::Tool;
use stack::render::render;
use terminal::stop_token::StopToken;

use crate::meter::Meter;
use crate::stage::{Silence, Stage};

/// A stack that refers to a ConfigMap, whose content only newleaf-deploy looks at.
const STACK: &str = "backstage: {replicas: 2, envFrom: [{configMap: brought}]}";
const CHANGED: &str = "backstage: {replicas: 2, envFrom: [{configMap: brought}], startupSeconds: 480}";

async fn hand_over(stage: &Stage, handover: Handover, meter: &Meter) -> Result<HandoverReport, Failure> {
    let (cluster, stop) = (stage.cluster(meter), StopToken::default());
    let waiter = Waiter { cluster: &cluster, events: &Silence, stop: &stop, limit: REQUEST };
    Box::pin(handover.run(&waiter, &stage.settings(STACK))).await
}

/// What a tool does at each of its rounds.
async fn apply_as(stage: &Stage, tool: Tool, text: &str) {
    let cluster = stage.cluster(&Meter::new());
    let objects = render(&stage.settings(text));
    for object in objects.iter().filter(|object| object.kind() != "Namespace") {
        let mut value = object.value().clone();
        for (map, key) in marks(tool).take(1) {
            let metadata = value["metadata"].as_object_mut().expect("metadata");
            metadata.entry(map).or_insert_with(|| json!({}))[key] = json!("portal");
        }
        let key = MemberKey::of(&value);
        let resource = cluster.required(object.api_version(), &key).await.expect("it is served");
        let call = Call::patch(resource, key.namespace.as_deref().unwrap_or_default(), &key.name);
        let applying = Applying { manager: managers(tool)[0], dry_run: false, takes_over: false };
        let applied = call.apply_any(&stage.client, &value, applying, REQUEST).await;
        assert!(applied.is_ok(), "{key}: {applied:?}");
    }
}

async fn workloads(stage: &Stage) -> [Value; 2] {
    let deployment = stage.read("apps/v1", "Deployment", "backstage").await.expect("it is there");
    let server = stage.read("apps/v1", "StatefulSet", "postgres").await.expect("it is there");
    [deployment, server]
}

fn templates(workloads: &[Value; 2]) -> [&Value; 2] {
    workloads.each_ref().map(|workload| &workload["spec"]["template"])
}

async fn installed(stage: &Stage) {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": stage.namespace}});
    stage.make("/api/v1/namespaces", &namespace).await;
    let brought = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "brought"}, "data": {"A": "b"}});
    stage.make(&stage.path("v1", "configmaps", ""), &brought).await;
    stage.install(STACK, &Meter::new()).await.expect("it is installed");
}

async fn assert_refused(stage: &Stage, tool: Tool) {
    let failure = stage.install(STACK, &Meter::new()).await.expect_err("it is the tool's");
    assert_eq!(failure.code(), Code::StackManaged, "{failure}");
    assert!(failure.to_string().contains(&tool.to_string()), "{failure}");
    let hint = failure.hint();
    assert!(hint.contains(&format!("handover --from {}", tool.name())), "{hint}");
    let planned = removal(&stage.cluster(&Meter::new()), &stage.settings(STACK), Named::default()).await;
    assert_eq!(planned.expect_err("it is the tool's").code(), Code::StackManaged);
}

#[tokio::test]
async fn each_tool_goes_on_without_a_restart_and_gives_the_stack_back() {
    for tool in Tool::ALL {
        let Some(stage) = Stage::set().await else { return };
        installed(&stage).await;
        let before = workloads(&stage).await;
        let references = &before[0]["spec"]["template"]["metadata"]["annotations"][REFERENCES];
        assert!(references.is_string(), "the stack refers to something");

        let report = hand_over(&stage, Handover::To(tool), &Meter::new()).await.expect("it is handed over");
        assert!(report.moved.contains(&format!("Deployment {}/backstage", stage.namespace)), "{report:?}");
        assert_refused(&stage, tool).await;
        apply_as(&stage, tool, STACK).await;
        let after = workloads(&stage).await;
        assert_eq!(templates(&after), templates(&before), "{tool}: no pod is replaced");
        let owned = |workload: &Value| workload["metadata"].to_string().contains("applyset.kubernetes.io");
        assert!(!after.iter().any(owned), "{tool}: the mark of the inventory is gone");
        assert_refused(&stage, tool).await;
        apply_as(&stage, tool, CHANGED).await;
        let changed = workloads(&stage).await;
        assert_ne!(changed[0]["spec"]["template"], before[0]["spec"]["template"], "the tool's change arrives");

        let back = hand_over(&stage, Handover::From(tool), &Meter::new()).await.expect("it is taken back");
        assert_eq!(back.moved.len() + back.unchanged, report.moved.len() + report.unchanged, "{back:?}");
        stage.install(CHANGED, &Meter::new()).await.expect("no field is the tool's any more");
        let taken = workloads(&stage).await;
        assert_eq!(templates(&taken), templates(&changed), "{tool}: no pod is replaced");
        assert_eq!(taken[0]["spec"]["replicas"], 2, "{tool}: what runs needs no first replica");
        assert!(!taken.iter().any(|workload| workload["metadata"].to_string().contains("portal")), "{tool}: {taken:?}");
        let meter = Meter::new();
        stage.install(CHANGED, &meter).await.expect("it is installed");
        assert_eq!(meter.writes(), Vec::<String>::new(), "{tool}");
    }
}

#[tokio::test]
async fn a_handover_that_a_fault_ends_is_ended_by_the_next_one() {
    let Some(stage) = Stage::set().await else { return };
    installed(&stage).await;
    let before = workloads(&stage).await;
    let mut failed = 0;
    for at in (3..90).step_by(7) {
        let ended = hand_over(&stage, Handover::To(Tool::Flux), &Meter::faulty(at, StatusCode::FORBIDDEN)).await;
        failed += u32::from(ended.is_err());
        if ended.is_ok() {
            break;
        }
    }
    assert!(failed > 2, "{failed}");
    // Whichever was the last, the one after it says that nothing is left to do.
    let last = hand_over(&stage, Handover::To(Tool::Flux), &Meter::new()).await;
    assert!(last.is_ok() || last.is_err_and(|failure| failure.code() == Code::NothingInstalled));
    apply_as(&stage, Tool::Flux, STACK).await;
    assert_eq!(templates(&workloads(&stage).await), templates(&before));
    assert_refused(&stage, Tool::Flux).await;
}

#[tokio::test]
async fn what_is_not_installed_is_not_handed_over() {
    let Some(stage) = Stage::set().await else { return };
    let failure = hand_over(&stage, Handover::To(Tool::Helm), &Meter::new()).await.expect_err("nothing is there");
    assert_eq!(failure.code(), Code::NothingInstalled, "{failure}");
    assert!(failure.to_string().contains("Helm"), "{failure}");
}

#[tokio::test]
async fn a_stack_of_kubectl_and_a_member_that_a_tool_adopted_are_refused_before_anything_is_written() {
    let Some(stage) = Stage::set().await else { return };
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": stage.namespace}});
    stage.make("/api/v1/namespaces", &namespace).await;
    apply_as(&stage, Tool::Kustomize, STACK).await;
    let meter = Meter::new();
    let failure = stage.install(STACK, &meter).await.expect_err("it is kubectl's");
    assert_eq!((failure.code(), meter.writes()), (Code::StackManaged, Vec::new()), "{failure}");

    let Some(stage) = Stage::set().await else { return };
    installed(&stage).await;
    let mark =
        json!({"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "portal:v1/Service:n/backstage"}}});
    stage.meddle(&stage.path("v1", "services", "backstage"), "argocd-controller", &mark).await;
    let meter = Meter::new();
    let failure = stage.install(CHANGED, &meter).await.expect_err("it is Argo CD's");
    assert_eq!((failure.code(), meter.writes()), (Code::StackManaged, Vec::new()), "{failure}");
    assert!(failure.to_string().contains("Argo CD (Application portal)"), "{failure}");
}
