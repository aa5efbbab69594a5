//! The objects that let a cluster run newleaf, typed and made from a configuration. Pure.
//!
//! | File | Subject |
//! |---|---|
//! | [`grants`] | every right with its reason, derived from the configuration |
//! | [`rbac`] | the accounts and their Roles, made from the rights |
//! | [`settings`] | the `ConfigMap` objects: the configuration, and the figures that runs write |
//! | [`pod`] | the pod of both Jobs, and the reaction of a Job to its exit code |
//! | [`cronjob`] | the daily rotation |
//! | [`bootstrap`] | the Job that makes what is missing |
//! | [`exporter`] | what serves the figures to Prometheus |
//! | [`policy`] | what the API server confines the accounts to, where RBAC is too coarse |
//! | [`object`] | any of these objects, and their YAML |

pub mod bootstrap;
pub mod cronjob;
pub mod exporter;
pub mod grants;
pub mod object;
pub mod pod;
pub mod policy;
pub mod rbac;
pub mod settings;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::document::cluster::ClusterPlace;
use crate::engine::request::Deadlines;
use crate::manifests::object::{Manifest, ManifestPhase};

/// The name of the CronJob, of its account, of the ConfigMap and of the Lease.
pub const NAME: &str = "newleaf";
/// The name of the bootstrap Job and of its account.
pub const BOOTSTRAP: &str = "newleaf-bootstrap";
/// The annotation of a pod that asks its kubelet to project Secrets at once: any change of the pod makes the kubelet look.
pub const PROJECTED: &str = "newleaf.dev/projected";
/// The type of a leaf's Secret under the usual keys.
pub const TYPE_TLS: &str = "kubernetes.io/tls";
/// The type of every other Secret.
pub const TYPE_ANY: &str = "Opaque";
/// The container of both Jobs.
pub const CONTAINER: &str = "newleaf";

/// The label selector of the Jobs that come from the CronJob's template.
pub const ROTATION_JOBS: &str = "app.kubernetes.io/name=newleaf,app.kubernetes.io/component=rotation";

/// The inputs for the objects besides the place.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The container image.
    pub image: &'a str,
    /// The schedule of the CronJob: the five fields of cron.
    pub schedule: &'a str,
    /// The text of the configuration for the pods.
    pub configuration: &'a str,
    /// The deadlines of a step and of a run.
    pub deadlines: Deadlines,
    /// Whether to include the policies, which belong to the whole cluster.
    pub policies: bool,
    /// Whether to include what serves the figures to Prometheus.
    pub metrics: bool,
}

/// All objects by subject, in the order in which to apply them.
pub fn parts(place: &ClusterPlace, options: &Options<'_>) -> Vec<(&'static str, Vec<Manifest>)> {
    let mut parts = vec![
        ("accounts", rbac::accounts(place)),
        ("roles", rbac::roles(place)),
        ("configuration", configuration(place, options)),
        ("policy", if options.policies { policy::objects(place) } else { Vec::new() }),
        ("bootstrap", vec![Manifest::new(ManifestPhase::Bootstrap, &bootstrap::job(place, options))]),
        ("rotation", vec![Manifest::new(ManifestPhase::Operation, &cronjob::cron_job(place, options))]),
        ("metrics", if options.metrics { exporter::objects(place, options) } else { Vec::new() }),
    ];
    parts.retain(|(_, objects)| !objects.is_empty());
    parts
}

fn configuration(place: &ClusterPlace, options: &Options<'_>) -> Vec<Manifest> {
    let maps = [settings::config_map(place, options), settings::figures(place)];
    maps.iter().map(|map| Manifest::new(ManifestPhase::Preparation, map)).collect()
}

/// Name, namespace and labels of an object.
fn metadata(namespace: Option<&str>, name: &str, component: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: namespace.map(str::to_owned),
        labels: Some(labels(component)),
        ..ObjectMeta::default()
    }
}

/// The labels by which people find newleaf's objects.
fn labels(component: &str) -> BTreeMap<String, String> {
    let label = |name: &str, value: &str| (format!("app.kubernetes.io/{name}"), value.to_owned());
    BTreeMap::from([label("name", NAME), label("component", component)])
}

#[cfg(test)]
mod tests;
