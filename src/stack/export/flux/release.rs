//! A `HelmRelease` of the chart that the export for Helm makes: in the same repository, or in a registry.

use serde_json::{Value, json};

use crate::export::ExportSource;
use crate::export::flux::{FLUX_NAMESPACE, INTERVAL, TIMEOUT_SECONDS};

/// How an address of a registry begins.
const REGISTRY: &str = "oci://";
/// The layer of an artifact that has the chart.
const CHART_LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// How often the helm-controller tries again before it gives up, and rolls back.
const RETRIES: u32 = 3;

/// The `HelmRelease`, after the object that fetches the chart from a registry if it is in one.
pub(super) fn documents(source: &ExportSource<'_>, chart: &str) -> Vec<Value> {
    let name = source.settings.name.as_str();
    let metadata = json!({ "name": name, "namespace": FLUX_NAMESPACE });
    let (place, fetched) = if let Some(address) = chart.strip_prefix(REGISTRY) {
        let place = json!({ "chartRef": { "kind": "OCIRepository", "name": name } });
        (place, Some(registry(&metadata, address)))
    } else {
        // A change of the folder counts, not only one of the chart's version.
        let spec = json!({
            "chart": source.repository.below(chart),
            "interval": INTERVAL,
            "reconcileStrategy": "Revision",
            "sourceRef": source.repository.flux.reference(),
        });
        (json!({ "chart": { "spec": spec } }), None)
    };
    let namespace = source.settings.namespace.as_str();
    let mut spec = json!({
        "install": { "createNamespace": true, "remediation": { "retries": RETRIES } },
        "interval": INTERVAL,
        "releaseName": name,
        "storageNamespace": namespace,
        "targetNamespace": namespace,
        "timeout": format!("{TIMEOUT_SECONDS}s"),
        "upgrade": { "remediation": { "retries": RETRIES } },
    });
    if let (Value::Object(spec), Value::Object(place)) = (&mut spec, place) {
        spec.extend(place);
    }
    let release = json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": metadata,
        "spec": spec,
    });
    fetched.into_iter().chain([release]).collect()
}

/// What fetches the chart from a registry.
fn registry(metadata: &Value, address: &str) -> Value {
    json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "OCIRepository",
        "metadata": metadata,
        "spec": {
            "interval": INTERVAL,
            "layerSelector": { "mediaType": CHART_LAYER, "operation": "copy" },
            "ref": reference(address),
            "url": format!("{REGISTRY}{}", without_version(address)),
        },
    })
}

/// The version after the last colon, or the digest after an at sign; without either, every version.
fn reference(address: &str) -> Value {
    match address.strip_prefix(without_version(address)).and_then(|version| version.get(1..)) {
        Some(digest) if digest.starts_with("sha256:") => json!({ "digest": digest }),
        Some(tag) if !tag.is_empty() => json!({ "tag": tag }),
        Some(_) | None => json!({ "semver": "*" }),
    }
}

fn without_version(address: &str) -> &str {
    if let Some((name, _)) = address.split_once('@') {
        return name;
    }
    // A colon before the last slash is that of a port.
    let last = address.rfind('/').unwrap_or_default();
    match address.rfind(':') {
        Some(colon) if colon > last => address.get(..colon).unwrap_or(address),
        Some(_) | None => address,
    }
}
