//! What a caller asks of a run, and how long it may take.

use std::time::Duration;

use serde::Serialize;

/// The identity of a forced rotation: asking twice with the same one rotates once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct RotationId(String);

impl RotationId {
    /// The longest identity.
    pub const LENGTH_MAX: usize = 63;

    /// Accepts 1 to 63 letters, digits, `.`, `_` and `-`: what a Job's UID or a ticket number is made of.
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len()) && text.bytes().all(allowed);
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is forced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Both leaves.
    Leaves,
    /// The authority, and with it both leaves.
    Authority,
}

/// A rotation that is not waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Force {
    /// Its identity.
    pub id: RotationId,
    /// What is replaced.
    pub scope: Scope,
}

/// What a run is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Request {
    /// Make what is missing and mend what is broken; touch nothing else, and no process.
    Bootstrap,
    /// Do what is due, and what is forced.
    Rotate(Option<Force>),
}

impl Request {
    /// What is forced, if anything.
    pub const fn force(&self) -> Option<&Force> {
        match self {
            Self::Bootstrap | Self::Rotate(None) => None,
            Self::Rotate(Some(force)) => Some(force),
        }
    }
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// One step.
    pub step: Duration,
    /// The whole run, the wait for the lease included.
    pub run: Duration,
}

impl Deadlines {
    /// What is left of a run that has taken so long.
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
