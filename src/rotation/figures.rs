//! What a run tells about itself to Prometheus: public facts, never a key. A run writes them into a ConfigMap, and `newleaf
//! metrics` serves them from there, so that the server of the figures needs no right in the cluster.

use std::collections::BTreeMap;
use std::fmt::Write;

use base::diagnosis::{Code, Diagnose};
use serde::{Deserialize, Serialize};

use crate::engine::facts::{Facts, Loaded, Peer};

/// The name of the ConfigMap with the figures.
pub const CONFIG_MAP: &str = "newleaf-figures";
/// The key of the ConfigMap, which is the name of the file.
pub const FILE: &str = "figures.json";
/// The largest text of figures that newleaf reads: what a ConfigMap holds.
pub const BYTES_MAX: u64 = 1024 * 1024;

/// The end of the leaf that is stored, by `peer`, as seconds since 1970.
pub const LEAF_END: &str = "newleaf_leaf_not_after_timestamp_seconds";
/// The end of the last run that left nothing to do, as seconds since 1970.
pub const LAST_SUCCESS: &str = "newleaf_last_success_timestamp_seconds";
/// Whether a consumer works with another leaf than the stored one, by `consumer`: 0 or 1.
pub const STALE: &str = "newleaf_consumer_stale";
/// Every figure.
pub const NAMES: [&str; 3] = [LEAF_END, LAST_SUCCESS, STALE];

/// The figures of the runs until now. A version of newleaf reads what another one wrote: what it does not know, it leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Figures {
    /// When the stored leaf of a peer ends, or a certificate above it. A leaf that is absent or unreadable has no end.
    pub leaf_ends: BTreeMap<String, i64>,
    /// Whether a consumer works with another leaf than the stored one. A consumer that does not answer has no figure.
    pub stale: BTreeMap<String, bool>,
    /// The end of the last rotation that left nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<i64>,
}

/// Stored text that is no figures.
#[derive(Debug, thiserror::Error)]
#[error("not figures that newleaf wrote: {0}")]
pub struct FiguresUnreadable(serde_json::Error);

impl Diagnose for FiguresUnreadable {
    fn code(&self) -> Code {
        Code::FiguresUnreadable
    }
}

impl Figures {
    /// What an observation shows.
    pub fn of(facts: &Facts) -> Self {
        let end = |peer: Peer| {
            let leaf = facts.leaf(peer).present()?;
            Some((peer.to_string(), leaf.chain_validity.not_after.timestamp()))
        };
        let mut stale = BTreeMap::new();
        for consumer in &facts.running.consumers {
            let is_stale = match &consumer.loaded {
                Loaded::Stale(_) | Loaded::Lingering(_) => true,
                Loaded::Current | Loaded::EachLogin | Loaded::Unproved(_) | Loaded::NotRunning => false,
                Loaded::Unknown(_) => continue,
            };
            stale.insert(consumer.name.clone(), is_stale);
        }
        Self { leaf_ends: Peer::ALL.into_iter().filter_map(end).collect(), stale, last_success: None }
    }

    /// The same, with the last success of former runs where this one has none.
    #[must_use]
    pub fn after(self, former: &Self) -> Self {
        Self { last_success: self.last_success.or(former.last_success), ..self }
    }

    /// Reads what [`Self::to_text`] wrote.
    pub fn parse(text: &str) -> Result<Self, FiguresUnreadable> {
        serde_json::from_str(text).map_err(FiguresUnreadable)
    }

    /// The text for the ConfigMap.
    pub fn to_text(&self) -> String {
        // Maps with keys of text always have a form in JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The figures in Prometheus' text format.
    pub fn exposition(&self) -> String {
        let mut text = String::new();
        let ends = self.leaf_ends.iter().map(|(peer, end)| (label("peer", peer), *end)).collect();
        family(&mut text, LEAF_END, "When the stored leaf ends, in seconds since 1970.", ends);
        let success = self.last_success.iter().map(|end| (String::new(), *end)).collect();
        let help = "When the last rotation ended that left nothing to do, in seconds since 1970.";
        family(&mut text, LAST_SUCCESS, help, success);
        let stale = self.stale.iter().map(|(name, is_stale)| (label("consumer", name), i64::from(*is_stale))).collect();
        family(&mut text, STALE, "Whether a consumer works with another leaf than the stored one.", stale);
        text
    }
}

/// One figure with its samples. Without a sample nothing is said of it.
fn family(text: &mut String, name: &str, help: &str, samples: Vec<(String, i64)>) {
    if samples.is_empty() {
        return;
    }
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge").unwrap_or_default();
    for (label, value) in samples {
        writeln!(text, "{name}{label} {value}").unwrap_or_default();
    }
}

/// A label. Prometheus reads backslashes, quotation marks and line breaks of a value only behind a backslash.
fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{{{name}=\"{value}\"}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        Figures {
            leaf_ends: [("server".to_owned(), 1_790_000_000), ("client".to_owned(), 1_790_000_001)].into(),
            stale: [("postgres".to_owned(), false), ("a\"b\\c\nd".to_owned(), true)].into(),
            last_success: Some(1_789_000_000),
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_a_later_version_may_say_more() {
        assert_eq!(Figures::parse(&figures().to_text()).expect("figures"), figures());
        assert_eq!(Figures::parse("{}").expect("figures"), Figures::default());
        let more = "{\"lastSuccess\": 7, \"later\": {\"a\": 1}}";
        assert_eq!(Figures::parse(more).expect("figures").last_success, Some(7));
        for broken in ["", "7", "{\"lastSuccess\": \"7\"}", "{\"stale\": {\"a\": 1}}"] {
            assert!(Figures::parse(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_run_that_fails_keeps_the_last_success() {
        let failed = Figures { last_success: None, ..figures() };
        assert_eq!(failed.clone().after(&figures()), figures());
        assert_eq!(failed.after(&Figures::default()).last_success, None);
        let later = Figures { last_success: Some(1_789_086_400), ..figures() };
        assert_eq!(later.clone().after(&figures()), later);
    }

    #[test]
    fn each_figure_is_said_in_the_text_format_and_a_hostile_name_adds_no_line() {
        let text = figures().exposition();
        assert!(text.contains("newleaf_leaf_not_after_timestamp_seconds{peer=\"server\"} 1790000000\n"), "{text}");
        assert!(text.contains("\nnewleaf_last_success_timestamp_seconds 1789000000\n"), "{text}");
        assert!(text.contains("newleaf_consumer_stale{consumer=\"postgres\"} 0\n"), "{text}");
        assert!(text.contains("newleaf_consumer_stale{consumer=\"a\\\"b\\\\c\\nd\"} 1\n"), "{text}");
        assert_eq!(text.lines().count(), 11, "{text}");
        for name in NAMES {
            assert_eq!(text.matches(&format!("# TYPE {name} gauge\n")).count(), 1, "{text}");
        }
        assert_eq!(Figures::default().exposition(), "");
    }
}
