//! What a run can do, as data: one external change or one wait. Holds no secrets.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::engine::facts::{Fingerprint, Login, Peer, Unusable, Validity};
use crate::engine::request::RotationId;
use crate::engine::rules::Reason;

/// A login with a new client leaf, before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Trial {
    /// There is none: it is a server's leaf, or no client leaf works now, so that nothing can be lost.
    None,
    /// PostgreSQL must let it in.
    Required,
    /// The end of the present leaf is near: PostgreSQL must not refuse it, if it can be asked. That it opens no session says
    /// nothing against a leaf.
    NotRefused,
}

impl Trial {
    /// Whether there is none.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether there is one.
    pub const fn is_any(self) -> bool {
        !self.is_none()
    }

    /// Why the answer does not do; `None` if it does.
    pub const fn objection(self, login: &Login) -> Option<&Unusable> {
        match (self, login) {
            (Self::None, _)
            | (_, Login::NotTried | Login::Admitted)
            | (Self::NotRefused, Login::Accepted(_) | Login::Unknown(_)) => None,
            (Self::Required | Self::NotRefused, Login::LeafRefused(reason))
            | (Self::Required, Login::Accepted(reason) | Login::Unknown(reason)) => Some(reason),
        }
    }
}

/// A new generation of the authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorityOrder {
    /// Its number.
    pub generation: u32,
    /// Its span of life.
    pub validity: Validity,
    /// The generations that retire with it.
    pub retiring: BTreeSet<u32>,
    /// The forced rollover that asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation_id: Option<RotationId>,
}

/// A new leaf. Names, usage and key algorithm are the issuer's configuration; the choices are here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeafOrder {
    /// Whose.
    pub peer: Peer,
    /// The generation that signs.
    pub signer: u32,
    /// Its span of life, already inside the signer's.
    pub validity: Validity,
    /// The roots that go into its trust bundle.
    pub trust: BTreeSet<Fingerprint>,
    /// The roots that the other peer has loaded: the new leaf must verify against them.
    pub peer_trust: BTreeSet<Fingerprint>,
    /// The forced rotation that asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation_id: Option<RotationId>,
}

/// One external change, or one wait for it to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "step")]
pub enum Step {
    /// Make a generation of the authority and store it with the others.
    AddAuthority(AuthorityOrder),
    /// Remove a generation that nothing chains to any more.
    RemoveAuthority {
        /// Its number.
        generation: u32,
    },
    /// Issue a leaf with a new key, rehearse it, write it with its trust bundle.
    Issue {
        /// What is issued.
        #[serde(flatten)]
        order: LeafOrder,
        /// What PostgreSQL has to say to the new leaf before it is written.
        #[serde(skip_serializing_if = "Trial::is_none")]
        trial: Trial,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// Write the stored leaf with another trust bundle.
    Republish {
        /// Whose.
        peer: Peer,
        /// The roots in its trust bundle.
        trust: BTreeSet<Fingerprint>,
    },
    /// Log in with the stored client leaf, before any client is made to load it.
    LogIn,
    /// Make a consumer load what is stored.
    PickUp {
        /// Whose leaf.
        peer: Peer,
        /// The consumer.
        consumer: String,
    },
    /// Wait until a consumer shows what is stored.
    Prove {
        /// Whose leaf.
        peer: Peer,
        /// The consumer.
        consumer: String,
    },
}

impl Step {
    /// The step, and after a pick-up its proof.
    pub fn with_proof(self) -> Vec<Self> {
        let proof = match &self {
            Self::PickUp { peer, consumer } => Some(Self::Prove { peer: *peer, consumer: consumer.clone() }),
            Self::AddAuthority(_)
            | Self::RemoveAuthority { .. }
            | Self::Issue { .. }
            | Self::Republish { .. }
            | Self::LogIn
            | Self::Prove { .. } => None,
        };
        std::iter::once(self).chain(proof).collect()
    }

    /// Whether it writes what is stored.
    pub const fn is_write(&self) -> bool {
        match self {
            Self::AddAuthority(_) | Self::RemoveAuthority { .. } | Self::Issue { .. } | Self::Republish { .. } => true,
            Self::LogIn | Self::PickUp { .. } | Self::Prove { .. } => false,
        }
    }

    /// Whether `next` asks for what this step has just done. The times of a leaf differ at each look; they do not count.
    pub fn is_repeated_by(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Issue { order, reasons, .. }, Self::Issue { order: next, reasons: next_reasons, .. }) => {
                order.peer == next.peer && order.signer == next.signer && reasons == next_reasons
            }
            (
                Self::PickUp { peer, consumer } | Self::Prove { peer, consumer },
                Self::PickUp { peer: next_peer, consumer: next_consumer }
                | Self::Prove { peer: next_peer, consumer: next_consumer },
            ) => peer == next_peer && consumer == next_consumer,
            _ => self == next,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddAuthority(order) => write!(f, "add generation {} of the authority", order.generation),
            Self::RemoveAuthority { generation } => write!(f, "remove generation {generation} of the authority"),
            Self::Issue { order, .. } => write!(f, "issue the {}'s leaf from generation {}", order.peer, order.signer),
            Self::Republish { peer, .. } => write!(f, "write the {peer}'s trust bundle"),
            Self::LogIn => write!(f, "log in with the client's leaf"),
            Self::PickUp { peer, consumer } => write!(f, "make {consumer} load the {peer}'s leaf"),
            Self::Prove { peer, consumer } => write!(f, "prove that {consumer} shows the {peer}'s leaf"),
        }
    }
}
