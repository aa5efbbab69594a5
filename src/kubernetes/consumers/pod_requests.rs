//! What the API server is asked about pods, and told. Decides nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::{ListParams, LogParams, Patch, PatchParams};
use kube::{Api, Client};
use serde_json::json;

use crate::kubernetes::api::FIELD_MANAGER;
use crate::kubernetes::api::call::Call;
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::consumers::pods::{PodFacts, Trouble, instant};
use crate::kubernetes::manifests::policy::PROJECTED;

/// How much of a failed pod's log is told.
const LOG_LINES: i64 = 10;
const LOG_BYTES: i64 = 4096;
const LINE_MAX: usize = 300;

/// The pods of a namespace, but for those that have ended.
pub(crate) async fn list(client: &Client, namespace: &str, limit: Duration) -> Result<Vec<PodFacts>, KubernetesError> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let call = call("list", "pods", namespace, None);
    let pods = call.send(limit, pods.list(&ListParams::default())).await?;
    Ok(pods.items.iter().filter_map(PodFacts::of).collect())
}

/// The last lines that a pod in trouble has logged; none when they cannot be had.
pub(crate) async fn last_log_lines(client: &Client, namespace: &str, pod: &PodFacts, limit: Duration) -> Vec<String> {
    let Some(Trouble { container: Some(container), previous, .. }) = &pod.trouble else { return Vec::new() };
    let wanted = LogParams {
        container: Some(container.clone()),
        previous: *previous,
        tail_lines: Some(LOG_LINES),
        limit_bytes: Some(LOG_BYTES),
        ..LogParams::default()
    };
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let call = call("get", "pods/log", namespace, Some(&pod.name));
    let log = call.send(limit, pods.logs(&pod.name, &wanted)).await.unwrap_or_default();
    log.lines().map(printable).filter(|line| !line.is_empty()).collect()
}

/// A line for an error message: without control characters, of bounded length.
fn printable(line: &str) -> String {
    line.trim_end().chars().filter(|character| !character.is_control()).take(LINE_MAX).collect()
}

/// The last warning about an object, where the account may see it: a volume that cannot be mounted or a quota shows nowhere else.
pub(crate) async fn last_warning(
    client: &Client,
    namespace: &str,
    kind: &str,
    name: &str,
    limit: Duration,
) -> Option<String> {
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    let about = format!("involvedObject.kind={kind},involvedObject.name={name},type=Warning");
    let wanted = ListParams::default().fields(&about);
    let call = call("list", "events", namespace, None);
    let events = call.send(limit, events.list(&wanted)).await.ok()?.items;
    let seen = |event: &Event| event.last_timestamp.as_ref().and_then(instant).or_else(|| created(event));
    let last = events.into_iter().max_by_key(seen)?;
    Some(format!("{}: {}", last.reason.unwrap_or_default(), printable(&last.message.unwrap_or_default())))
}

fn created(event: &Event) -> Option<DateTime<Utc>> {
    event.metadata.creation_timestamp.as_ref().and_then(instant)
}

/// Makes the kubelet of a pod look at its Secrets now. A pod that is gone needs none.
pub(crate) async fn nudge(
    client: &Client,
    namespace: &str,
    pod: &PodFacts,
    hash: &str,
    limit: Duration,
) -> Result<(), KubernetesError> {
    if pod.annotations.get(PROJECTED).is_some_and(|value| value == hash) {
        return Ok(());
    }
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let change = Patch::Merge(json!({"metadata": {"annotations": {PROJECTED: hash}}}));
    let parameters = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
    let call = call("patch", "pods", namespace, Some(&pod.name));
    match call.send(limit, pods.patch_metadata(&pod.name, &parameters, &change)).await {
        Ok(_) | Err(KubernetesError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn call(verb: &'static str, resource: &'static str, namespace: &str, name: Option<&str>) -> Call {
    Call { verb, group: "", resource, namespace: namespace.to_owned(), name: name.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_log_are_printable_and_bounded() {
        assert_eq!(printable("\u{1b}[31mred\u{7}\r\n"), "[31mred");
        assert_eq!(printable(&"\u{e9}".repeat(1000)).chars().count(), LINE_MAX);
    }
}
