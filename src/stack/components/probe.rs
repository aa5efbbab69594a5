//! The Jobs by which the deployer's `check` tries an installed stack from inside. They are no part of the stack: `check` makes
//! them, reads what they report, and removes them.

use std::collections::BTreeMap;

use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use crate::components::common::{BACKSTAGE, COMPONENT_LABEL, labels, selector_labels, stack_labels};
use crate::components::network_policies::trials::TrialSource;
use crate::components::pod::{TLS_DIRECTORY, container_security, mount, pod_security, resources, secret_volume};
use crate::settings::Settings;
use crate::settings::rotation::CLIENT_SECRET;

/// The label of the Jobs of one `check`, and of their pods.
pub const PROBE_LABEL: &str = "newleaf.dev/probe";
/// The value of the label `app.kubernetes.io/component`. No Service and no disruption budget selects it.
const PROBE: &str = "probe";
/// The user of newleaf's image.
const USER: i64 = 65532;
/// How long a probe may take, with its image.
pub const PROBE_SECONDS: i64 = 120;
/// How long Kubernetes keeps one that has ended, should `check` die before it removes it.
const KEPT_SECONDS: i32 = 60;

/// What one probe tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeSpec {
    /// The pods that it is like.
    pub source: TrialSource,
    /// Whether it asks PostgreSQL, with the client's leaf.
    pub asks_postgres: bool,
    /// `HOST:PORT` of connections that should open.
    pub open: Vec<String>,
    /// `HOST:PORT` of connections that should not open.
    pub closed: Vec<String>,
}

/// The Job of a probe, for the `check` of this name.
pub fn job(settings: &Settings, spec: &ProbeSpec, run: &str) -> Value {
    let mut own = stack_labels(settings);
    own.extend(labels([(COMPONENT_LABEL, PROBE), (PROBE_LABEL, run)]));
    let job = Job {
        metadata: ObjectMeta {
            generate_name: Some("newleaf-probe-".to_owned()),
            namespace: Some(settings.namespace.as_str().to_owned()),
            labels: Some(own),
            ..ObjectMeta::default()
        },
        spec: Some(JobSpec {
            backoff_limit: Some(0),
            active_deadline_seconds: Some(PROBE_SECONDS),
            ttl_seconds_after_finished: Some(KEPT_SECONDS),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(pod_labels(settings, spec.source, run)),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(settings, spec)),
            },
            ..JobSpec::default()
        }),
        ..Job::default()
    };
    // These types are maps with texts as keys, which JSON can always hold.
    serde_json::to_value(job).unwrap_or_default()
}

/// The labels by which the policies know the pods that the probe is like.
fn pod_labels(settings: &Settings, source: TrialSource, run: &str) -> BTreeMap<String, String> {
    let mut own = match source.name() {
        Some(name) => selector_labels(settings, name),
        None => BTreeMap::new(),
    };
    own.extend(labels([(COMPONENT_LABEL, PROBE), (PROBE_LABEL, run)]));
    own
}

fn pod(settings: &Settings, spec: &ProbeSpec) -> PodSpec {
    let leaf = spec.asks_postgres.then(|| secret_volume("tls", CLIENT_SECRET));
    PodSpec {
        // An account of the stack, and without its token.
        service_account_name: Some(BACKSTAGE.to_owned()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        restart_policy: Some("Never".to_owned()),
        termination_grace_period_seconds: Some(1),
        security_context: Some(pod_security(settings, USER)),
        containers: vec![Container {
            name: PROBE.to_owned(),
            image: Some(settings.rotation.image.as_str().to_owned()),
            image_pull_policy: Some("IfNotPresent".to_owned()),
            args: Some(arguments(settings, spec)),
            resources: Some(resources(
                &[("cpu", "10m"), ("memory", "16Mi"), ("ephemeral-storage", "1Mi")],
                &[("cpu", "1"), ("memory", "64Mi"), ("ephemeral-storage", "16Mi")],
            )),
            security_context: Some(container_security()),
            termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
            volume_mounts: leaf.is_some().then(|| vec![mount("tls", TLS_DIRECTORY, true)]),
            ..Container::default()
        }],
        volumes: leaf.map(|leaf| vec![leaf]),
        ..PodSpec::default()
    }
}

/// The arguments of newleaf.
fn arguments(settings: &Settings, spec: &ProbeSpec) -> Vec<String> {
    let mut all = ["probe", "--output", "json", "--quiet"].map(str::to_owned).to_vec();
    let mut add = |option: &str, value: &str| all.extend([option.to_owned(), value.to_owned()]);
    if spec.asks_postgres {
        add("--postgres", &settings.database.endpoint().to_string());
        add("--dbname", settings.database.name.as_str());
        add("--leaf", TLS_DIRECTORY);
    }
    for target in &spec.open {
        add("--open", target);
    }
    for target in &spec.closed {
        add("--closed", target);
    }
    all
}
