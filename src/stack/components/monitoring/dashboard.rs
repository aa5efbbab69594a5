//! The dashboard of Grafana: when leaves end, when the last good run was, who is stale.

use rotation::figures::{LAST_SUCCESS, LEAF_END, STALE};
use serde_json::{Value, json};

use crate::settings::Settings;

pub(super) fn dashboard(settings: &Settings) -> Value {
    let namespace = settings.namespace.as_str();
    let left = format!("{LEAF_END}{{namespace=\"{namespace}\"}} - time()");
    let since = format!("time() - max({LAST_SUCCESS}{{namespace=\"{namespace}\"}})");
    let stale = format!("max by (consumer) ({STALE}{{namespace=\"{namespace}\"}})");
    json!({
        // The namespace is quoted here as it is in the expressions, so that a tool replaces it in the same way. Grafana makes a
        // uid; one of ours would have to contain the namespace.
        "title": format!("Certificates of {} in \"{namespace}\"", settings.name),
        "tags": ["newleaf"],
        "timezone": "utc",
        "schemaVersion": 39,
        "version": 1,
        "refresh": "1m",
        "time": { "from": "now-7d", "to": "now" },
        "panels": [
            panel(1, "Time until a leaf ends", "s", &left, "{{peer}}", 0),
            panel(2, "Time since the last good run", "s", &since, "rotation", 8),
            panel(3, "Consumers with an old leaf", "short", &stale, "{{consumer}}", 16),
        ],
    })
}

fn panel(id: u32, title: &str, unit: &str, expression: &str, legend: &str, x: u32) -> Value {
    json!({
        "id": id,
        "type": "timeseries",
        "title": title,
        "gridPos": { "h": 8, "w": 8, "x": x, "y": 0 },
        "fieldConfig": { "defaults": { "unit": unit, "min": 0 }, "overrides": [] },
        "targets": [{ "refId": "A", "expr": expression, "legendFormat": legend }],
    })
}
