//! The objects that let a cluster run newleaf, typed and made from a configuration. Pure.
//!
//! | File | Subject |
//! |---|---|
//! | [`grants`] | every right with its reason, derived from the configuration |
//! | [`rbac`] | the accounts and their Roles, made from the rights |
//! | [`settings`] | the ConfigMap with the configuration |
//! | [`pod`] | the pod of both Jobs, and the reaction of a Job to its exit code |
//! | [`cronjob`] | the daily rotation |
//! | [`bootstrap`] | the Job that creates missing certificates |
//! | `hook` | the annotations of objects that Helm and Argo CD apply first |
//! | [`policy`] | the policies that confine the accounts where RBAC is too coarse |
//! | [`object`] | any of these objects, and their YAML |

pub mod bootstrap;
pub mod cronjob;
pub mod grants;
mod hook;
pub mod object;
pub mod pod;
pub mod policy;
pub mod rbac;
pub mod settings;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::configuration::cluster::ClusterPlace;
use crate::kubernetes::manifests::object::Object;
use crate::rotation::request::Deadlines;

/// The name of the CronJob, of its account, of the ConfigMap and of the Lease.
pub const NAME: &str = "newleaf";
/// The name of the bootstrap Job and of its account.
pub const BOOTSTRAP: &str = "newleaf-bootstrap";
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
    /// The exit codes of the program, each with its meaning and the reaction of a Job.
    pub exit_codes: &'a [(u8, &'a str, &'a str)],
}

/// All objects by subject, in the order in which to apply them.
pub fn parts(place: &ClusterPlace, options: &Options<'_>) -> Vec<(&'static str, Vec<Object>)> {
    let mut parts = vec![
        ("accounts", rbac::accounts(place)),
        ("roles", rbac::roles(place)),
        ("configuration", vec![Object::ConfigMap(settings::config_map(place, options))]),
        ("policy", if options.policies { policy::objects(place) } else { Vec::new() }),
        ("bootstrap", vec![Object::Job(Box::new(bootstrap::job(place, options)))]),
        ("rotation", vec![Object::CronJob(Box::new(cronjob::cron_job(place, options)))]),
    ];
    parts.retain(|(_, objects)| !objects.is_empty());
    parts
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
pub(super) mod tests;
