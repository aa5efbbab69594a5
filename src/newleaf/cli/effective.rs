//! The configuration in effect: options override variables, and variables override the file.

use std::path::Path;

use base::diagnosis::{Code, Diagnose, Failure};
use base::layers::merge::{merge, replace};
use base::layers::tree::Tree;
use kubernetes::api::connection::{Access, Connection};
use rotation::document::Configuration;
use rotation::document::error::ConfigurationError;
use rotation::document::file;
use rotation::document::resolve::{Environment, resolve, resolve_in_cluster};

use crate::cli::arguments::Global;
use crate::cli::configuration_file;
use crate::cluster::configmap;

/// The name of the file in the directory, if the operator names no other.
const FILE_NAME: &str = "newleaf.yaml";

/// The configuration with its layers and its source.
#[derive(Debug)]
pub struct Effective {
    /// The given values, each with its origin.
    pub layers: Tree,
    /// The resulting configuration.
    pub configuration: Configuration,
    /// The connection, if newleaf works on a cluster.
    pub connection: Option<Connection>,
    /// Whether the configuration comes from the cluster.
    pub is_kept_there: bool,
}

impl Effective {
    /// Reads the file, if there is one, and overrides it with variables and options. Without a directory newleaf works on a
    /// cluster, and the file may be a ConfigMap there.
    pub async fn read(global: &Global) -> Result<Self, Failure> {
        let is_pod = global.cluster.pod().is_some();
        let overrides = global.overrides.layer()?;
        let file = match (&global.config, overrides.find("directory").and_then(Tree::text)) {
            // A file mounted in newleaf's pod comes from the cluster.
            (Some(path), _) if is_pod => Some(configuration_file::of_cluster(path).await?),
            (Some(path), _) => Some(configuration_file::read(path).await?),
            (None, Some(directory)) => configuration_file::of_host(&Path::new(directory).join(FILE_NAME)).await?,
            (None, None) => None,
        };
        let (layers, trusted) = match file {
            Some(file) => (merge(file.layer, overrides, &replace), file.trusted),
            None => (overrides, Ok(())),
        };
        if layers.find("directory").is_some() {
            trusted?;
            let host = host_name();
            let configuration = resolve(&layers, Environment { host: host.as_deref(), namespace: None })?;
            return Ok(Self { layers, configuration, connection: None, is_kept_there: false });
        }
        let connection = match access(global).connect().await {
            Ok(connection) => connection,
            // No cluster was requested and none was found, so the error names the missing place.
            Err(error) if error.code() == Code::KubeconfigMissing && layers.find("namespace").is_none() => {
                return Err(ConfigurationError::DirectoryMissing.into());
            }
            Err(error) => return Err(error.into()),
        };
        let namespace = match layers.find("namespace").and_then(Tree::text) {
            Some(given) => given.to_owned(),
            None => connection.namespace.clone(),
        };
        let kept = match &global.config {
            Some(_) => None,
            None => configmap::read(&connection.client, &namespace).await?,
        };
        let is_kept_there = kept.is_some();
        let layers = match kept {
            Some(text) => {
                let place = format!("ConfigMap {namespace}/{}, {}", configmap::NAME, configmap::FILE);
                merge(file::parse_config_map(Path::new(&place), &text, &namespace)?, layers, &replace)
            }
            None => layers,
        };
        let configuration = resolve_in_cluster(&layers, &namespace)?;
        Ok(Self { layers, configuration, connection: Some(connection), is_kept_there })
    }
}

/// The host name of this machine, if it has one.
pub fn host_name() -> Option<String> {
    nix::unistd::gethostname().ok()?.into_string().ok()
}

fn access(global: &Global) -> Access {
    let arguments = &global.cluster;
    Access {
        kubeconfig: arguments.kubeconfig.clone(),
        context: arguments.context.clone(),
        cluster: None,
        user: None,
        as_user: arguments.as_user.clone(),
        as_groups: arguments.as_groups.clone(),
    }
}
