//! The ConfigMap with the configuration, and its place in the pods.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;

use crate::configuration::cluster::ClusterPlace;
use crate::kubernetes::manifests::hook::{BEFORE_THE_JOB, hook};
use crate::kubernetes::manifests::{NAME, Options, metadata};

/// The key of the ConfigMap, which is the name of the file.
pub const FILE: &str = "newleaf.yaml";
/// The directory of the mount.
pub(super) const DIRECTORY: &str = "/etc/newleaf";

/// The ConfigMap. Both Jobs read it. Bootstrap runs as a hook, so the ConfigMap is a hook too.
pub(super) fn config_map(place: &ClusterPlace, options: &Options<'_>) -> ConfigMap {
    ConfigMap {
        metadata: hook(metadata(Some(&place.namespace), NAME, "configuration"), BEFORE_THE_JOB),
        data: Some(BTreeMap::from([(FILE.to_owned(), options.configuration.to_owned())])),
        ..ConfigMap::default()
    }
}
