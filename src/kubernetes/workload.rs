//! Workloads as the API server gives them, and the one change that is made to them: annotations of the pod template.
//!
//! The change is server-side apply under our own field manager and without force.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use base::diagnosis::RemoteText;
use base::workload_kind::WorkloadKind;
use kube::Client;
use serde_json::json;

use crate::api::FIELD_MANAGER;
use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::object::{Guard, ReadObject, Uid};
use crate::api::read::Selection;
use crate::api::resource::Resource;
use crate::api::write::Change;
use crate::rollout::{self, Rollout};
use crate::wire::workload::{WorkloadFieldsEntry, WorkloadObject};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkloadName {
    pub namespace: String,
    pub kind: WorkloadKind,
    /// The name of the object.
    pub name: String,
}

impl WorkloadName {
    /// As in `kubectl get KIND/NAME`.
    pub fn object(&self) -> String {
        format!("{}/{}", self.kind.as_str(), self.name)
    }
}

impl fmt::Display for WorkloadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in namespace {}", self.object(), self.namespace)
    }
}

/// A workload as the API server returned it.
#[derive(Debug, Clone)]
pub struct Workload {
    kind: WorkloadKind,
    pub object: WorkloadObject,
}

impl Workload {
    /// A workload of this kind, from the API server's object.
    pub const fn new(kind: WorkloadKind, object: WorkloadObject) -> Self {
        Self { kind, object }
    }

    pub const fn kind(&self) -> WorkloadKind {
        self.kind
    }

    /// The identity (uid) of the workload.
    pub const fn uid(&self) -> &Uid {
        &self.object.metadata.uid
    }

    /// The progress of its rollout.
    pub fn rollout(&self) -> Rollout {
        match self.kind {
            WorkloadKind::Deployment => rollout::deployment(&self.object),
            WorkloadKind::StatefulSet => rollout::stateful_set(&self.object),
            WorkloadKind::DaemonSet => rollout::daemon_set(&self.object),
        }
    }

    /// The generation, which counts the changes of the specification.
    pub const fn generation(&self) -> Option<i64> {
        self.object.metadata.generation
    }

    /// An annotation of its pod template, if it is newleaf's.
    pub fn template_annotation(&self, key: &str) -> Option<&str> {
        let template = self.object.spec.as_ref()?.template.as_ref()?;
        template.metadata.as_ref()?.annotations.get(key).map(String::as_str)
    }

    /// The other field managers that own an annotation of the pod template now.
    pub fn owners(&self, annotation: &str) -> Vec<RemoteText> {
        self.managers(|entry| entry.owns(annotation))
    }

    /// The other field managers that write the pod template. A manager that removes a field leaves no trace, but is probably
    /// one of them.
    pub fn writers(&self) -> Vec<RemoteText> {
        self.managers(WorkloadFieldsEntry::writes_template)
    }

    fn managers(&self, is_wanted: impl Fn(&WorkloadFieldsEntry) -> bool) -> Vec<RemoteText> {
        let mut others = BTreeSet::new();
        for entry in self.object.metadata.managed_fields.as_deref().unwrap_or_default() {
            if let Some(manager) = &entry.manager
                && manager.as_str() != FIELD_MANAGER
                && is_wanted(entry)
            {
                others.insert(manager.clone());
            }
        }
        others.into_iter().collect()
    }

    /// The target revision of an ordered `StatefulSet`: while one of its pods is not ready, Kubernetes replaces none.
    pub fn revision_of_ordered(&self) -> Option<&str> {
        if self.kind != WorkloadKind::StatefulSet {
            return None;
        }
        let parallel = self.object.spec.as_ref()?.pod_management_policy.as_deref() == Some("Parallel");
        let status = self.object.status.as_ref()?;
        let under_way = status.update_revision != status.current_revision;
        status.update_revision.as_deref().filter(|_| under_way && !parallel)
    }
}

/// The API resource of a kind.
pub const fn resource(kind: WorkloadKind) -> Resource {
    match kind {
        WorkloadKind::Deployment => Resource::Deployment,
        WorkloadKind::StatefulSet => Resource::StatefulSet,
        WorkloadKind::DaemonSet => Resource::DaemonSet,
    }
}

/// Reads one workload.
pub async fn get(
    client: &Client,
    name: &WorkloadName,
    limit: Duration,
) -> Result<ReadObject<Workload>, KubernetesError> {
    let call = Call::get(resource(name.kind), &name.namespace, &name.name);
    let ReadObject { guard, object, answered } = call.read_present(client, limit).await?;
    Ok(ReadObject { guard, object: Workload::new(name.kind, object), answered })
}

/// Reads the workloads of a kind that have these labels.
pub async fn list(
    client: &Client,
    namespace: &str,
    kind: WorkloadKind,
    selector: &str,
    limit: Duration,
) -> Result<Vec<Workload>, KubernetesError> {
    let selection = Selection { labels: selector.to_owned(), ..Selection::default() };
    let mut workloads = Vec::new();
    let call = Call::list(resource(kind), namespace);
    call.each(client, &selection, limit, |object| workloads.push(Workload::new(kind, object))).await?;
    Ok(workloads)
}

/// Says which material the pods are to be made for, so that Kubernetes replaces those that were made for another; the
/// workload as it is then. The annotations must be all that we want there: what an apply leaves out, it takes away.
///
/// The guard is that of the workload as newleaf read it after checking that it still holds the Lease. So a process that was
/// frozen in between does not overwrite the hash that another run has applied meanwhile, which would replace all pods again.
/// An apply also never creates a workload that has just been deleted.
pub async fn apply(
    client: &Client,
    name: &WorkloadName,
    guard: &Guard,
    annotations: &BTreeMap<&'static str, String>,
    limit: Duration,
) -> Result<Workload, KubernetesError> {
    let WorkloadName { namespace, kind, name: object } = name;
    let resource = resource(*kind);
    let change = Change::of_version(
        guard,
        json!({"name": object, "namespace": namespace}),
        json!({
            "apiVersion": resource.version(),
            "kind": resource.kind(),
            "spec": {"template": {"metadata": {"annotations": annotations}}},
        }),
    );
    let applied = Call::patch(resource, namespace, object).apply(client, &change, limit).await?;
    Ok(Workload::new(*kind, applied.object))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const ANNOTATION: &str = "newleaf.dev/server-hash";

    fn of(kind: WorkloadKind, spec: &Value, status: &Value, managed: &Value) -> Workload {
        let mut object = json!({"metadata": {"name": "it", "uid": "u", "managedFields": managed}, "status": status,
            "spec": {"selector": {}, "template": {"metadata": {"annotations": {ANNOTATION: "abc", "theirs": "x"}}}}});
        for (key, value) in spec.as_object().into_iter().flatten() {
            object["spec"][key] = value.clone();
        }
        Workload::new(kind, serde_json::from_value(object).unwrap())
    }

    fn deployment(managed: &Value) -> Workload {
        of(WorkloadKind::Deployment, &json!({}), &json!({}), managed)
    }

    fn entry(manager: &str, fields: &Value) -> Value {
        json!({"manager": manager, "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": fields})
    }

    fn names(managers: &[RemoteText]) -> Vec<&str> {
        managers.iter().map(RemoteText::as_str).collect()
    }

    #[test]
    fn the_owner_of_the_annotation_is_told_from_those_who_write_the_template() {
        let template = |key: &str| json!({"f:spec": {"f:template": {"f:metadata": {"f:annotations": {key: {}}}}}});
        let ours = entry("newleaf", &template(&format!("f:{ANNOTATION}")));
        let owner = entry("owner", &template(&format!("f:{ANNOTATION}")));
        let writer = entry("writer", &template("f:other"));
        let scaler = entry("scaler", &json!({"f:spec": {"f:replicas": {}}}));
        let workload = deployment(&json!([ours, writer, scaler, owner, writer]));
        assert_eq!(names(&workload.owners(ANNOTATION)), ["owner"]);
        assert_eq!(names(&workload.writers()), ["owner", "writer"]);
        assert_eq!(names(&deployment(&json!([ours, scaler])).writers()), [""; 0]);
    }

    #[test]
    fn annotations_of_the_template_are_read() {
        assert_eq!(deployment(&json!([])).template_annotation(ANNOTATION), Some("abc"));
        assert_eq!(deployment(&json!([])).template_annotation("theirs"), None, "annotations of others are not kept");
    }

    #[test]
    fn an_ordered_set_is_on_its_way_while_revisions_differ() {
        let set = |policy: &str, current: &str| {
            let status = json!({"replicas": 1, "currentRevision": current, "updateRevision": "b"});
            of(WorkloadKind::StatefulSet, &json!({"podManagementPolicy": policy}), &status, &json!([]))
        };
        assert_eq!(set("OrderedReady", "a").revision_of_ordered(), Some("b"));
        assert_eq!(set("OrderedReady", "b").revision_of_ordered(), None);
        assert_eq!(set("Parallel", "a").revision_of_ordered(), None);
        assert_eq!(deployment(&json!([])).revision_of_ordered(), None);
    }
}
