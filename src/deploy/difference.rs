//! `diff`: what an installation would change, by the API server's own word. It writes nothing.

use base::diagnosis::{Code, Failure};
use serde::Serialize;
use serde_json::Value;
use stack::object::Phase;
use stack::render::render;
use stack::settings::Settings;

use crate::cluster::StackCluster;
use crate::inventory::Inventory;
use crate::observe::observe;
use crate::plan::changes::{FieldChange, field_changes};
use crate::plan::desired::{DesiredObject, desired};
use crate::plan::{MemberKey, ObjectAction, leftovers, steps};
use crate::references::with_references;

/// What would happen to an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectDifference {
    /// The object.
    pub object: String,
    /// `create`, `change`, `replace`, `prune`, `conflict`.
    pub action: &'static str,
    /// The fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// Why it cannot be done, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What an installation would change.
pub async fn difference(cluster: &StackCluster, settings: Settings) -> Result<Vec<ObjectDifference>, Failure> {
    let inventory = Inventory::of(settings.name.as_str(), settings.namespace.as_str());
    let (settings, _) = with_references(cluster, settings).await?;
    let rendered = render(&settings);
    let wanted = desired(&rendered, &inventory);
    let observed = observe(cluster, &inventory, &rendered).await?;
    let has_namespace = cluster.read("v1", &namespace(&settings)).await?.is_some();
    let mut differences = Vec::new();
    for phase in Phase::ALL {
        for step in steps(&wanted, &observed.live, phase) {
            let live = observed.live.get(&step.desired.key).cloned();
            let found = match step.action {
                ObjectAction::Keep => None,
                ObjectAction::Replace => Some(replaced(&step.desired, live.as_ref())),
                ObjectAction::Create | ObjectAction::Change | ObjectAction::Repair => {
                    changed(cluster, &step.desired, live, has_namespace).await?
                }
            };
            differences.extend(found);
        }
    }
    let gone = leftovers(&wanted, &observed.live).prune;
    differences.extend(gone.into_iter().map(|key| entry(&key, "prune", Vec::new())));
    Ok(differences)
}

fn namespace(settings: &Settings) -> MemberKey {
    let name = settings.namespace.as_str().to_owned();
    MemberKey { kind: "Namespace".to_owned(), group: String::new(), namespace: None, name }
}

fn entry(key: &MemberKey, action: &'static str, fields: Vec<FieldChange>) -> ObjectDifference {
    ObjectDifference { object: key.to_string(), action, fields, problem: None }
}

fn replaced(object: &DesiredObject, live: Option<&Value>) -> ObjectDifference {
    // The API server refuses to change a Job, so it cannot be asked; defaults are no difference.
    let fields = field_changes(live, Some(&object.value));
    let fields = fields.into_iter().filter(|change| change.after.is_some()).collect();
    entry(&object.key, "replace", fields)
}

async fn changed(
    cluster: &StackCluster,
    object: &DesiredObject,
    live: Option<Value>,
    has_namespace: bool,
) -> Result<Option<ObjectDifference>, Failure> {
    if !has_namespace && object.key.namespace.is_some() {
        // Nothing can be asked about a namespace that is not there: all of it is new.
        return Ok(Some(entry(&object.key, "create", field_changes(None, Some(&object.value)))));
    }
    let live = match live {
        Some(live) => Some(live),
        None => cluster.read(&object.api_version, &object.key).await?,
    };
    let action = if live.is_some() { "change" } else { "create" };
    match cluster.apply(&object.value, true).await {
        Ok(would_be) => {
            let fields = field_changes(live.as_ref(), Some(&would_be));
            Ok(if fields.is_empty() { None } else { Some(entry(&object.key, action, fields)) })
        }
        Err(failure)
            if [Code::ObjectConflict, Code::FieldImmutable, Code::RequestRefused].contains(&failure.code()) =>
        {
            let problem = Some(failure.to_string());
            Ok(Some(ObjectDifference { problem, ..entry(&object.key, "conflict", Vec::new()) }))
        }
        Err(failure) => Err(failure),
    }
}
