//! Given values by key. A later layer replaces the values of an earlier one.

use std::collections::BTreeMap;

use crate::document::error::{ConfigurationError, Origin};
use crate::document::keys::Key;
use crate::document::shape::ConsumerFile;

/// The given value of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The text; several for a list.
    pub texts: Vec<String>,
    /// Where it was given.
    pub origin: Origin,
}

impl Given {
    /// The text of a value that is no list.
    pub fn text(&self) -> &str {
        self.texts.first().map(String::as_str).unwrap_or_default()
    }
}

/// The values of the file, the variables and the flags, in order of priority.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    values: BTreeMap<Key, Given>,
    consumers: Option<(Vec<ConsumerFile>, Origin)>,
}

impl Layers {
    /// Gives a value; replaces the one from a lower layer.
    pub fn set(&mut self, key: Key, given: Given) {
        self.values.insert(key, given);
    }

    /// Gives the consumers; replaces those from a lower layer.
    pub fn set_consumers(&mut self, consumers: Vec<ConsumerFile>, origin: Origin) {
        self.consumers = Some((consumers, origin));
    }

    /// Gives the text of a flag or a variable: lists are separated by commas, consumers are YAML.
    pub fn set_text(&mut self, key: Key, text: &str, origin: Origin) -> Result<(), ConfigurationError> {
        if key == Key::Consumers {
            let consumers = crate::document::shape::parse_consumers(text, &origin.to_string())?;
            self.set_consumers(consumers, origin);
        } else if key.is_list() {
            let texts = text.split(',').map(|part| part.trim().to_owned()).collect();
            self.set(key, Given { texts, origin });
        } else {
            self.set(key, Given { texts: vec![text.to_owned()], origin });
        }
        Ok(())
    }

    /// Puts another layer above this one.
    #[must_use]
    pub fn below(mut self, above: Self) -> Self {
        self.values.extend(above.values);
        self.consumers = above.consumers.or(self.consumers);
        self
    }

    /// What the topmost layer gives for a key.
    pub fn get(&self, key: Key) -> Option<&Given> {
        self.values.get(&key)
    }

    /// What the topmost layer gives as consumers.
    pub fn consumers(&self) -> Option<(&[ConsumerFile], &Origin)> {
        self.consumers.as_ref().map(|(consumers, origin)| (consumers.as_slice(), origin))
    }
}
