//! What is noted of a consumer that shows nothing by itself: for which material its pick-ups have ended well.
//!
//! It is noted only after the pick-up has ended well, and only with the hash of what was stored when it began. It says
//! nothing about certificates: it is compared with the hash of what is stored now, so a lost or old mark leads to one pick-up
//! too many, never to one too few.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The mark of a consumer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Mark {
    /// The hash of the material whose pick-up has ended well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) picked_up: Option<String>,
    /// The hash of the material that it was restarted for: it is restarted once for one content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) restarted: Option<String>,
    /// Where its pid file was when its process was last seen. A file that was never seen there tells nothing by its absence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pid_file: Option<PathBuf>,
}

impl Mark {
    /// Reads a mark; what cannot be read is none.
    pub(crate) fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As it is kept.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written_and_anything_else_is_none() {
        let mark = Mark { picked_up: Some("ab".to_owned()), restarted: None, pid_file: Some("/run/it.pid".into()) };
        assert_eq!(Mark::parse(&mark.text()), mark);
        for other in ["", "0123456789abcdef", "[]", "{\"pickedUp\": 1}"] {
            assert_eq!(Mark::parse(other), Mark::default(), "{other}");
        }
    }
}
