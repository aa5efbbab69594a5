//! An Event of Kubernetes about an object.

use base::diagnosis::RemoteText;
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// An Event of the core group.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub metadata: EventMetadata,
    #[serde(default)]
    pub reason: RemoteText,
    #[serde(default)]
    pub message: RemoteText,
    pub last_timestamp: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventMetadata {
    pub creation_timestamp: Option<DateTime<Utc>>,
}

impl Event {
    /// When Kubernetes last recorded it.
    pub fn seen(&self) -> Option<DateTime<Utc>> {
        self.last_timestamp.or(self.metadata.creation_timestamp)
    }
}
