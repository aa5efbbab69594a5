//! Where a value comes from, and what it overrode.

use std::fmt;

use crate::layers::origin::Origin;
use crate::layers::path::{FieldPath, Segment};
use crate::layers::tree::{Tree, TreeValue};

/// The answer for one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<'a> {
    /// The path that was asked for, or the one above it that a null deletes.
    pub path: FieldPath,
    /// The value that holds; `None` where a layer deletes it.
    pub value: Option<&'a Tree>,
    /// Where it was given, or deleted.
    pub origin: &'a Origin,
    /// Where the values were given that it replaced, the lowest first.
    pub overridden: &'a [Origin],
}

impl Tree {
    /// Explains a path of the merged tree; `None` where no layer gives anything.
    pub fn explain(&self, path: &FieldPath) -> Option<Explanation<'_>> {
        let mut tree = self;
        let mut walked: Vec<Segment> = Vec::new();
        for segment in path.segments() {
            if tree.value == TreeValue::Null {
                break;
            }
            tree = tree.child(segment)?;
            walked.push(segment.clone());
        }
        let value = if tree.value == TreeValue::Null { None } else { Some(tree) };
        Some(Explanation { path: walked.into(), value, origin: &tree.origin, overridden: &tree.overridden })
    }
}

impl fmt::Display for Explanation<'_> {
    /// One line: `leaf.lifetime is "40d" (flag --set leaf.lifetime); before: default, file newleaf.yaml:3:18`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            None => write!(f, "{} is deleted ({})", self.path, self.origin)?,
            Some(tree) => match tree.text() {
                Some(text) => write!(f, "{} is {text:?} ({})", self.path, self.origin)?,
                None => write!(f, "{} ({})", self.path, self.origin)?,
            },
        }
        for (number, origin) in self.overridden.iter().enumerate() {
            write!(f, "{}{origin}", if number == 0 { "; before: " } else { ", " })?;
        }
        Ok(())
    }
}
