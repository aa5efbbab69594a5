//! The request of a caller to a run, and its deadlines.

use std::time::Duration;

use serde::Serialize;

/// The identity of a forced rotation. Two requests with the same identity rotate once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct RotationId(String);

impl RotationId {
    /// The largest number of characters.
    pub const LENGTH_MAX: usize = 63;

    /// Accepts 1 to 63 letters, digits, `.`, `_` and `-`, which suffice for a Job's UID or a ticket number.
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len()) && text.bytes().all(allowed);
        fits.then(|| Self(text.to_owned()))
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The scope of a forced rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Both leaves.
    Leaves,
    /// The authority and both leaves.
    Authority,
}

/// A rotation now, before it is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Force {
    /// The identity of the rotation.
    pub id: RotationId,
    /// What to replace.
    pub scope: Scope,
}

/// The purpose of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Request {
    /// Create missing certificates and repair broken ones. Change nothing else, and touch no process.
    Bootstrap,
    /// Rotate what is due, and what the operator forces.
    Rotate(Option<Force>),
}

impl Request {
    /// The forced rotation, if the request has one.
    pub const fn force(&self) -> Option<&Force> {
        match self {
            Self::Bootstrap | Self::Rotate(None) => None,
            Self::Rotate(Some(force)) => Some(force),
        }
    }
}

/// The time limits of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// The limit for one step.
    pub step: Duration,
    /// The limit for the whole run, including the wait for the lease.
    pub run: Duration,
}

impl Deadlines {
    /// The time that remains after the run has taken so long.
    pub const fn left(&self, elapsed: Duration) -> Duration {
        self.run.saturating_sub(elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_bounded_and_plain() {
        assert!(RotationId::parse("7f3a-UID_1.2").is_some());
        for bad in ["", "a b", "a,b", "a/b", "é", &"x".repeat(64)] {
            assert!(RotationId::parse(bad).is_none(), "{bad:?}");
        }
    }
}
