//! The last thing that Kubernetes complained of about an object: a volume that cannot be mounted or a quota shows nowhere
//! else.

use std::fmt;
use std::time::Duration;

use base::diagnosis::RemoteText;
use kube::Client;

use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::object::Uid;
use crate::api::read::Selection;
use crate::api::resource::Resource;
use crate::wire::event::Event;

/// A warning in Kubernetes' own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningEvent {
    /// The word that it is filtered by.
    pub reason: RemoteText,
    /// A sentence.
    pub message: RemoteText,
}

impl fmt::Display for WarningEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)
    }
}

/// The last warning about an object, known by its identity: one of its name may be about an object that is gone. Of more
/// Events than are read, the last of those that were.
pub async fn last(
    client: &Client,
    namespace: &str,
    object: &Uid,
    limit: Duration,
) -> Result<Option<WarningEvent>, KubernetesError> {
    let fields = format!("type=Warning,involvedObject.uid={}", object.as_str());
    let selection = Selection { fields, ..Selection::default() };
    let mut last: Option<Event> = None;
    let keep = |event: Event| match &last {
        Some(last) if last.seen() > event.seen() => {}
        Some(_) | None => last = Some(event),
    };
    let listed = Call::list(Resource::Event, namespace).each(client, &selection, limit, keep).await;
    let found = last.map(|event| WarningEvent { reason: event.reason, message: event.message });
    match listed {
        Ok(()) | Err(KubernetesError::TooMany { .. }) => Ok(found),
        Err(error) => Err(error),
    }
}
