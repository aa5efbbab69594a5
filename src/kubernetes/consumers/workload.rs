//! Workloads: which ones a configuration means, and the one change that newleaf makes to them.
//!
//! A restart is server-side apply of an annotation of the pod template, under our own field manager and without force. The
//! value is a hash of what is stored: the same material never restarts anything twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ObjectReference, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta};
use kube::api::{ListParams, Patch, PatchParams};
use kube::core::{ObjectList, PartialObjectMeta};
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::configuration::cluster::{Choice, Target, WorkloadKind};
use crate::kubernetes::api::FIELD_MANAGER;
use crate::kubernetes::api::call::Call;
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::consumers::rollout::{self, Rollout};
use crate::postgres::certificate::content_hash;
use crate::rotation::facts::Peer;
use crate::rotation::material::Material;

/// Hexadecimal digits of a content hash that an annotation carries: 128 bits.
const HASH_DIGITS: usize = 32;

/// The annotation of a pod template that says which leaf of a peer its pods are made for.
pub const fn hash_annotation(peer: Peer) -> &'static str {
    match peer {
        Peer::Server => "newleaf.dev/server-hash",
        Peer::Client => "newleaf.dev/client-hash",
    }
}

/// What that annotation holds for stored material; `None` when it cannot be read.
pub fn annotated_hash(material: &Material) -> Option<String> {
    content_hash(material).map(|hash| hash.chars().take(HASH_DIGITS).collect())
}

/// A workload by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkloadName {
    /// Its namespace.
    pub namespace: String,
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its name.
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

/// A workload as it was read.
#[derive(Debug, Clone)]
pub enum Workload {
    /// A Deployment.
    Deployment(Box<Deployment>),
    /// A `StatefulSet`.
    StatefulSet(Box<StatefulSet>),
    /// A `DaemonSet`.
    DaemonSet(Box<DaemonSet>),
}

impl Workload {
    /// How far its rollout is.
    pub fn rollout(&self) -> Rollout {
        match self {
            Self::Deployment(it) => rollout::deployment(it),
            Self::StatefulSet(it) => rollout::stateful_set(it),
            Self::DaemonSet(it) => rollout::daemon_set(it),
        }
    }

    /// Counts the changes of its specification.
    pub fn generation(&self) -> Option<i64> {
        self.metadata().generation
    }

    /// An annotation of its pod template.
    pub fn template_annotation(&self, key: &str) -> Option<&str> {
        self.template()?.metadata.as_ref()?.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// The other field managers that own an annotation of the pod template now.
    pub fn owners(&self, annotation: &str) -> Vec<String> {
        let field = format!("f:{annotation}");
        self.managers(|template| {
            template.pointer("/f:metadata/f:annotations").is_some_and(|owned| owned.get(&field).is_some())
        })
    }

    /// The other field managers that write the pod template. Whoever takes a field away leaves no trace, but is likely
    /// one of them.
    pub fn writers(&self) -> Vec<String> {
        self.managers(|_| true)
    }

    fn managers(&self, owns: impl Fn(&Value) -> bool) -> Vec<String> {
        let entries = self.metadata().managed_fields.iter().flatten();
        let of_template = |entry: &&ManagedFieldsEntry| {
            let fields = entry.fields_v1.as_ref().and_then(|fields| fields.0.pointer("/f:spec/f:template"));
            fields.is_some_and(&owns)
        };
        let managers = entries.filter(of_template).filter_map(|entry| entry.manager.clone());
        let others: BTreeSet<String> = managers.filter(|manager| manager != FIELD_MANAGER).collect();
        others.into_iter().collect()
    }

    /// The revision that an ordered `StatefulSet` is on its way to: while one of its pods is not ready, it replaces none.
    pub fn revision_of_ordered(&self) -> Option<&str> {
        let Self::StatefulSet(it) = self else { return None };
        let parallel = it.spec.as_ref()?.pod_management_policy.as_deref() == Some("Parallel");
        let status = it.status.as_ref()?;
        let under_way = status.update_revision != status.current_revision;
        status.update_revision.as_deref().filter(|_| under_way && !parallel)
    }

    /// The kind as the API spells it.
    pub const fn api_kind(kind: WorkloadKind) -> &'static str {
        match kind {
            WorkloadKind::Deployment => "Deployment",
            WorkloadKind::StatefulSet => "StatefulSet",
            WorkloadKind::DaemonSet => "DaemonSet",
        }
    }

    fn metadata(&self) -> &ObjectMeta {
        match self {
            Self::Deployment(it) => &it.metadata,
            Self::StatefulSet(it) => &it.metadata,
            Self::DaemonSet(it) => &it.metadata,
        }
    }

    fn template(&self) -> Option<&PodTemplateSpec> {
        match self {
            Self::Deployment(it) => it.spec.as_ref().map(|spec| &spec.template),
            Self::StatefulSet(it) => it.spec.as_ref().map(|spec| &spec.template),
            Self::DaemonSet(it) => it.spec.as_ref().map(|spec| &spec.template),
        }
    }
}

/// Reads a workload.
pub(crate) async fn get(client: &Client, name: &WorkloadName, limit: Duration) -> Result<Workload, KubernetesError> {
    let WorkloadName { namespace, name: object, .. } = name;
    let call = call("get", name);
    match name.kind {
        WorkloadKind::Deployment => {
            let api = Api::namespaced(client.clone(), namespace);
            call.send(limit, api.get(object)).await.map(|it| Workload::Deployment(Box::new(it)))
        }
        WorkloadKind::StatefulSet => {
            let api = Api::namespaced(client.clone(), namespace);
            call.send(limit, api.get(object)).await.map(|it| Workload::StatefulSet(Box::new(it)))
        }
        WorkloadKind::DaemonSet => {
            let api = Api::namespaced(client.clone(), namespace);
            call.send(limit, api.get(object)).await.map(|it| Workload::DaemonSet(Box::new(it)))
        }
    }
}

/// The workloads that a target means; those with labels are asked for.
pub(crate) async fn find(
    client: &Client,
    target: &Target,
    limit: Duration,
) -> Result<Vec<WorkloadName>, KubernetesError> {
    let Target { namespace, kind, choice } = target;
    let name = |name: String| WorkloadName { namespace: namespace.clone(), kind: *kind, name };
    let selector = match choice {
        Choice::Named(object) => return Ok(vec![name(object.clone())]),
        Choice::Labelled(selector) => selector,
    };
    let call =
        Call { verb: "list", group: "apps", resource: kind.resource(), namespace: namespace.clone(), name: None };
    let wanted = ListParams::default().labels(selector);
    let names = match kind {
        WorkloadKind::Deployment => {
            let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
            names(call.send(limit, api.list_metadata(&wanted)).await?)
        }
        WorkloadKind::StatefulSet => {
            let api: Api<StatefulSet> = Api::namespaced(client.clone(), namespace);
            names(call.send(limit, api.list_metadata(&wanted)).await?)
        }
        WorkloadKind::DaemonSet => {
            let api: Api<DaemonSet> = Api::namespaced(client.clone(), namespace);
            names(call.send(limit, api.list_metadata(&wanted)).await?)
        }
    };
    Ok(names.into_iter().map(name).collect())
}

/// The workloads that a target means, as Events name them. `kubectl describe` finds an Event by the uid.
pub(crate) async fn references(client: &Client, target: &Target, limit: Duration) -> Vec<ObjectReference> {
    let mut references = Vec::new();
    for name in find(client, target, limit).await.unwrap_or_default() {
        let uid = get(client, &name, limit).await.ok().and_then(|workload| workload.metadata().uid.clone());
        references.push(ObjectReference {
            api_version: Some("apps/v1".to_owned()),
            kind: Some(Workload::api_kind(name.kind).to_owned()),
            namespace: Some(name.namespace),
            name: Some(name.name),
            uid,
            ..ObjectReference::default()
        });
    }
    references
}

fn names<K: Clone>(list: ObjectList<PartialObjectMeta<K>>) -> Vec<String> {
    list.items.into_iter().filter_map(|item| item.metadata.name).collect()
}

/// Says which material the pods are to be made for, so that Kubernetes replaces those that were made for another; the
/// workload as it is then. The annotations must be all that we want there: what an apply leaves out, it takes away.
pub(crate) async fn apply(
    client: &Client,
    name: &WorkloadName,
    read: &Workload,
    annotations: &BTreeMap<&'static str, String>,
    limit: Duration,
) -> Result<Workload, KubernetesError> {
    let WorkloadName { namespace, kind, name: object } = name;
    // With the uid of what was read, an apply never creates a workload that has just been deleted.
    let change: Value = json!({
        "apiVersion": "apps/v1",
        "kind": Workload::api_kind(*kind),
        "metadata": {"name": object, "namespace": namespace, "uid": read.metadata().uid},
        "spec": {"template": {"metadata": {"annotations": annotations}}},
    });
    let change = Patch::Apply(change);
    let parameters = PatchParams::apply(FIELD_MANAGER);
    let call = call("patch", name);
    match kind {
        WorkloadKind::Deployment => {
            let api = Api::namespaced(client.clone(), namespace);
            call.send(limit, api.patch(object, &parameters, &change)).await.map(|it| Workload::Deployment(Box::new(it)))
        }
        WorkloadKind::StatefulSet => {
            let api = Api::namespaced(client.clone(), namespace);
            call.send(limit, api.patch(object, &parameters, &change))
                .await
                .map(|it| Workload::StatefulSet(Box::new(it)))
        }
        WorkloadKind::DaemonSet => {
            let api = Api::namespaced(client.clone(), namespace);
            call.send(limit, api.patch(object, &parameters, &change)).await.map(|it| Workload::DaemonSet(Box::new(it)))
        }
    }
}

fn call(verb: &'static str, name: &WorkloadName) -> Call {
    Call {
        verb,
        group: "apps",
        resource: name.kind.resource(),
        namespace: name.namespace.clone(),
        name: Some(name.name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNOTATION: &str = "newleaf.dev/server-hash";

    fn deployment(managed: &Value) -> Workload {
        let object = json!({"metadata": {"name": "it", "managedFields": managed}, "spec": {"selector": {}, "template": {
            "metadata": {"annotations": {ANNOTATION: "abc"}}}}});
        Workload::Deployment(Box::new(serde_json::from_value(object).unwrap()))
    }

    fn entry(manager: &str, fields: &Value) -> Value {
        json!({"manager": manager, "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": fields})
    }

    #[test]
    fn whoever_owns_the_annotation_is_told_from_those_who_write_the_template() {
        let template = |key: &str| json!({"f:spec": {"f:template": {"f:metadata": {"f:annotations": {key: {}}}}}});
        let ours = entry("newleaf", &template(&format!("f:{ANNOTATION}")));
        let owner = entry("owner", &template(&format!("f:{ANNOTATION}")));
        let writer = entry("writer", &template("f:other"));
        let scaler = entry("scaler", &json!({"f:spec": {"f:replicas": {}}}));
        let workload = deployment(&json!([ours, writer, scaler, owner, writer]));
        assert_eq!(workload.owners(ANNOTATION), ["owner"]);
        assert_eq!(workload.writers(), ["owner", "writer"]);
        assert_eq!(deployment(&json!([ours, scaler])).writers(), [""; 0]);
    }

    #[test]
    fn annotations_of_the_template_are_read() {
        assert_eq!(deployment(&json!([])).template_annotation(ANNOTATION), Some("abc"));
        assert_eq!(deployment(&json!([])).template_annotation("other"), None);
    }

    #[test]
    fn an_ordered_set_is_on_its_way_while_revisions_differ() {
        let set = |policy: &str, current: &str| {
            let object = json!({"metadata": {}, "spec": {"selector": {}, "template": {}, "serviceName": "", "podManagementPolicy": policy},
                "status": {"replicas": 1, "currentRevision": current, "updateRevision": "b"}});
            Workload::StatefulSet(Box::new(serde_json::from_value(object).unwrap()))
        };
        assert_eq!(set("OrderedReady", "a").revision_of_ordered(), Some("b"));
        assert_eq!(set("OrderedReady", "b").revision_of_ordered(), None);
        assert_eq!(set("Parallel", "a").revision_of_ordered(), None);
        assert_eq!(deployment(&json!([])).revision_of_ordered(), None);
    }
}
