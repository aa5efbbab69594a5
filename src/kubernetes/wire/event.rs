//! An Event of Kubernetes about an object.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::diagnosis::RemoteText;

/// An Event of the core group.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    pub(crate) metadata: EventMetadata,
    #[serde(default)]
    pub(crate) reason: RemoteText,
    #[serde(default)]
    pub(crate) message: RemoteText,
    pub(crate) last_timestamp: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventMetadata {
    pub(crate) creation_timestamp: Option<DateTime<Utc>>,
}

impl Event {
    /// When Kubernetes last recorded it.
    pub(crate) fn seen(&self) -> Option<DateTime<Utc>> {
        self.last_timestamp.or(self.metadata.creation_timestamp)
    }
}
