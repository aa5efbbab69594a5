//! The pod of both Jobs, and the reaction of a Job to its exit code.

use std::collections::BTreeMap;

use base::diagnosis::exit_codes::{EXIT_CODES, JobAction};
use k8s_openapi::api::batch::v1::{
    JobSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyOnPodConditionsPattern,
    PodFailurePolicyRule,
};
use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMapVolumeSource, Container, EnvVar, EnvVarSource, ObjectFieldSelector, PodSecurityContext,
    PodSpec, PodTemplateSpec, ResourceRequirements, SeccompProfile, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::manifests::settings::{DIRECTORY, FILE};
use crate::manifests::{BOOTSTRAP, CONTAINER, NAME, Options, labels};

/// The user of the image.
const USER: i64 = 65532;
/// How often a Job retries. The next run finishes what a run leaves undone.
const TRIES_AGAIN: i32 = 2;
/// The time of a Job beyond its runs: scheduling, pulling the image, and the pauses between tries (10 s and 20 s).
const AROUND_THE_RUNS: u64 = 5 * 60;
/// The time for ending beyond the current step.
const AROUND_A_STEP: u64 = 10;
/// Twice the peak of a rotation in a namespace with 5 000 pods (docs/measurements.md; the bench `crowded` checks it). A run
/// that the kernel kills for lack of memory rotates nothing.
const MEMORY: &str = "48Mi";

/// A Job that runs one newleaf command.
pub(super) fn job_spec(account: &str, command: &str, options: &Options<'_>) -> JobSpec {
    let runs = u64::try_from(TRIES_AGAIN).unwrap_or_default() + 1;
    let seconds = options.deadlines.run.as_secs().saturating_mul(runs).saturating_add(AROUND_THE_RUNS);
    JobSpec {
        backoff_limit: Some(TRIES_AGAIN),
        active_deadline_seconds: Some(i64::try_from(seconds).unwrap_or(i64::MAX)),
        pod_failure_policy: Some(failure_policy()),
        template: PodTemplateSpec {
            metadata: Some(ObjectMeta {
                labels: Some(labels(if account == BOOTSTRAP { "bootstrap" } else { "rotation" })),
                ..ObjectMeta::default()
            }),
            spec: Some(pod(account, command, options)),
        },
        ..JobSpec::default()
    }
}

/// The failure policy of a Job: the exit code decides whether another try makes sense. An evicted or drained pod does not
/// count as a try.
fn failure_policy() -> PodFailurePolicy {
    let disrupted = PodFailurePolicyRule {
        action: "Ignore".to_owned(),
        on_pod_conditions: Some(vec![PodFailurePolicyOnPodConditionsPattern {
            type_: "DisruptionTarget".to_owned(),
            status: "True".to_owned(),
        }]),
        ..PodFailurePolicyRule::default()
    };
    let on = |action: JobAction| PodFailurePolicyRule {
        action: action.as_str().to_owned(),
        on_exit_codes: Some(PodFailurePolicyOnExitCodesRequirement {
            container_name: Some(CONTAINER.to_owned()),
            operator: "In".to_owned(),
            values: EXIT_CODES.iter().filter(|exit| exit.action == Some(action)).map(|exit| exit.code.into()).collect(),
        }),
        ..PodFailurePolicyRule::default()
    };
    PodFailurePolicy { rules: vec![disrupted, on(JobAction::Ignore), on(JobAction::FailJob), on(JobAction::Count)] }
}

fn pod(account: &str, command: &str, options: &Options<'_>) -> PodSpec {
    let grace = options.deadlines.step.as_secs().saturating_add(AROUND_A_STEP);
    PodSpec {
        service_account_name: Some(account.to_owned()),
        automount_service_account_token: Some(true),
        enable_service_links: Some(false),
        // A pod failure policy needs it: the Job decides about retries, not the kubelet.
        restart_policy: Some("Never".to_owned()),
        // After the first signal newleaf finishes the current step.
        termination_grace_period_seconds: Some(i64::try_from(grace).unwrap_or(i64::MAX)),
        security_context: Some(pod_security()),
        containers: vec![container(command, options)],
        volumes: Some(vec![Volume {
            name: "configuration".to_owned(),
            config_map: Some(ConfigMapVolumeSource { name: NAME.to_owned(), ..ConfigMapVolumeSource::default() }),
            ..Volume::default()
        }]),
        ..PodSpec::default()
    }
}

fn container(command: &str, options: &Options<'_>) -> Container {
    Container {
        name: CONTAINER.to_owned(),
        image: Some(options.image.to_owned()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        args: Some(vec![command.to_owned()]),
        env: Some(environment()),
        // The disk is for the log; the container can write nothing else.
        resources: Some(resources(
            [("cpu", "10m"), ("ephemeral-storage", "1Mi"), ("memory", "16Mi")],
            [("cpu", "1"), ("ephemeral-storage", "64Mi"), ("memory", MEMORY)],
        )),
        security_context: Some(container_security()),
        // The kubelet copies the last lines of the log into the pod's status, which `kubectl describe` shows.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![VolumeMount {
            name: "configuration".to_owned(),
            mount_path: DIRECTORY.to_owned(),
            read_only: Some(true),
            ..VolumeMount::default()
        }]),
        ..Container::default()
    }
}

/// The place of the configuration, the name of the pod, and its Job: all tries of a Job are one rotation.
fn environment() -> Vec<EnvVar> {
    let field = |name: &str, path: &str| EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector { field_path: path.to_owned(), api_version: Some("v1".to_owned()) }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    };
    vec![
        EnvVar { name: "NEWLEAF_CONFIG".to_owned(), value: Some(format!("{DIRECTORY}/{FILE}")), ..EnvVar::default() },
        field("NEWLEAF_POD", "metadata.name"),
        field("NEWLEAF_JOB_UID", "metadata.labels['batch.kubernetes.io/controller-uid']"),
    ]
}

/// The user of the image, and nothing that Pod Security "restricted" forbids.
pub(super) fn pod_security() -> PodSecurityContext {
    PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(USER),
        run_as_group: Some(USER),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), ..SeccompProfile::default() }),
        ..PodSecurityContext::default()
    }
}

pub(super) fn container_security() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), ..Capabilities::default() }),
        ..SecurityContext::default()
    }
}

/// Requests and limits, each as pairs of a name and an amount.
pub(super) fn resources(requests: [(&str, &str); 3], limits: [(&str, &str); 3]) -> ResourceRequirements {
    let quantities = |pairs: [(&str, &str); 3]| {
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), Quantity(value.to_owned())));
        Some(pairs.collect::<BTreeMap<_, _>>())
    };
    ResourceRequirements {
        requests: quantities(requests),
        limits: quantities(limits),
        ..ResourceRequirements::default()
    }
}
