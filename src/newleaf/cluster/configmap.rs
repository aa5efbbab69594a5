//! The configuration in the cluster: one ConfigMap, which the Jobs mount and a laptop reads.

use std::time::Duration;

use kube::Client;
use kubernetes::api::call::Call;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::object::ReadObject;
use kubernetes::api::resource::Resource;
use serde::Deserialize;

/// The name of the ConfigMap.
pub const NAME: &str = "newleaf";
/// The key with the text of the configuration.
pub const FILE: &str = "newleaf.yaml";
/// How long the request may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The part of the ConfigMap that newleaf reads.
#[derive(Debug, Deserialize)]
struct ConfigMap {
    data: Option<Data>,
}

#[derive(Debug, Deserialize)]
struct Data {
    #[serde(rename = "newleaf.yaml")]
    file: Option<String>,
}

/// The text of the configuration. `None` if the namespace has no such ConfigMap or key.
pub async fn read(client: &Client, namespace: &str) -> Result<Option<String>, KubernetesError> {
    let found = Call::get(Resource::ConfigMap, namespace, NAME).read::<ConfigMap>(client, LIMIT).await?;
    let Some(ReadObject { object: ConfigMap { data: Some(data) }, .. }) = found else { return Ok(None) };
    Ok(data.file)
}
