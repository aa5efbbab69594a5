//! Trouble as the person at the terminal meets it, one of each kind: the exit code, the reason and the hint, what keeps
//! serving, and the next run, which finishes when the cause is gone.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::ended::Ended;
use crate::ground::{container, idle};
use crate::program::Program;

/// One Deployment that loads the client's leaf.
const CONFIGURATION: &str = "\
consumers:
- {name: it, loads: client, pickup: restart, workload: deployment/it}
deadlines: {step: 15s, run: 60s}
";
const NOW: [&str; 5] = ["rotate", "--now", "--local", "--id", "one"];
const NEXT: [&str; 2] = ["rotate", "--local"];

fn with_deployment(test: &str) -> Option<Program> {
    let program = Program::bootstrapped(test, CONFIGURATION)?;
    program.namespace.apply(&idle("Deployment", "it", "replicas: 2, strategy: {rollingUpdate: {maxUnavailable: 0}},"));
    program.namespace.rolled_out("deployment/it");
    Some(program)
}

/// The next run finishes, and issues nothing again.
fn finishes(program: &Program, arguments: &[&str]) {
    let serials = [program.serial("server"), program.serial("client")];
    let ended = program.run(arguments).succeeded();
    assert_eq!([program.serial("server"), program.serial("client")], serials, "nothing is issued twice");
    program.run(&["verify"]).succeeded();
    // A rollout that went on by itself meanwhile left nothing to pick up.
    let by_itself = ended.stdout.contains("nothing to do");
    assert!(by_itself || !program.events("Deployment/it", "PickedUp").is_empty(), "the Event is on the workload");
    program.namespace.rolled_out("deployment/it");
}

fn ready(program: &Program) -> String {
    program.namespace.kubectl(&["get", "deployment/it", "--output", "jsonpath={.status.readyReplicas}"])
}

#[tokio::test]
async fn a_rollout_that_fails_ends_with_5_and_the_next_run_finishes() {
    let Some(program) = with_deployment("run-unready") else { return };
    let kubectl = |arguments: &[&str]| program.namespace.kubectl(arguments);
    kubectl(&["patch", "deployment/it", "--patch", &container("readinessProbe: {tcpSocket: {port: 1}}")]);
    program.run(&NOW).ended(
        5,
        &[
            "error[NL0641]: deployment/it in namespace run-unready",
            "has not passed its readiness probe",
            "still ready: 2 of the former template",
            "hint: Remove the cause that the message names",
        ],
    );
    assert_eq!(ready(&program), "2", "the old pods serve");
    assert!(program.events("Deployment/it", "PickUpFailed").starts_with("NL0641: "), "it is told on the workload");
    let described = kubectl(&["describe", "deployment/it"]);
    assert!(described.contains("PickUpFailed"), "{described}");
    kubectl(&["patch", "deployment/it", "--patch", &container("readinessProbe: null")]);
    finishes(&program, &NEXT);
}

#[tokio::test]
async fn a_rollout_that_an_operator_halted_ends_with_4_and_the_next_run_finishes() {
    let Some(program) = with_deployment("run-paused") else { return };
    program.namespace.kubectl(&["rollout", "pause", "deployment/it"]);
    let hint = "hint: Resume it with `kubectl rollout resume deployment/it`. The next run then finishes.";
    program.run(&NOW).ended(4, &["error[NL0642]", "its rollout is paused", hint]);
    assert_eq!(ready(&program), "2", "the old pods serve");
    program.namespace.kubectl(&["rollout", "resume", "deployment/it"]);
    finishes(&program, &NEXT);
}

/// What a controller does that knows only its own idea of an object: puts it back until it is stopped.
async fn keeps_reverting<F: AsyncFn()>(program: &Program, arguments: &[&str], revert: F) -> Ended {
    let reverts = async {
        loop {
            revert().await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        ended = program.run_beside(arguments) => ended,
        () = reverts => unreachable_end(),
    }
}

#[expect(clippy::panic, reason = "a test fails")]
fn unreachable_end() -> ! {
    panic!("a controller never ends by itself")
}

fn meddler() -> PatchParams {
    PatchParams { field_manager: Some("meddler".to_owned()), ..PatchParams::default() }
}

#[tokio::test]
async fn a_controller_that_reverts_the_annotation_ends_the_run_with_4_and_the_next_one_finishes() {
    let Some(program) = with_deployment("run-reverted") else { return };
    program.namespace.kubectl(&[
        "patch",
        "deployment/it",
        "--patch",
        &container("readinessProbe: {tcpSocket: {port: 1}}"),
    ]);
    let client = Client::try_default().await.expect("KUBECONFIG names a cluster");
    let deployments: Api<Deployment> = Api::namespaced(client, program.namespace.name());
    let gone = json!({"spec": {"template": {"metadata": {"annotations": Value::Null}}}});
    let ended = keeps_reverting(&program, &NOW, async || {
        deployments.patch("it", &meddler(), &Patch::Merge(&gone)).await.expect("meddling is allowed");
    });
    ended.await.ended(
        4,
        &[
            "error[NL0643]",
            "removed by another field manager",
            "hint: Make the field managers of the pod template keep",
        ],
    );
    assert_eq!(ready(&program), "2", "the old pods serve");
    program.namespace.kubectl(&["patch", "deployment/it", "--patch", &container("readinessProbe: null")]);
    finishes(&program, &NEXT);
}

#[tokio::test]
async fn a_controller_that_rewrites_the_secret_is_named_and_not_fought() {
    let Some(program) = with_deployment("run-rewritten") else { return };
    let client = Client::try_default().await.expect("KUBECONFIG names a cluster");
    let secrets: Api<Secret> = Api::namespaced(client, program.namespace.name());
    let former = secrets.get("backstage-tls").await.expect("bootstrap made it").data;
    let back = serde_json::to_value(&former).expect("data is JSON");
    let back = json!({"data": back, "metadata": {"annotations": Value::Null}});
    // In the middle of the run: once the Deployment is marked for what is stored.
    let ended = keeps_reverting(&program, &NOW, async || {
        let template = ["get", "deployment/it", "--output", "jsonpath={.spec.template.metadata}"];
        if program.namespace.kubectl(&template).contains("client-hash") {
            secrets.patch("backstage-tls", &meddler(), &Patch::Merge(&back)).await.expect("meddling is allowed");
        }
    });
    ended.await.ended(4, &["backstage-tls is not newleaf's own: meddler wrote its values", "--adopt"]);
    assert_eq!(ready(&program), "2", "pods serve");
    // The controller is gone; what it wrote is taken back only if a person says so.
    program.run(&NOW).ended(4, &["is not newleaf's own: meddler"]);
    assert!(program.events("Secret/backstage-tls", "RotationRefused").contains("meddler"), "it is told on the Secret");
    program.run(&["rotate", "--now", "--local", "--id", "one", "--adopt"]).succeeded();
    finishes(&program, &NEXT);
}

#[tokio::test]
async fn a_plan_that_is_refused_is_told_on_the_authority() {
    let Some(program) = Program::bootstrapped("run-refused", "leaf: {lifetime: 45d}\n") else { return };
    program.run(&["rotate", "--now", "--authority", "--local"]).ended(4, &["error[NL0214]"]);
    let told = program.events("Secret/newleaf-authority", "RotationRefused");
    assert!(told.starts_with("NL0214: "), "{told}");
}
