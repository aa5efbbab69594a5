//! The steps of a run, as data: one external change or one wait. They contain no secrets.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::engine::facts::{Fingerprint, Login, Peer, Unusable, Validity};
use crate::engine::request::RotationId;
use crate::engine::rules::Reason;

/// The login with a new client leaf that must precede its write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Trial {
    /// No login: the leaf is a server's, or no client leaf works now, so nothing can be lost.
    None,
    /// PostgreSQL must open a session.
    Required,
    /// The present leaf expires soon: a PostgreSQL that answers must not refuse the certificate. Opening no session is no
    /// refusal of the certificate.
    NotRefused,
}

impl Trial {
    /// Whether the step tries no login.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether the step tries a login.
    pub const fn is_any(self) -> bool {
        !self.is_none()
    }

    /// Why the answer is not sufficient. `None` if it is.
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
    /// The number of the new generation.
    pub generation: u32,
    pub validity: Validity,
    /// The generations that retire with this order.
    pub retiring: BTreeSet<u32>,
    /// The forced rollover that this order serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation_id: Option<RotationId>,
}

/// A new leaf. The issuer's profile has names, usage and key algorithm; the order has the choices of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeafOrder {
    /// The peer that gets the leaf.
    pub peer: Peer,
    /// The generation that signs.
    pub signer: u32,
    /// The validity of the leaf, already inside the signer's.
    pub validity: Validity,
    /// The roots of its trust bundle.
    pub trust: BTreeSet<Fingerprint>,
    /// The roots that the other peer has loaded. The new leaf must verify against them.
    pub peer_trust: BTreeSet<Fingerprint>,
    /// The forced rotation that this order serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation_id: Option<RotationId>,
}

/// One external change, or one wait for its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "step")]
pub enum Step {
    /// Create a generation of the authority and store it with the others.
    AddAuthority(AuthorityOrder),
    /// Remove a generation that nothing needs any more.
    RemoveAuthority {
        /// The number of the generation.
        generation: u32,
    },
    /// Issue a leaf with a new key, rehearse it, and write it with its trust bundle.
    Issue {
        /// The leaf to issue.
        #[serde(flatten)]
        order: LeafOrder,
        /// The login that the new leaf must pass before newleaf writes it.
        #[serde(skip_serializing_if = "Trial::is_none")]
        trial: Trial,
        /// The reasons that make the leaf due.
        reasons: Vec<Reason>,
    },
    /// Write another trust bundle for the stored leaf.
    Republish {
        /// The peer that owns the leaf.
        peer: Peer,
        /// The roots of the new bundle.
        trust: BTreeSet<Fingerprint>,
    },
    /// Log in with the stored client leaf before any client picks it up.
    LogIn,
    /// Make a consumer load the stored material.
    PickUp {
        /// Whose leaf.
        peer: Peer,
        /// The name of the consumer.
        consumer: String,
    },
    /// Wait until a consumer shows the stored material.
    Prove {
        /// Whose leaf.
        peer: Peer,
        /// The name of the consumer.
        consumer: String,
    },
}

impl Step {
    /// The step itself, and after a pick-up its proof.
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

    /// Whether the step writes to the store.
    pub const fn is_write(&self) -> bool {
        match self {
            Self::AddAuthority(_) | Self::RemoveAuthority { .. } | Self::Issue { .. } | Self::Republish { .. } => true,
            Self::LogIn | Self::PickUp { .. } | Self::Prove { .. } => false,
        }
    }

    /// Whether `next` asks for the change that this step has just made. The validity of a leaf differs at each observation and
    /// does not count.
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
