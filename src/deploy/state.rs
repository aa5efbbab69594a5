//! `status`: every object of the stack, how far it is, and what is wrong with it. It writes nothing.

use base::diagnosis::Failure;
use kubernetes::readiness::{Readiness, readiness};
use serde::Serialize;
use serde_json::Value;
use stack::render::render;
use stack::settings::Settings;

use crate::cluster::StackCluster;
use crate::inventory::Inventory;
use crate::observe::observe;
use crate::plan::MemberKey;
use crate::plan::desired::{APPLIED, desired};
use crate::references::with_references;
use crate::trouble::{has_pods, trouble};

/// The stack as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StackState {
    /// The name of the stack.
    pub stack: String,
    /// Its namespace.
    pub namespace: String,
    /// Whether there is an inventory.
    pub installed: bool,
    /// Whether every object is there, as rendered, and ready.
    pub ready: bool,
    /// Its objects.
    pub objects: Vec<ObjectState>,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectState {
    /// The part of the stack; `-` for what is no longer rendered.
    pub component: &'static str,
    /// The object.
    pub object: String,
    /// `ready`, `waiting`, `stuck`, `halted`, `missing`, `outdated`, `leftover`.
    pub state: &'static str,
    /// Why.
    pub why: String,
}

/// Looks at every object.
pub async fn state(cluster: &StackCluster, settings: Settings) -> Result<StackState, Failure> {
    let inventory = Inventory::of(settings.name.as_str(), settings.namespace.as_str());
    let (settings, _) = with_references(cluster, settings).await?;
    let rendered = render(&settings);
    let wanted = desired(&rendered, &inventory);
    let mut observed = observe(cluster, &inventory, &rendered).await?;
    let mut objects = Vec::new();
    for object in &wanted {
        let (state, why) = match observed.live.remove(&object.key) {
            None => ("missing", String::new()),
            Some(live) => judged(cluster, &object.key, &live, &object.hash).await,
        };
        objects.push(ObjectState { component: object.component.name(), object: object.key.to_string(), state, why });
    }
    for key in observed.live.keys() {
        let why =
            if key.is_kept() { "no longer rendered; kept" } else { "no longer rendered; the next install prunes it" };
        objects.push(ObjectState { component: "-", object: key.to_string(), state: "leftover", why: why.to_owned() });
    }
    Ok(StackState {
        stack: settings.name.as_str().to_owned(),
        namespace: settings.namespace.as_str().to_owned(),
        installed: observed.parent.is_some(),
        ready: objects.iter().all(|object| object.state == "ready"),
        objects,
    })
}

async fn judged(cluster: &StackCluster, key: &MemberKey, live: &Value, hash: &str) -> (&'static str, String) {
    let applied = live.pointer("/metadata/annotations").and_then(|annotations| annotations.get(APPLIED));
    let is_outdated = applied.and_then(Value::as_str) != Some(hash);
    let (state, mut why) = match readiness(live) {
        Readiness::Ready if is_outdated => ("outdated", "applied with another content".to_owned()),
        Readiness::Ready => ("ready", String::new()),
        Readiness::Waiting(why) => ("waiting", why),
        Readiness::Stuck(why) => ("stuck", why.as_str().to_owned()),
        Readiness::Halted(halt) => ("halted", halt.why),
    };
    if !["ready", "outdated"].contains(&state)
        && has_pods(live)
        && let Some(trouble) = trouble(cluster, key, live).await
    {
        why = format!("{why}; {}", trouble.why);
    }
    (state, why)
}
