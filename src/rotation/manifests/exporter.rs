//! What serves the figures to Prometheus: a Deployment of one small pod, its Service, and an account without any right. The pod
//! mounts the ConfigMap with the figures and no token, so it can read no key, nor anything else of the cluster.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, Container, ContainerPort, HTTPGetAction, PodSpec, PodTemplateSpec, Probe, Service,
    ServiceAccount, ServicePort, ServiceSpec, TCPSocketAction, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::document::cluster::ClusterPlace;
use crate::figures::CONFIG_MAP;
use crate::manifests::object::{Manifest, ManifestPhase};
use crate::manifests::{Options, pod};

/// The name of the Deployment and of its Service, and the value of their label `app.kubernetes.io/name`. Not that of the
/// rotation: a network policy for the rotation's pods opens the database and the API server.
pub const EXPORTER: &str = "newleaf-metrics";
/// The port, as OpenTelemetry's exporter for Prometheus has it.
pub const PORT: u16 = 9464;
/// The name of the port.
pub const PORT_NAME: &str = "metrics";
/// The directory of the mount.
pub const DIRECTORY: &str = "/etc/newleaf-figures";
/// Twice the peak.
const MEMORY: &str = "32Mi";

/// The account, the Deployment and its Service.
pub(super) fn objects(place: &ClusterPlace, options: &Options<'_>) -> Vec<Manifest> {
    // An account of its own: what is granted to the default one of the namespace is not for this pod.
    let account = ServiceAccount {
        metadata: metadata(place),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    };
    vec![
        Manifest::new(ManifestPhase::Operation, &account),
        Manifest::new(ManifestPhase::Operation, &deployment(place, options)),
        Manifest::new(ManifestPhase::Operation, &service(place)),
    ]
}

fn label(name: &str, value: &str) -> (String, String) {
    (format!("app.kubernetes.io/{name}"), value.to_owned())
}

fn metadata(place: &ClusterPlace) -> ObjectMeta {
    ObjectMeta {
        name: Some(EXPORTER.to_owned()),
        namespace: Some(place.namespace.clone()),
        labels: Some(labels()),
        ..ObjectMeta::default()
    }
}

fn labels() -> BTreeMap<String, String> {
    [label("name", EXPORTER), label("component", "metrics")].into()
}

/// A selector never changes.
fn selector() -> BTreeMap<String, String> {
    [label("name", EXPORTER)].into()
}

fn deployment(place: &ClusterPlace, options: &Options<'_>) -> Deployment {
    Deployment {
        metadata: metadata(place),
        spec: Some(DeploymentSpec {
            replicas: Some(1),
            selector: LabelSelector { match_labels: Some(selector()), ..LabelSelector::default() },
            strategy: Some(DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_unavailable: Some(IntOrString::Int(0)),
                    max_surge: Some(IntOrString::Int(1)),
                }),
            }),
            revision_history_limit: Some(3),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels()), ..ObjectMeta::default() }),
                spec: Some(PodSpec {
                    service_account_name: Some(EXPORTER.to_owned()),
                    automount_service_account_token: Some(false),
                    enable_service_links: Some(false),
                    security_context: Some(pod::pod_security()),
                    containers: vec![container(options)],
                    volumes: Some(vec![Volume {
                        name: "figures".to_owned(),
                        config_map: Some(ConfigMapVolumeSource {
                            name: CONFIG_MAP.to_owned(),
                            // Without the ConfigMap there are no figures, which an alert tells better than a pod that hangs.
                            optional: Some(true),
                            ..ConfigMapVolumeSource::default()
                        }),
                        ..Volume::default()
                    }]),
                    ..PodSpec::default()
                }),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

fn container(options: &Options<'_>) -> Container {
    Container {
        name: "metrics".to_owned(),
        image: Some(options.image.to_owned()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        args: Some(["metrics", "--figures", DIRECTORY].map(str::to_owned).to_vec()),
        ports: Some(vec![ContainerPort {
            name: Some(PORT_NAME.to_owned()),
            container_port: PORT.into(),
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        readiness_probe: Some(Probe {
            http_get: Some(HTTPGetAction {
                path: Some("/healthz".to_owned()),
                port: IntOrString::String(PORT_NAME.to_owned()),
                ..HTTPGetAction::default()
            }),
            ..probe(10)
        }),
        // Slower and coarser, so that a busy node replaces no pod that would soon answer.
        liveness_probe: Some(Probe {
            tcp_socket: Some(TCPSocketAction {
                port: IntOrString::String(PORT_NAME.to_owned()),
                ..TCPSocketAction::default()
            }),
            ..probe(30)
        }),
        resources: Some(pod::resources(
            [("cpu", "5m"), ("ephemeral-storage", "1Mi"), ("memory", "16Mi")],
            [("cpu", "1"), ("ephemeral-storage", "64Mi"), ("memory", MEMORY)],
        )),
        security_context: Some(pod::container_security()),
        volume_mounts: Some(vec![VolumeMount {
            name: "figures".to_owned(),
            mount_path: DIRECTORY.to_owned(),
            read_only: Some(true),
            ..VolumeMount::default()
        }]),
        ..Container::default()
    }
}

fn probe(period: i32) -> Probe {
    Probe { period_seconds: Some(period), timeout_seconds: Some(2), ..Probe::default() }
}

fn service(place: &ClusterPlace) -> Service {
    Service {
        metadata: metadata(place),
        spec: Some(ServiceSpec {
            selector: Some(selector()),
            ports: Some(vec![ServicePort {
                name: Some(PORT_NAME.to_owned()),
                port: PORT.into(),
                target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
                protocol: Some("TCP".to_owned()),
                ..ServicePort::default()
            }]),
            type_: Some("ClusterIP".to_owned()),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}
