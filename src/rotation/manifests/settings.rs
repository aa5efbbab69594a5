//! The `ConfigMap` objects: the configuration with its place in the pods, and the figures, which runs fill.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;

use crate::document::cluster::ClusterPlace;
use crate::figures;
use crate::manifests::{NAME, Options, metadata};

/// The key of the ConfigMap, which is the name of the file.
pub const FILE: &str = "newleaf.yaml";
/// The directory of the mount.
pub(super) const DIRECTORY: &str = "/etc/newleaf";

/// The ConfigMap. Both Jobs read it.
pub(super) fn config_map(place: &ClusterPlace, options: &Options<'_>) -> ConfigMap {
    ConfigMap {
        metadata: metadata(Some(&place.namespace), NAME, "configuration"),
        data: Some(BTreeMap::from([(FILE.to_owned(), options.configuration.to_owned())])),
        ..ConfigMap::default()
    }
}

/// The ConfigMap for the figures. It is there before the first run, so no account needs the right to create one; its content
/// belongs to the runs.
pub(super) fn figures(place: &ClusterPlace) -> ConfigMap {
    ConfigMap { metadata: metadata(Some(&place.namespace), figures::CONFIG_MAP, "figures"), ..ConfigMap::default() }
}
