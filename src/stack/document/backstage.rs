//! Backstage itself.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::document::{KeyReference, Scalar};

/// Backstage itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BackstageSection {
    /// The container image, with a tag or a digest.
    pub image: Option<String>,
    /// Secrets with the credentials of the registry.
    pub image_pull_secrets: Option<Vec<String>>,
    /// The program in the image and its first arguments; `--config` and its files follow.
    pub command: Option<Vec<String>>,
    /// How many pods.
    pub replicas: Option<u32>,
    /// The title of the portal.
    pub title: Option<String>,
    /// The name of the organization.
    pub organization: Option<String>,
    /// app-config files of the image, which are loaded before everything else.
    pub image_config: Option<Vec<String>>,
    /// Layers of app-config over the generated one; later ones win.
    pub app_config: Option<Vec<AppConfigSection>>,
    /// Environment variables.
    pub env: Option<Vec<EnvSection>>,
    /// `ConfigMaps` and Secrets all of whose keys become environment variables.
    pub env_from: Option<Vec<EnvFromSection>>,
    /// `ConfigMaps` and Secrets that are mounted as directories.
    pub files: Option<Vec<MountSection>>,
    /// What a pod may use.
    pub resources: Option<ResourcesSection>,
    /// What the number of connections to the database follows from.
    pub plugins: Option<PluginsSection>,
    /// What Backstage may do in the database.
    pub profile: Option<DatabaseProfile>,
    /// Start Backstage only when the database accepts connections.
    pub wait_for_database: Option<bool>,
    /// How long a start may take until the kubelet tries anew.
    pub startup_seconds: Option<u32>,
    /// How long a pod that ends goes on serving, until every Service has forgotten it.
    pub drain_seconds: Option<u32>,
    /// What happens when a plugin fails to start.
    pub on_plugin_failure: Option<PluginFailure>,
}

/// A layer of app-config: exactly one of the three.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppConfigSection {
    /// A key of a ConfigMap that is there already.
    pub config_map: Option<KeyReference>,
    /// A key of a Secret that is there already.
    pub secret: Option<KeyReference>,
    /// The configuration itself. It becomes a ConfigMap, so secrets have no place here.
    pub inline: Option<Map<String, Value>>,
}

/// An environment variable: exactly one of `value`, `configMap` and `secret`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvSection {
    /// Its name.
    pub name: String,
    /// Its value, which everybody may read.
    pub value: Option<Scalar>,
    /// A key of a ConfigMap.
    pub config_map: Option<KeyReference>,
    /// A key of a Secret.
    pub secret: Option<KeyReference>,
}

/// All keys of an object as environment variables: exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvFromSection {
    /// The ConfigMap.
    pub config_map: Option<String>,
    /// The Secret.
    pub secret: Option<String>,
}

/// An object that is mounted as a directory: exactly one of `configMap` and `secret`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MountSection {
    /// The directory. It is a whole mount, so that changes arrive.
    pub path: String,
    /// The ConfigMap.
    pub config_map: Option<String>,
    /// The Secret.
    pub secret: Option<String>,
}

/// What a pod may use, as Kubernetes writes quantities.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourcesSection {
    /// What is reserved.
    pub requests: Option<QuantitiesSection>,
    /// What is the most.
    pub limits: Option<QuantitiesSection>,
}

/// Processor time and memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuantitiesSection {
    /// Processor time: `250m`, `2`.
    pub cpu: Option<Scalar>,
    /// Memory: `512Mi`.
    pub memory: Option<Scalar>,
}

/// Each plugin has a pool of connections in each pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginsSection {
    /// How many plugins of the image use the database.
    pub count: Option<u32>,
    /// How many connections a plugin has at most.
    pub pool: Option<u32>,
}

/// What Backstage may do in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DatabaseProfile {
    /// It logs in as `postgres` and makes a database for each plugin.
    Superuser,
    /// It logs in with a role of its own, and makes a schema for each plugin in one database.
    LeastPrivilege,
}

/// What happens when a plugin fails to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PluginFailure {
    /// Backstage does not become ready.
    Abort,
    /// The other plugins work.
    Continue,
}
