//! All layers by key: what is given, what is the default, and what is wrong with either.

use base::diagnosis::Code;
use base::layers::origin::Origin;
use base::layers::tree::Tree;

use crate::document::error::ConfigurationError;
use crate::document::keys;
use crate::document::shape::{self, ConsumerFile};

/// A value of the configuration, or why it cannot be used.
pub(super) type Resolved<T> = Result<T, ConfigurationError>;

/// All layers, which together have the documented shape.
pub(super) struct Layered<'a> {
    tree: &'a Tree,
    consumers: Option<Vec<ConsumerFile>>,
}

impl<'a> Layered<'a> {
    /// Refuses what does not have the documented shape.
    pub(super) fn read(tree: &'a Tree) -> Resolved<Self> {
        Ok(Self { tree, consumers: shape::read(tree)?.consumers })
    }

    pub(super) fn given(&self, key: &str) -> Option<&'a Tree> {
        debug_assert!(keys::of_path(key).is_some(), "{key} is no key");
        self.tree.find(key)
    }

    pub(super) fn is_given(&self, key: &str) -> bool {
        self.given(key).is_some()
    }

    pub(super) fn consumers(&self) -> Option<(&[ConsumerFile], &Origin)> {
        match (&self.consumers, self.given("consumers")) {
            (Some(consumers), Some(given)) => Some((consumers, &given.origin)),
            _ => None,
        }
    }

    /// Parses a single value; without one, the default of its key.
    pub(super) fn parse<T>(&self, key: &str, code: Code, parse: impl Fn(&str) -> Result<T, String>) -> Resolved<T> {
        let (text, origin) = match self.given(key) {
            Some(given) => (given.text().unwrap_or_default(), &given.origin),
            None => (keys::default(key), &Origin::Default),
        };
        parse(text).map_err(|limits| wrong(key, text, origin, code, limits))
    }

    /// Parses a single value, if there is one.
    pub(super) fn optional<T>(
        &self,
        key: &str,
        code: Code,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Resolved<Option<T>> {
        if self.is_given(key) { self.parse(key, code, parse).map(Some) } else { Ok(None) }
    }

    /// Names the values concerned: those whose key the problem mentions, or else all of them that are given.
    pub(super) fn contradiction(&self, problem: String, keys: &[&str]) -> ConfigurationError {
        let word = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        let mut concerned: Vec<&str> = keys.iter().filter(|key| problem.contains(&word(key))).copied().collect();
        if concerned.is_empty() {
            concerned = keys.iter().filter(|key| self.is_given(key)).copied().collect();
        }
        let given = concerned.into_iter().map(|key| self.sentence(key)).collect();
        ConfigurationError::Contradiction { problem, given }
    }

    /// A key, its value and its origin; of a list the first value.
    fn sentence(&self, key: &str) -> String {
        match (self.given(key), keys::default(key)) {
            (Some(given), _) => {
                let text = given.text().or_else(|| given.items().first()?.text()).unwrap_or_default();
                format!("{key} is {text:?} ({})", given.origin)
            }
            (None, "") => format!("{key} is not given"),
            (None, default) => format!("{key} is {default} ({})", Origin::Default),
        }
    }
}

/// A value that is wrong by itself.
pub(super) fn wrong(key: &str, text: &str, origin: &Origin, code: Code, limits: String) -> ConfigurationError {
    ConfigurationError::Value { key: key.to_owned(), value: text.to_owned(), origin: origin.clone(), limits, code }
}
