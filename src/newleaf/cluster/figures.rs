//! Writes the figures of a run into the ConfigMap that `newleaf metrics` serves. A run never fails because of it: it warns.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use kube::Client;
use kubernetes::api::call::Call;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::resource::Resource;
use kubernetes::api::write::Change;
use rotation::figures::{CONFIG_MAP, FILE, Figures};
use serde::Deserialize;
use serde_json::json;

/// How long each of the two requests may take.
const LIMIT: Duration = Duration::from_secs(2);

/// The part of the ConfigMap that newleaf reads.
#[derive(Debug, Deserialize)]
struct FiguresRead {
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
}

/// Writes into the ConfigMap of a namespace.
pub(super) struct FiguresWriter {
    client: Client,
    namespace: String,
}

impl fmt::Debug for FiguresWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FiguresWriter").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl FiguresWriter {
    pub(super) fn new(client: Client, namespace: &str) -> Self {
        Self { client, namespace: namespace.to_owned() }
    }

    /// Writes the figures, with the last success of former runs where these have none.
    pub(super) async fn write(&self, figures: Figures) {
        if let Err(error) = replace(&self.client, &self.namespace, figures).await {
            tracing::warn!(
                %error,
                "the figures for Prometheus in ConfigMap {}/{CONFIG_MAP} stay as they were; the rotation does not need them; \
                 `newleaf manifests` prints the ConfigMap and the rights",
                self.namespace
            );
        }
    }
}

async fn replace(client: &Client, namespace: &str, figures: Figures) -> Result<(), KubernetesError> {
    let read = Call::get(Resource::ConfigMap, namespace, CONFIG_MAP);
    let Some(found) = read.clone().read::<FiguresRead>(client, LIMIT).await? else {
        return Err(KubernetesError::NotFound { call: read });
    };
    let stored = found.object.data.unwrap_or_default().remove(FILE);
    // What another program wrote there is replaced: nothing depends on it.
    let former = stored.as_deref().and_then(|text| Figures::parse(text).ok()).unwrap_or_default();
    let text = figures.after(&former).to_text();
    if stored.as_deref() == Some(text.as_str()) {
        return Ok(());
    }
    let change = Change::of_version(&found.guard, json!({}), json!({ "data": { FILE: text } }));
    Call::patch(Resource::ConfigMap, namespace, CONFIG_MAP).merge_quietly(client, &change, LIMIT).await
}
