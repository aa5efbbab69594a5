//! The checksum of configuration: a change of it in the pod template makes Kubernetes replace the pods, once.

use std::fmt;

/// The annotation of a pod template with the checksum of what this crate itself renders.
pub const CONFIGURATION: &str = "newleaf.dev/configuration-checksum";
/// The annotation with the checksum of referenced objects that the stack does not render.
pub const REFERENCES: &str = "newleaf.dev/references-checksum";

/// The offset basis and the prime of FNV-1a with 128 bits.
const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// A hash that tells changes apart. It is no secret and keeps none: feed it no key and no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checksum(u128);

impl Default for Checksum {
    fn default() -> Self {
        Self(OFFSET)
    }
}

impl Checksum {
    /// Adds one entry: the object, its key, and what stands there. Each part comes with its length, so no two sets of
    /// entries look alike because a name ends where a value begins.
    #[must_use]
    pub fn with(self, object: &str, key: &str, content: &str) -> Self {
        [object, key, content].into_iter().fold(self, |sum, part| {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            sum.bytes(&length.to_le_bytes()).bytes(part.as_bytes())
        })
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(self.0, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME)))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(Checksum::default().bytes(b"a").to_string(), "d228cb696f1a8caf78912b704e4a8964");
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
