//! Collects the facts of `--pre`: nothing is changed in the cluster.

use std::collections::BTreeMap;
use std::time::Duration;

use base::diagnosis::{Code, Failure};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream;
use kubernetes::api::call::Call;
use kubernetes::api::questions::{Permission, may, version};
use kubernetes::api::read::Selection;
use kubernetes::api::resource::Resource;
use serde_json::Value;
use stack::defaults::PlatformDefaults;
use stack::images;
use stack::object::{Object, text};
use stack::settings::Settings;
use tokio::time::{sleep, timeout};

use crate::check::before::{BeforeFacts, ClaimFacts, NodeFacts, ObjectFacts, ReferenceFacts, StorageClassFacts};
use crate::check::line::{CheckFinding, Known, known};
use crate::check::observe_ingress;
use crate::check::quota::QuotaNeeds;
use crate::check::rights;
use crate::cluster::{FIELD_MANAGER, REQUEST, StackCluster};
use crate::plan::MemberKey;
use crate::plan::desired::DesiredObject;
use crate::wait::PAUSE;

/// How many requests are under way at the same time.
pub(super) const AT_ONCE: usize = 8;
/// Every cluster has this namespace: objects are tried there as long as that of the stack is missing.
const OTHER_NAMESPACE: &str = "default";

/// A failure of the deployer as something that is not known.
pub(super) fn unknown(failure: &Failure) -> CheckFinding {
    let object = failure.object().unwrap_or_default();
    CheckFinding::failure(failure.code(), object, failure.chain().join(": "), failure.hint())
}

/// Waits until the API server answers, but not for ever: that it keeps silent is a finding.
pub async fn await_answer(cluster: &StackCluster, patience: Duration) {
    let answered = async {
        while version(cluster.client(), REQUEST).await.is_err() {
            sleep(PAUSE).await;
        }
    };
    timeout(patience, answered).await.unwrap_or_default();
}

/// Everything that is known before an install.
pub async fn before(
    cluster: &StackCluster,
    settings: &Settings,
    objects: &[Object],
    desired: &[DesiredObject],
    now: DateTime<Utc>,
) -> BeforeFacts {
    let namespace = settings.namespace.as_str();
    let server = known(version(cluster.client(), REQUEST).await);
    let place = place(cluster, namespace).await;
    let rehearsed_in = if matches!(place, Ok(None)) { OTHER_NAMESPACE } else { namespace };
    let resources = resources(cluster, objects).await;
    let is_reachable = server.is_ok();
    let (rights, objects_seen) = if is_reachable {
        let calls = rights::requests(objects, &resources, namespace);
        let seen = stream::iter(desired).map(|object| look(cluster, object, rehearsed_in, namespace)).buffered(AT_ONCE);
        (permissions(cluster, calls).await, seen.collect().await)
    } else {
        (Vec::new(), Vec::new())
    };
    BeforeFacts {
        now,
        namespace: namespace.to_owned(),
        place,
        rights,
        objects: objects_seen,
        rehearsed_in: rehearsed_in.to_owned(),
        claims: claims(objects),
        storage_classes: storage_classes(cluster, is_reachable).await,
        references: references(cluster, settings, is_reachable).await,
        ingress: observe_ingress::ingress(cluster, settings, is_reachable).await,
        images: images::of(objects).into_iter().map(|used| used.image).collect(),
        nodes: nodes(cluster, is_reachable).await,
        image_import: PlatformDefaults::of(settings.platform).image_import,
        quotas: listed(cluster, is_reachable, "v1", "ResourceQuota", namespace).await,
        needs: QuotaNeeds::of(objects),
        manager: FIELD_MANAGER,
        server,
    }
}

async fn place(cluster: &StackCluster, namespace: &str) -> Known<Option<Value>> {
    let key =
        MemberKey { kind: "Namespace".to_owned(), group: String::new(), namespace: None, name: namespace.to_owned() };
    cluster.read("v1", &key).await.map_err(|failure| unknown(&failure))
}

/// The resource of each kind that the cluster has.
async fn resources(cluster: &StackCluster, objects: &[Object]) -> BTreeMap<(String, String), Resource> {
    let mut resources = BTreeMap::new();
    for object in objects {
        let key = (object.api_version().to_owned(), object.kind().to_owned());
        if !resources.contains_key(&key)
            && let Ok(Some(resource)) = cluster.resource(object.api_version(), object.kind()).await
        {
            resources.insert(key, resource);
        }
    }
    resources
}

async fn permissions(cluster: &StackCluster, calls: Vec<Call>) -> Vec<(Call, Known<Permission>)> {
    let ask = |call: Call| async move {
        let answer = known(may(cluster.client(), &call, REQUEST).await);
        (call, answer)
    };
    stream::iter(calls).map(ask).buffered(AT_ONCE).collect().await
}

/// What the cluster says of one rendered object.
async fn look(cluster: &StackCluster, object: &DesiredObject, rehearsed_in: &str, namespace: &str) -> ObjectFacts {
    let kind = (object.api_version.clone(), object.key.kind.clone());
    let is_served = match cluster.resource(&kind.0, &kind.1).await {
        Ok(resource) => Ok(resource.is_some()),
        Err(failure) => Err(unknown(&failure)),
    };
    let title = object.key.to_string();
    if is_served != Ok(true) {
        return ObjectFacts { title, kind, is_served, present: Ok(None), rehearsal: None };
    }
    let present = cluster.read(&object.api_version, &object.key).await.map_err(|failure| unknown(&failure));
    let is_elsewhere = rehearsed_in != namespace && object.key.namespace.is_some();
    let rehearsal = if is_elsewhere {
        rehearse_elsewhere(cluster, object, rehearsed_in).await
    } else if is_replaced(object, &present) {
        // A Job is deleted and made anew, which no dry run can show.
        None
    } else {
        Some(cluster.apply(&object.value, true).await.map(drop).map_err(|failure| refused(&failure)))
    };
    ObjectFacts { title, kind, is_served, present, rehearsal }
}

fn is_replaced(object: &DesiredObject, present: &Known<Option<Value>>) -> bool {
    object.key.kind == "Job" && matches!(present, Ok(Some(_)))
}

/// The object under a generated name, in another namespace: it is validated, and nothing is stored.
async fn rehearse_elsewhere(cluster: &StackCluster, object: &DesiredObject, namespace: &str) -> Option<Known<()>> {
    let mut value = object.value.clone();
    if let Some(Value::Object(metadata)) = value.get_mut("metadata") {
        metadata.remove("name");
        metadata.insert("generateName".to_owned(), "newleaf-check-".into());
        metadata.insert("namespace".to_owned(), namespace.into());
    }
    if let Some(subjects) = value.get_mut("subjects").and_then(Value::as_array_mut) {
        for subject in subjects.iter_mut().filter_map(Value::as_object_mut) {
            subject.insert("namespace".to_owned(), namespace.into());
        }
    }
    // The API server looks whether the role that is bound exists.
    if object.key.kind == "RoleBinding" {
        return None;
    }
    let resource = cluster.resource(&object.api_version, &object.key.kind).await.ok().flatten()?;
    let call = Call::create(resource, namespace);
    let tried = call.rehearse_creation(cluster.client(), &value, FIELD_MANAGER, REQUEST).await;
    match tried {
        // The rights of the stack's own namespace are asked for; those of this one are not needed.
        Err(kubernetes::api::error::KubernetesError::Forbidden { .. }) => None,
        Ok(()) => Some(Ok(())),
        Err(error) => Some(Err(refused(&Failure::from(error)))),
    }
}

/// Why an object would not be taken.
fn refused(failure: &Failure) -> CheckFinding {
    let finding = unknown(failure);
    if failure.code() != Code::RequestRefused {
        return finding;
    }
    let mend = "Change the field that the message names with the document or a raw layer, or ask who keeps the policy.";
    CheckFinding { code: Code::CheckAdmission, mend: mend.to_owned(), ..finding }
}

/// Every claim for a volume that is rendered.
pub(super) fn claims(objects: &[Object]) -> Vec<ClaimFacts> {
    let mut claims = Vec::new();
    for object in objects {
        let templates =
            object.value().pointer("/spec/volumeClaimTemplates").and_then(Value::as_array).into_iter().flatten();
        let own = (object.kind() == "PersistentVolumeClaim").then_some(object.value());
        for claim in templates.chain(own) {
            let class = claim.pointer("/spec/storageClassName").and_then(Value::as_str).map(str::to_owned);
            claims.push(ClaimFacts { title: object.title(), class });
        }
    }
    claims
}

async fn storage_classes(cluster: &StackCluster, is_reachable: bool) -> Known<Vec<StorageClassFacts>> {
    const DEFAULT: &str = "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";
    let classes = listed(cluster, is_reachable, "storage.k8s.io/v1", "StorageClass", "").await?;
    let class = |object: &Value| StorageClassFacts {
        name: text(object, "/metadata/name").to_owned(),
        is_default: text(object, DEFAULT) == "true",
    };
    Ok(classes.iter().map(class).collect())
}

async fn references(cluster: &StackCluster, settings: &Settings, is_reachable: bool) -> Vec<ReferenceFacts> {
    let mut found = Vec::new();
    let brought: Vec<&str> = settings
        .external_secrets
        .iter()
        .flat_map(|external| &external.secrets)
        .map(|secret| secret.name.as_str())
        .collect();
    for reference in settings.references() {
        if !is_reachable || brought.contains(&reference.name.as_str()) {
            continue;
        }
        let key = MemberKey {
            kind: reference.kind.name().to_owned(),
            group: String::new(),
            namespace: Some(settings.namespace.as_str().to_owned()),
            name: reference.name.as_str().to_owned(),
        };
        let is_there =
            cluster.read("v1", &key).await.map(|object| object.is_some()).map_err(|failure| unknown(&failure));
        found.push(ReferenceFacts { title: key.to_string(), is_there });
    }
    found
}

async fn nodes(cluster: &StackCluster, is_reachable: bool) -> Known<Vec<NodeFacts>> {
    let nodes = listed(cluster, is_reachable, "v1", "Node", "").await?;
    let node = |object: &Value| {
        let images = object.pointer("/status/images").and_then(Value::as_array).into_iter().flatten();
        let names = images.filter_map(|image| image.get("names")?.as_array()).flatten().filter_map(Value::as_str);
        NodeFacts { name: text(object, "/metadata/name").to_owned(), images: names.map(str::to_owned).collect() }
    };
    Ok(nodes.iter().map(node).collect())
}

/// All objects of a kind; none where the cluster does not have it.
pub(super) async fn listed(
    cluster: &StackCluster,
    is_reachable: bool,
    api_version: &str,
    kind: &str,
    namespace: &str,
) -> Known<Vec<Value>> {
    if !is_reachable {
        return Ok(Vec::new());
    }
    let resource = cluster.resource(api_version, kind).await.map_err(|failure| unknown(&failure))?;
    let Some(resource) = resource else { return Ok(Vec::new()) };
    let mut objects = Vec::new();
    let call = Call::list(resource, namespace);
    let all = Selection::default();
    match call.each(cluster.client(), &all, REQUEST, |object: Value| objects.push(object)).await {
        Ok(()) | Err(kubernetes::api::error::KubernetesError::NamespaceMissing { .. }) => Ok(objects),
        Err(error) => known(Err(error)),
    }
}
