//! Backstage's pods, and how they are replaced: a new one is ready before an old one ends.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{LocalObjectReference, PodSpec, PodTemplateSpec, TopologySpreadConstraint};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::checksum::{CONFIGURATION, REFERENCES};
use crate::components::Component;
use crate::components::app_config;
use crate::components::backstage::{container, volumes, wait};
use crate::components::common::{BACKSTAGE, all_labels, metadata, selector};
use crate::components::pod::pod_security;
use crate::document::operations::PodSpread;
use crate::settings::Settings;
use crate::settings::budget::SURGE;

/// The user of images that follow Backstage's Dockerfile: `node`.
const USER: i64 = 1000;
/// What ending may take beyond the drain: plugins stop, connections close.
const AROUND_THE_DRAIN: u32 = 30;
/// How many starts may fail until Kubernetes calls the rollout failed.
const STARTS: u32 = 2;

pub(super) fn deployment(settings: &Settings) -> Deployment {
    let backstage = &settings.backstage;
    let deadline = backstage.startup_seconds.saturating_mul(STARTS);
    let surge = i32::try_from(SURGE).unwrap_or(1);
    Deployment {
        metadata: metadata(settings, BACKSTAGE, BACKSTAGE, Component::Backstage),
        spec: Some(DeploymentSpec {
            replicas: i32::try_from(backstage.replicas).ok(),
            selector: selector(settings, BACKSTAGE),
            strategy: Some(DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_unavailable: Some(IntOrString::Int(0)),
                    max_surge: Some(IntOrString::Int(surge)),
                }),
            }),
            progress_deadline_seconds: i32::try_from(deadline).ok(),
            revision_history_limit: Some(3),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(all_labels(settings, BACKSTAGE, Component::Backstage)),
                    annotations: Some(checksums(settings)),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(settings)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

/// A change of what the pods read replaces them, once.
fn checksums(settings: &Settings) -> BTreeMap<String, String> {
    let own = (CONFIGURATION.to_owned(), app_config::checksum(settings).to_string());
    let references = settings.references_checksum.map(|checksum| (REFERENCES.to_owned(), checksum.to_string()));
    [own].into_iter().chain(references).collect()
}

fn pod(settings: &Settings) -> PodSpec {
    let backstage = &settings.backstage;
    let secret = |name: &crate::settings::values::DnsSubdomain| LocalObjectReference { name: name.as_str().to_owned() };
    let pull_secrets: Vec<LocalObjectReference> = backstage.image_pull_secrets.iter().map(secret).collect();
    PodSpec {
        service_account_name: Some(BACKSTAGE.to_owned()),
        automount_service_account_token: Some(settings.features.kubernetes),
        enable_service_links: Some(false),
        image_pull_secrets: (!pull_secrets.is_empty()).then_some(pull_secrets),
        termination_grace_period_seconds: Some(backstage.drain_seconds.saturating_add(AROUND_THE_DRAIN).into()),
        security_context: Some(pod_security(settings, USER)),
        init_containers: backstage.wait_for_database.then(|| vec![wait::container(settings)]),
        containers: vec![container::container(settings)],
        volumes: Some(volumes::volumes(settings)),
        topology_spread_constraints: spread(settings),
        ..PodSpec::default()
    }
}

/// Pods go apart where they can, and start anyway where they cannot.
fn spread(settings: &Settings) -> Option<Vec<TopologySpreadConstraint>> {
    let over = |key: &str| TopologySpreadConstraint {
        max_skew: 1,
        topology_key: key.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        label_selector: Some(selector(settings, BACKSTAGE)),
        // Old pods of a rollout do not count.
        match_label_keys: Some(vec!["pod-template-hash".to_owned()]),
        ..TopologySpreadConstraint::default()
    };
    let (node, zone) = ("kubernetes.io/hostname", "topology.kubernetes.io/zone");
    match settings.spread {
        PodSpread::None => None,
        PodSpread::Node => Some(vec![over(node)]),
        PodSpread::Zone => Some(vec![over(zone), over(node)]),
    }
}
