//! The configuration as it is kept in the cluster: one ConfigMap, which the Jobs mount and which a laptop reads.

use std::time::Duration;

use kube::Client;
use kubernetes::api::call::Call;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::object::ReadObject;
use kubernetes::api::resource::Resource;
use serde::Deserialize;

/// The ConfigMap.
pub const NAME: &str = "newleaf";
/// Its key.
pub const FILE: &str = "newleaf.yaml";
/// How long the request may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What is read of it.
#[derive(Debug, Deserialize)]
struct ConfigMap {
    data: Option<Data>,
}

#[derive(Debug, Deserialize)]
struct Data {
    #[serde(rename = "newleaf.yaml")]
    file: Option<String>,
}

/// The text of the configuration; `None` where none is kept there.
pub async fn read(client: &Client, namespace: &str) -> Result<Option<String>, KubernetesError> {
    let found = Call::get(Resource::ConfigMap, namespace, NAME).read::<ConfigMap>(client, LIMIT).await?;
    let Some(ReadObject { object: ConfigMap { data: Some(data) }, .. }) = found else { return Ok(None) };
    Ok(data.file)
}
