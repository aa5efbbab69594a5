//! Events on Secrets and workloads, which `kubectl describe` shows. newleaf never depends on them: it logs a failed post
//! and continues.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;
use kube::Client;

use crate::api::LOG;
use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::resource::Resource;

/// How long a run waits for the post of an Event.
const LIMIT: Duration = Duration::from_secs(2);
/// The reporting controller.
const CONTROLLER: &str = "newleaf.dev/newleaf";
/// The longest note that the API accepts.
const NOTE_MAX: usize = 1024;

/// What an Event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventReason {
    /// What happened, in the one word that people filter by.
    pub word: &'static str,
    /// What was done or tried, in one word.
    pub action: &'static str,
    /// Whether a person should read it.
    pub is_warning: bool,
}

/// Posts Events to the API server.
#[derive(Clone)]
pub struct Events {
    client: Client,
    instance: String,
    warned: Rc<Cell<bool>>,
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("instance", &self.instance).finish_non_exhaustive()
    }
}

impl Events {
    /// Posts Events in the name of this instance: the pod, or the process of a person.
    pub fn new(client: Client, instance: String) -> Self {
        Self { client, instance, warned: Rc::default() }
    }

    /// Whether it has posted a warning.
    pub fn has_warned(&self) -> bool {
        self.warned.get()
    }

    /// Posts an Event about an object in its namespace. Never fails.
    pub async fn post(&self, regarding: ObjectReference, reason: EventReason, note: String) {
        self.warned.set(self.warned.get() || reason.is_warning);
        if let Err(error) = self.send(regarding, reason, note).await {
            tracing::debug!(target: LOG, reason = reason.word, %error, "cannot post an Event");
        }
    }

    async fn send(&self, regarding: ObjectReference, reason: EventReason, note: String) -> Result<(), KubernetesError> {
        let namespace = regarding.namespace.clone().unwrap_or_default();
        let event = Event {
            metadata: ObjectMeta {
                generate_name: Some("newleaf-".to_owned()),
                namespace: Some(namespace.clone()),
                ..ObjectMeta::default()
            },
            action: Some(reason.action.to_owned()),
            event_time: Some(MicroTime(Timestamp::now())),
            note: Some(shortened(note)),
            reason: Some(reason.word.to_owned()),
            regarding: Some(regarding),
            reporting_controller: Some(CONTROLLER.to_owned()),
            reporting_instance: Some(self.instance.clone()),
            type_: Some(if reason.is_warning { "Warning" } else { "Normal" }.to_owned()),
            ..Event::default()
        };
        Call::create(Resource::PostedEvent, &namespace).make_quietly(&self.client, &event, LIMIT).await.map(drop)
    }
}

/// Cuts a text to a number of bytes, between two characters.
fn shortened(mut note: String) -> String {
    let end = (0..=NOTE_MAX.min(note.len())).rev().find(|at| note.is_char_boundary(*at));
    note.truncate(end.unwrap_or(0));
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_cut_between_two_characters() {
        assert_eq!(shortened("short".to_owned()), "short");
        assert_eq!(shortened("ä".repeat(600)).len(), 1024);
        assert_eq!(shortened(format!("x{}", "ä".repeat(600))).len(), 1023);
    }
}
