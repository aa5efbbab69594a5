//! The configuration as it is kept in the cluster: one ConfigMap, which the Jobs mount and which a laptop reads.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client};

use crate::kubernetes::api::call::Call;
use crate::kubernetes::api::error::KubernetesError;

/// The ConfigMap.
pub const NAME: &str = "newleaf";
/// Its key.
pub const FILE: &str = "newleaf.yaml";
/// How long the request may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The text of the configuration; `None` where nobody keeps one.
pub async fn read(client: &Client, namespace: &str) -> Result<Option<String>, KubernetesError> {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
    let call = Call {
        verb: "get",
        group: "",
        resource: "configmaps",
        namespace: namespace.to_owned(),
        name: Some(NAME.to_owned()),
    };
    let found = call.send(LIMIT, api.get_opt(NAME)).await?;
    Ok(found.and_then(|found| found.data).and_then(|mut data| data.remove(FILE)))
}
