//! The audit log of our own API server: who changed the Lease and the Secrets of a namespace, and when.

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// A change that the API server has made.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// Who asked for it.
    pub(crate) user: String,
    /// The object's name.
    pub(crate) name: String,
    /// When the request came.
    pub(crate) at: DateTime<Utc>,
    /// What is stored since then; only Leases are logged with it.
    object: Value,
}

/// What happened in a namespace.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The changes of the Lease, in the order in which they took effect.
    pub(crate) lease: Vec<Change>,
    pub(crate) secrets: Vec<Change>,
    /// How many changes of the Lease came too late.
    pub(crate) conflicts: usize,
}

/// One process that held the Lease.
#[derive(Debug)]
pub(crate) struct Tenure {
    pub(crate) user: String,
    pub(crate) holder: String,
    pub(crate) from: DateTime<Utc>,
    /// When it was given back; never, for a run that died.
    pub(crate) until: Option<DateTime<Utc>>,
    /// When it was last renewed.
    renewed: DateTime<Utc>,
}

impl Record {
    pub(crate) fn read(log: &Path, namespace: &str) -> Self {
        let text = fs::read_to_string(log).expect("the API server writes its audit log");
        let mut record = Self::default();
        // The last line may be only half there.
        for entry in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let reads = ["get", "list", "watch"].map(Value::from).contains(&entry["verb"]);
            if entry["objectRef"]["namespace"] == namespace && !reads {
                record.add(&entry);
            }
        }
        record.lease.sort_by_key(Change::version);
        record
    }

    fn add(&mut self, entry: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let code = entry["responseStatus"]["code"].as_u64();
        let changes = match entry["objectRef"]["resource"].as_str() {
            Some("leases") if code == Some(409) => {
                self.conflicts += 1;
                return;
            }
            Some("leases") => &mut self.lease,
            Some("secrets") => &mut self.secrets,
            _ => return,
        };
        if code.is_some_and(|code| (200..300).contains(&code)) {
            changes.push(Change {
                user: text(&entry["impersonatedUser"]["username"]),
                name: text(&entry["objectRef"]["name"]),
                at: text(&entry["requestReceivedTimestamp"]).parse().expect("it is a time"),
                object: entry["responseObject"].clone(),
            });
        }
    }

    /// Who held the Lease, one after the other. A run that took it while another run had it, and had renewed it within
    /// `duration`, ends the test.
    pub(crate) fn tenures(&self, duration: TimeDelta) -> Vec<Tenure> {
        let mut tenures: Vec<Tenure> = Vec::new();
        for change in &self.lease {
            let present = tenures.last_mut().filter(|tenure| tenure.until.is_none());
            match (present, change.holder()) {
                (Some(tenure), Some(holder)) if tenure.holder == holder => tenure.renewed = change.at,
                (Some(tenure), None) => {
                    assert_eq!(tenure.user, change.user, "a run gave back what was not its own");
                    tenure.until = Some(change.at);
                }
                (present, Some(holder)) => {
                    let twice = present.filter(|tenure| change.at - tenure.renewed < duration);
                    assert!(twice.is_none(), "{holder} took it from {twice:?} at {}", change.at);
                    let (user, from) = (change.user.clone(), change.at);
                    let holder = holder.to_owned();
                    tenures.push(Tenure { user, holder, from, until: None, renewed: from });
                }
                (None, None) => {}
            }
        }
        tenures
    }
}

impl Change {
    fn holder(&self) -> Option<&str> {
        self.object["spec"]["holderIdentity"].as_str().filter(|holder| !holder.is_empty())
    }

    fn version(&self) -> u64 {
        self.object["metadata"]["resourceVersion"].as_str().and_then(|version| version.parse().ok()).unwrap_or(0)
    }
}
