//! What was observed, parsed once: no rule ever decodes PEM.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::diagnosis::Code;
pub use crate::pki::identity::{Fingerprint, Serial, Validity};
use crate::pki::warning::Warning;
use crate::rotation::material::Slot;

/// Why something that is stored cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unusable {
    /// What kind of damage it is: its page says what to do.
    pub code: Code,
    /// What is wrong, with the place where it is stored: a clause without a full stop.
    pub why: String,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// The result of looking for something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Observed<T> {
    /// It is not there.
    Absent,
    /// It is there and cannot be used.
    Unreadable(Unusable),
    /// It is there.
    Present(T),
}

impl<T> Observed<T> {
    /// What is there, if it is usable.
    pub const fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }
}

/// The two ends of the connection. Each holds a leaf, and trusts the authority of the other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Peer {
    /// PostgreSQL.
    Server,
    /// Backstage, or any other client of the database.
    Client,
}

impl Peer {
    /// Both, in the order in which they pick up.
    pub const ALL: [Self; 2] = [Self::Server, Self::Client];

    /// The other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }

    /// Where its leaf is stored.
    pub const fn slot(self) -> Slot {
        match self {
            Self::Server => Slot::Server,
            Self::Client => Slot::Client,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "server",
            Self::Client => "client",
        })
    }
}

/// One generation of the authority. Generation 0 is one that someone else brought (`tls.crt`, `tls.key`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorityFacts {
    /// The generation; a larger one is newer.
    pub generation: u32,
    /// The certificate that signs.
    pub fingerprint: Fingerprint,
    /// The root that peers trust: the same certificate, unless an intermediate signs.
    pub anchor: Fingerprint,
    /// The subject in OpenSSL's one-line form (`/CN=...`), as `pg_stat_ssl.issuer_dn` shows it.
    pub subject: String,
    /// When the whole chain is valid: the intersection from signer to root.
    pub validity: Validity,
    /// A forced rollover has asked for its end.
    pub retiring: bool,
    /// What some verifiers object to, though PostgreSQL and its clients accept it.
    pub warnings: Vec<Warning>,
}

/// The leaf of a peer as it is stored, with its trust bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeafFacts {
    /// The certificate.
    pub fingerprint: Fingerprint,
    /// Its serial number: what a running server or session shows of it.
    pub serial: Serial,
    /// When the leaf itself is valid.
    pub validity: Validity,
    /// When its whole chain is valid: the intersection with every certificate up to the anchor.
    pub chain_validity: Validity,
    /// The authority that signed it, and the root it chains to, if any known certificate proves to.
    pub signer: Option<Signer>,
    /// What differs from the policy: names, usages, key algorithm. Empty when nothing does.
    pub drift: Vec<String>,
    /// The roots that this peer accepts the other by.
    pub trust: BTreeSet<Fingerprint>,
    /// The forced rotations it has had.
    pub rotation_ids: Vec<String>,
    /// What some tools object to, though PostgreSQL and its clients accept it.
    pub warnings: Vec<Warning>,
}

/// Who signed a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signer {
    /// The signing certificate.
    pub fingerprint: Fingerprint,
    /// The root it chains to.
    pub anchor: Fingerprint,
}

/// What a consumer shows of the stored material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state", content = "why")]
pub enum Loaded {
    /// Leaf and trust bundle as they are stored now.
    Current,
    /// It reads the files at each login: there is nothing to pick up.
    EachLogin,
    /// Something older; the text names it.
    Stale(String),
    /// It does not run: it will load what is stored when it starts.
    NotRunning,
    /// It cannot be observed now; the text says why.
    Unknown(String),
}

impl Loaded {
    /// Whether nothing older than the stored material is in use.
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Current | Self::EachLogin | Self::NotRunning)
    }
}

/// A workload that loads a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerFacts {
    /// Its configured name.
    pub name: String,
    /// Whose leaf it loads.
    pub peer: Peer,
    /// What it shows.
    pub loaded: Loaded,
}

/// Everything a decision may look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Our clock.
    pub now: DateTime<Utc>,
    /// The clock of the database or the cluster, if it could be asked.
    pub reference: Option<DateTime<Utc>>,
    /// The authority's generations, oldest first.
    pub authorities: Observed<Vec<AuthorityFacts>>,
    /// The forced rollovers that the authority has had.
    pub rollover_ids: Vec<String>,
    /// The server's leaf.
    pub server: Observed<LeafFacts>,
    /// The client's leaf.
    pub client: Observed<LeafFacts>,
    /// Every configured consumer, in pick-up order within its peer.
    pub consumers: Vec<ConsumerFacts>,
    /// Subjects (one-line form) of the authorities that live sessions were opened with.
    pub issuers_in_use: BTreeSet<String>,
}

impl Facts {
    /// The stored leaf of a peer.
    pub const fn leaf(&self, peer: Peer) -> &Observed<LeafFacts> {
        match peer {
            Peer::Server => &self.server,
            Peer::Client => &self.client,
        }
    }

    /// The authority's generations; none when absent or unreadable.
    pub fn generations(&self) -> &[AuthorityFacts] {
        self.authorities.present().map_or(&[], Vec::as_slice)
    }

    /// The consumers of a peer's leaf.
    pub fn consumers_of(&self, peer: Peer) -> impl Iterator<Item = &ConsumerFacts> {
        self.consumers.iter().filter(move |consumer| consumer.peer == peer)
    }

    /// Whether everything that runs with a peer's leaf is seen to show the stored one. Where no consumer is
    /// configured nothing is seen, so it is never settled.
    pub fn is_settled(&self, peer: Peer) -> bool {
        let mut consumers = self.consumers_of(peer).peekable();
        consumers.peek().is_some() && consumers.all(|consumer| consumer.loaded.is_settled())
    }

    /// Whether both peers are settled.
    pub fn all_settled(&self) -> bool {
        Peer::ALL.into_iter().all(|peer| self.is_settled(peer))
    }

    /// The generation with this signing certificate.
    pub fn generation_of(&self, fingerprint: Fingerprint) -> Option<&AuthorityFacts> {
        self.generations().iter().find(|authority| authority.fingerprint == fingerprint)
    }

    /// The stored leaf of a peer, if it is readable and its whole chain is known and valid now.
    pub fn working_leaf(&self, peer: Peer) -> Option<(&LeafFacts, Signer)> {
        let leaf = self.leaf(peer).present()?;
        let signer = leaf.signer?;
        leaf.chain_validity.contains(self.now).then_some((leaf, signer))
    }
}
