//! `handover`: another tool goes on with an installed stack, or this one goes on with a stack that another tool installed. Only the
//! ownership of fields moves, and the marks of the tool that gives the stack away: no value changes, so no pod is replaced.

mod fields;

use std::collections::BTreeMap;

use base::diagnosis::Failure;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use kubernetes::api::call::Call;
use kubernetes::api::write::Change;
use serde::Serialize;
use serde_json::{Map, Value, json};
use stack::export::Tool;
use stack::object::text;
use stack::render::render;
use stack::settings::Settings;

use crate::cluster::{FIELD_MANAGER, REQUEST};
use crate::error::DeployError;
use crate::event::DeployEvent;
use crate::handover::fields::moved;
use crate::inventory::Inventory;
use crate::keeper::{managers, marks};
use crate::observe::observe;
use crate::plan::MemberKey;
use crate::turn::Turn;
use crate::wait::Waiter;

/// Who goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// The tool; newleaf-deploy then no longer keeps the stack.
    To(Tool),
    /// newleaf-deploy; the tool must no longer apply the stack.
    From(Tool),
}

/// What was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoverReport {
    /// The objects whose fields have another manager now.
    pub moved: Vec<String>,
    /// How many had it already.
    pub unchanged: usize,
}

impl Handover {
    /// Hands the stack over. A second one does what a first one that died did not.
    pub async fn run(self, waiter: &Waiter<'_>, settings: &Settings) -> Result<HandoverReport, Failure> {
        let cluster = waiter.cluster;
        let inventory = Inventory::of(settings.name.as_str(), settings.namespace.as_str());
        let turn = Turn::begin(waiter, &inventory).await?;
        let rendered = render(settings);
        let observed = observe(cluster, &inventory, &rendered).await?;
        if let (Self::To(tool), None) = (self, &observed.parent) {
            return Err(DeployError::NothingInstalled { namespace: inventory.namespace, tool }.into());
        }
        let members = observed.live.iter().map(|(key, live)| (key.clone(), text(live, "/apiVersion").to_owned()));
        let rendered = rendered.iter().map(|object| (MemberKey::of(object.value()), object.api_version().to_owned()));
        let objects: BTreeMap<MemberKey, String> = members.chain(rendered).collect();
        let ended = Box::pin(self.attempt(waiter, &turn, observed.parent.as_ref(), objects)).await;
        turn.end(ended).await
    }

    async fn attempt(
        self,
        waiter: &Waiter<'_>,
        turn: &Turn<'_>,
        parent: Option<&Value>,
        objects: BTreeMap<MemberKey, String>,
    ) -> Result<HandoverReport, Failure> {
        let client = waiter.cluster.client();
        let mut report = HandoverReport::default();
        for (key, version) in objects {
            waiter.stop.check(&key.to_string())?;
            let resource = waiter.cluster.required(&version, &key).await?;
            let namespace = key.namespace.as_deref().unwrap_or_default();
            let call = Call::get(resource.clone(), namespace, &key.name);
            let Some(read) = call.read::<Value>(client, REQUEST).await? else { continue };
            let Some(metadata) = self.metadata(&read.object) else {
                report.unchanged += 1;
                continue;
            };
            turn.take().await?;
            let change = Change::of_version(&read.guard, metadata, Map::<String, Value>::new());
            Call::patch(resource, namespace, &key.name).merge_quietly(client, &change, REQUEST).await?;
            waiter.events.tell(&DeployEvent::Object { action: "hand over", object: key.to_string() });
            report.moved.push(key.to_string());
        }
        if let (Self::To(_), Some(parent)) = (self, parent) {
            // The tool keeps an inventory of its own. This goes last: without it there is nothing to hand over.
            turn.remove(parent).await?;
            turn.delete_lease().await?;
        }
        Ok(report)
    }

    /// What of an object's metadata changes; `None` where nothing does.
    fn metadata(self, object: &Value) -> Option<Map<String, Value>> {
        let metadata = object.get("metadata")?;
        let entries: Vec<ManagedFieldsEntry> =
            serde_json::from_value(metadata.get("managedFields")?.clone()).unwrap_or_default();
        let mut change = Map::new();
        let entries = match self {
            Self::To(tool) => moved(&entries, &[FIELD_MANAGER], managers(tool).first()?, true),
            Self::From(tool) => {
                for (map, key) in marks(tool) {
                    if metadata.get(map).and_then(|map| map.get(key)).is_some()
                        && let Value::Object(marks) = change.entry(map).or_insert_with(|| json!({}))
                    {
                        marks.insert(key.to_owned(), Value::Null);
                    }
                }
                moved(&entries, managers(tool), FIELD_MANAGER, false)
            }
        };
        if let Some(entries) = entries {
            change.insert("managedFields".to_owned(), json!(entries));
        }
        (!change.is_empty()).then_some(change)
    }
}
