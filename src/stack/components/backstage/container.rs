//! The container of Backstage: the program, its probes and its environment.

use k8s_openapi::api::core::v1::{
    ConfigMapEnvSource, ConfigMapKeySelector, Container, ContainerPort, EnvFromSource, EnvVar, EnvVarSource,
    HTTPGetAction, ObjectFieldSelector, Probe, SecretEnvSource, SecretKeySelector,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::components::app_config;
use crate::components::backstage::volumes::{self, APP_CONFIG_DIRECTORY};
use crate::components::backstage::{HTTP, METRICS};
use crate::components::common::BACKSTAGE;
use crate::components::pod::{container_security, resources, variable};
use crate::settings::Settings;
use crate::settings::backstage::EnvValue;
use crate::settings::database::{DatabaseServer, NAMESPACE_VARIABLE};
use crate::settings::entry::BACKSTAGE_PORT;
use crate::settings::references::{EntryReference, ObjectReference, ReferenceKind};

/// How often the kubelet probes a start.
const STARTUP_PERIOD: u32 = 2;
/// Backstage answers late while it is busy; that is no reason to end it.
const PATIENCE: i32 = 10;

pub(super) fn container(settings: &Settings) -> Container {
    let backstage = &settings.backstage;
    let amounts = &backstage.resources;
    Container {
        name: BACKSTAGE.to_owned(),
        image: Some(backstage.image.as_str().to_owned()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        command: Some(backstage.command.clone()),
        args: Some(arguments(settings)),
        env: Some(environment(settings)),
        env_from: env_from(settings),
        ports: Some(ports(settings)),
        resources: Some(resources(
            &[
                ("cpu", amounts.cpu_request.as_str()),
                ("memory", amounts.memory_request.as_str()),
                ("ephemeral-storage", "64Mi"),
            ],
            &[
                ("cpu", amounts.cpu_limit.as_str()),
                ("memory", amounts.memory_limit.as_str()),
                ("ephemeral-storage", "2Gi"),
            ],
        )),
        security_context: Some(container_security()),
        // A start that fails leaves a process that is alive and never becomes ready: only readiness tells, and the kubelet
        // starts it anew.
        startup_probe: Some(Probe {
            period_seconds: i32::try_from(STARTUP_PERIOD).ok(),
            failure_threshold: i32::try_from(backstage.startup_seconds / STARTUP_PERIOD).ok(),
            ..probe("readiness")
        }),
        readiness_probe: Some(Probe { period_seconds: Some(5), failure_threshold: Some(3), ..probe("readiness") }),
        liveness_probe: Some(Probe { period_seconds: Some(10), failure_threshold: Some(6), ..probe("liveness") }),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(volumes::mounts(settings)),
        ..Container::default()
    }
}

/// Each layer with its `--config`; the last one wins.
fn arguments(settings: &Settings) -> Vec<String> {
    let image = settings.backstage.image_config.iter().cloned();
    let files = app_config::files(settings).into_iter().map(|layer| format!("{APP_CONFIG_DIRECTORY}/{}", layer.file));
    image.chain(files).flat_map(|file| ["--config".to_owned(), file]).collect()
}

fn environment(settings: &Settings) -> Vec<EnvVar> {
    let given = &settings.backstage.env;
    let mut all = Vec::new();
    if !given.iter().any(|variable| variable.name.as_str() == "NODE_ENV") {
        all.push(variable("NODE_ENV", "production"));
    }
    all.extend(namespace_variable(settings));
    all.extend(app_config::variables(settings).iter().map(|(name, entry)| referenced(name, entry)));
    all.extend(given.iter().map(|given| match &given.value {
        EnvValue::Literal(text) => variable(given.name.as_str(), text),
        EnvValue::Referenced(entry) => referenced(given.name.as_str(), entry),
    }));
    all
}

/// The namespace, for the address of the stack's own PostgreSQL.
pub(super) fn namespace_variable(settings: &Settings) -> Option<EnvVar> {
    let field = ObjectFieldSelector { field_path: "metadata.namespace".to_owned(), ..ObjectFieldSelector::default() };
    let source = EnvVarSource { field_ref: Some(field), ..EnvVarSource::default() };
    match settings.database.server {
        DatabaseServer::Installed(_) => {
            Some(EnvVar { name: NAMESPACE_VARIABLE.to_owned(), value_from: Some(source), ..EnvVar::default() })
        }
        DatabaseServer::Existing(_) => None,
    }
}

fn referenced(name: &str, entry: &EntryReference) -> EnvVar {
    let (object, key) = (entry.object.name.as_str().to_owned(), entry.key.as_str().to_owned());
    let source = match entry.object.kind {
        ReferenceKind::ConfigMap => EnvVarSource {
            config_map_key_ref: Some(ConfigMapKeySelector { name: object, key, ..ConfigMapKeySelector::default() }),
            ..EnvVarSource::default()
        },
        ReferenceKind::Secret => EnvVarSource {
            secret_key_ref: Some(SecretKeySelector { name: object, key, ..SecretKeySelector::default() }),
            ..EnvVarSource::default()
        },
    };
    EnvVar { name: name.to_owned(), value_from: Some(source), ..EnvVar::default() }
}

fn env_from(settings: &Settings) -> Option<Vec<EnvFromSource>> {
    let source = |object: &ObjectReference| {
        let name = object.name.as_str().to_owned();
        match object.kind {
            ReferenceKind::ConfigMap => EnvFromSource {
                config_map_ref: Some(ConfigMapEnvSource { name, ..ConfigMapEnvSource::default() }),
                ..EnvFromSource::default()
            },
            ReferenceKind::Secret => EnvFromSource {
                secret_ref: Some(SecretEnvSource { name, ..SecretEnvSource::default() }),
                ..EnvFromSource::default()
            },
        }
    };
    let sources: Vec<EnvFromSource> = settings.backstage.env_from.iter().map(source).collect();
    (!sources.is_empty()).then_some(sources)
}

fn ports(settings: &Settings) -> Vec<ContainerPort> {
    let port = |name: &str, number: u16| ContainerPort {
        name: Some(name.to_owned()),
        container_port: number.into(),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    };
    let metrics = settings.monitoring.backstage.as_ref().map(|(number, _)| port(METRICS, *number));
    [port(HTTP, BACKSTAGE_PORT)].into_iter().chain(metrics).collect()
}

fn probe(of: &str) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(format!("/.backstage/health/v1/{of}")),
            port: IntOrString::String(HTTP.to_owned()),
            ..HTTPGetAction::default()
        }),
        timeout_seconds: Some(PATIENCE),
        ..Probe::default()
    }
}
