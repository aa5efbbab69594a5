//! The last warning of Kubernetes about an object. A volume that cannot be mounted, or a quota, shows nowhere else.

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

/// A warning in the words of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningEvent {
    /// The reason, in one word.
    pub reason: RemoteText,
    /// The message, a sentence.
    pub message: RemoteText,
}

impl fmt::Display for WarningEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)
    }
}

/// The last warning about an object, selected by its identity: a warning with its name may be about a deleted object. If
/// there are more Events than newleaf reads, it is the last of those that it read.
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
