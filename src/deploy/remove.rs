//! `uninstall`: everything of the inventory, but for what cannot be made again; that only when it is named.

use base::diagnosis::Failure;
use serde::Serialize;
use serde_json::Value;
use stack::object::text;
use stack::render::render;
use stack::settings::Settings;
use stack::settings::rotation::{AUTHORITY_SECRET, CLIENT_SECRET, ROTATION_NAME, SERVER_SECRET};

use crate::cluster::StackCluster;
use crate::event::DeployEvent;
use crate::inventory::Inventory;
use crate::observe::{given_away, observe};
use crate::plan::MemberKey;
use crate::turn::Turn;
use crate::wait::Waiter;

/// What is named besides the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Named {
    /// The volumes of the database.
    pub data: bool,
    /// The authority and the leaves.
    pub authority: bool,
    /// The namespace.
    pub namespace: bool,
}

/// What a removal does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Removal {
    /// What is deleted, in this order.
    pub delete: Vec<Value>,
    /// What is kept, and what names it.
    pub keep: Vec<Kept>,
    /// What was named.
    pub named: Named,
}

/// An object that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// The object.
    pub object: String,
    /// The flag that deletes it.
    pub flag: &'static str,
}

/// Kinds in the order in which they are deleted: what starts pods, what lets people in, pods, and what they need.
const ORDER: [&str; 9] =
    ["CronJob", "Ingress", "HTTPRoute", "Route", "Deployment", "Job", "StatefulSet", "PodDisruptionBudget", "Service"];

/// The label of the stack's pods.
const PODS: &str = "app.kubernetes.io/part-of=newleaf-stack";

/// Finds out what a removal does. It writes nothing.
pub async fn removal(cluster: &StackCluster, settings: &Settings, named: Named) -> Result<Removal, Failure> {
    let inventory = Inventory::of(settings.name.as_str(), settings.namespace.as_str());
    let rendered = render(settings);
    let observed = observe(cluster, &inventory, &rendered).await?;
    given_away(cluster, &observed, &rendered).await?;
    let mut removal = Removal { named, ..Removal::default() };
    let mut members: Vec<(MemberKey, Value)> = observed.live.into_iter().collect();
    members.sort_by_key(|(key, _)| ORDER.iter().position(|kind| *kind == key.kind).unwrap_or(ORDER.len()));
    let mut last = Vec::new();
    for (key, object) in members {
        match key.kind.as_str() {
            "Namespace" => last.push(("--delete-namespace", named.namespace, object)),
            "PersistentVolumeClaim" => last.push(("--delete-data", named.data, object)),
            "Secret" => last.push(("--delete-authority", named.authority, object)),
            _ => removal.delete.push(object),
        }
    }
    let (claims, secrets) = others(cluster, settings).await?;
    last.extend(claims.into_iter().map(|object| ("--delete-data", named.data, object)));
    last.extend(secrets.into_iter().map(|object| ("--delete-authority", named.authority, object)));
    removal.delete.extend(lease(cluster, settings).await?);
    removal.delete.extend(observed.parent);
    // The namespace goes last.
    last.sort_by_key(|(flag, ..)| *flag == "--delete-namespace");
    for (flag, is_named, object) in last {
        if is_named {
            removal.delete.push(object);
        } else {
            removal.keep.push(Kept { object: MemberKey::of(&object).to_string(), flag });
        }
    }
    Ok(removal)
}

/// The claims that the StatefulSet's controller made, and the Secrets that newleaf made.
async fn others(cluster: &StackCluster, settings: &Settings) -> Result<(Vec<Value>, Vec<Value>), Failure> {
    let namespace = settings.namespace.as_str();
    let selector = format!("app.kubernetes.io/instance={}", settings.name.as_str());
    let claims = cluster.labelled(("v1", "PersistentVolumeClaim"), namespace, &selector).await?;
    let mut secrets = Vec::new();
    for name in [AUTHORITY_SECRET, SERVER_SECRET, CLIENT_SECRET] {
        let key = in_namespace(settings, "", "Secret", name);
        let found = cluster.read("v1", &key).await?;
        let is_newleafs =
            |secret: &Value| text(secret, "/metadata/labels/app.kubernetes.io~1managed-by") == ROTATION_NAME;
        secrets.extend(found.filter(is_newleafs));
    }
    Ok((claims, secrets))
}

/// The Lease of the rotation's runs, which no run needs any more.
async fn lease(cluster: &StackCluster, settings: &Settings) -> Result<Option<Value>, Failure> {
    cluster.read("coordination.k8s.io/v1", &in_namespace(settings, "coordination.k8s.io", "Lease", ROTATION_NAME)).await
}

fn in_namespace(settings: &Settings, group: &str, kind: &str, name: &str) -> MemberKey {
    MemberKey {
        kind: kind.to_owned(),
        group: group.to_owned(),
        namespace: Some(settings.namespace.as_str().to_owned()),
        name: name.to_owned(),
    }
}

/// Deletes, in its order, and waits until all of it is gone, with its pods.
pub async fn remove(waiter: &Waiter<'_>, settings: &Settings, planned: &Removal) -> Result<(), Failure> {
    let inventory = Inventory::of(settings.name.as_str(), settings.namespace.as_str());
    let turn = Turn::begin(waiter, &inventory).await?;
    let mut ended = Box::pin(delete(waiter, &turn, settings, planned)).await;
    if turn.was_overtaken() {
        ended = match removal(waiter.cluster, settings, planned.named).await {
            Ok(planned) => Box::pin(delete(waiter, &turn, settings, &planned)).await,
            Err(failure) => Err(failure),
        };
    }
    turn.end(ended).await
}

async fn delete(waiter: &Waiter<'_>, turn: &Turn<'_>, settings: &Settings, planned: &Removal) -> Result<(), Failure> {
    for object in &planned.delete {
        let key = MemberKey::of(object);
        waiter.stop.check(&key.to_string())?;
        turn.remove(object).await?;
        waiter.events.tell(&DeployEvent::Object { action: "delete", object: key.to_string() });
    }
    for object in &planned.delete {
        waiter.gone(object).await?;
    }
    let selector = format!("{PODS},app.kubernetes.io/instance={}", settings.name.as_str());
    for pod in waiter.cluster.labelled(("v1", "Pod"), settings.namespace.as_str(), &selector).await? {
        waiter.gone(&pod).await?;
    }
    turn.delete_lease().await
}
