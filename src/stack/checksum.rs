//! The checksum of configuration: a change of it in the pod template makes Kubernetes replace the pods, once.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

/// The annotation of a pod template with the checksum of what this crate itself renders.
pub const CONFIGURATION: &str = "newleaf.dev/configuration-checksum";
/// The annotation with the checksum of referenced objects that the stack does not render.
pub const REFERENCES: &str = "newleaf.dev/references-checksum";

/// A hash that tells changes apart. It is no secret and keeps none: feed it no key and no password. SHA-256 over a text, so that a
/// Helm template makes the same one of the same objects, and the next tool that installs the stack replaces no pod because of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checksum(Option<[u8; 32]>);

impl Checksum {
    /// Adds one entry: the object, its key, and what stands there. Each part comes with its length, so no two sets of
    /// entries look alike because a name ends where a value begins.
    #[must_use]
    pub fn with(self, object: &str, key: &str, content: &str) -> Self {
        let part = |text: &str| format!("{}:{text}", text.len());
        let text = format!("{self}{}{}{}", part(object), part(key), part(content));
        Self(digest(&SHA256, text.as_bytes()).as_ref().try_into().ok())
    }
}

/// Empty as long as there is no entry.
impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().flatten().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_parts_with_their_lengths() {
        // printf '1:a2:bc0:' | sha256sum
        let sum = Checksum::default().with("a", "bc", "");
        assert_eq!(sum.to_string(), "8dce64c00e38a60883eba490464eab934171da7e12d47498fd99c5239f9663be");
    }

    #[test]
    fn a_part_that_moves_over_a_border_changes_the_sum() {
        let sum = |object, key, content| Checksum::default().with(object, key, content);
        assert_ne!(sum("ab", "c", "d"), sum("a", "bc", "d"));
        assert_ne!(sum("a", "bc", "d"), sum("a", "b", "cd"));
        assert_ne!(sum("a", "b", "").with("c", "d", "e"), sum("a", "b", "cde"));
        assert_eq!(sum("a", "b", "c"), sum("a", "b", "c"));
    }
}
