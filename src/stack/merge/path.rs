//! Where a value is in a document.

use std::fmt::{Display, Formatter, Result};

/// A step from a value into it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathStep {
    /// The value of a key.
    Key(String),
    /// The element at a position.
    Index(usize),
}

/// The steps from the root of a document to a value. It is written as kubectl writes fields: `spec.containers[0].env`,
/// and a key that is no plain word in quotes: `metadata.annotations["newleaf.dev/id"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<PathStep>);

impl Path {
    /// The whole document.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The value of a key of the map that is here.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.step(PathStep::Key(key.to_owned()))
    }

    /// An element of the list that is here.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(PathStep::Index(index))
    }

    /// The steps in their order.
    pub fn steps(&self) -> &[PathStep] {
        &self.0
    }

    fn step(&self, step: PathStep) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl FromIterator<PathStep> for Path {
    fn from_iter<T: IntoIterator<Item = PathStep>>(steps: T) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl Display for Path {
    fn fmt(&self, to: &mut Formatter<'_>) -> Result {
        if self.0.is_empty() {
            return to.write_str("the document");
        }
        for (position, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Index(index) => write!(to, "[{index}]")?,
                PathStep::Key(key) if !is_plain(key) => write!(to, "[{key:?}]")?,
                PathStep::Key(key) if position == 0 => to.write_str(key)?,
                PathStep::Key(key) => write!(to, ".{key}")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-$".contains(c))
}
