//! What newleaf observed, parsed once. No rule decodes PEM.

use std::collections::BTreeSet;
use std::fmt;

use crate::engine::material::Slot;
pub use crate::pki::identity::{Fingerprint, Serial, Validity};
use crate::pki::warning::CertificateWarning;
use base::diagnosis::Code;
use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Why newleaf cannot use something that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unusable {
    /// The kind of damage. The page of the code says what to do.
    pub code: Code,
    /// What is wrong and where it is stored, as a clause without a full stop.
    pub why: String,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// The result of reading something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Observed<T> {
    /// It does not exist.
    Absent,
    /// It exists and cannot be used.
    Unreadable(Unusable),
    /// It exists and is usable.
    Present(T),
}

impl<T> Observed<T> {
    /// The value, if it exists and is usable.
    pub const fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }
}

/// The two ends of the connection. Each holds a leaf and trusts the authority of the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Peer {
    /// PostgreSQL.
    Server,
    /// Backstage, or any other client of the database.
    Client,
}

impl Peer {
    /// Both peers, in the order in which they pick up.
    pub const ALL: [Self; 2] = [Self::Server, Self::Client];

    /// The peer at the other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }

    /// The slot that stores this peer's leaf.
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

/// One generation of the authority. Generation 0 comes from another tool or a person (`tls.crt`, `tls.key`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorityFacts {
    /// The number of the generation. A larger number is newer.
    pub generation: u32,
    /// The certificate that signs.
    pub fingerprint: Fingerprint,
    /// The root that peers trust: the same certificate, unless an intermediate signs.
    pub anchor: Fingerprint,
    /// The subject in OpenSSL's one-line form (`/CN=...`), as `pg_stat_ssl.issuer_dn` shows it.
    pub subject: String,
    /// The validity of the whole chain: the intersection from signer to root.
    pub validity: Validity,
    /// Whether a forced rollover retires this generation.
    pub retiring: bool,
    /// Properties that some verifiers reject, though PostgreSQL and its clients accept them.
    pub warnings: Vec<CertificateWarning>,
}

/// The stored leaf of a peer, with its trust bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeafFacts {
    /// The SHA-256 of the certificate.
    pub fingerprint: Fingerprint,
    /// The serial number, which a running server or session shows.
    pub serial: Serial,
    /// The validity of the leaf itself.
    pub validity: Validity,
    /// The validity of the whole chain: the intersection with every certificate up to the anchor.
    pub chain_validity: Validity,
    /// The authority that signed the leaf and the root that it chains to, if known certificates prove both.
    pub signer: Option<Signer>,
    /// Differences from the policy in names, usages or key algorithm. Empty if there are none.
    pub drift: Vec<String>,
    /// The roots by which this peer accepts the other.
    pub trust: BTreeSet<Fingerprint>,
    /// The identities of the forced rotations that replaced this leaf.
    pub rotation_ids: Vec<String>,
    /// Properties that some tools reject, though PostgreSQL and its clients accept them.
    pub warnings: Vec<CertificateWarning>,
}

/// The authority that signed a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signer {
    /// The SHA-256 of the signing certificate.
    pub fingerprint: Fingerprint,
    /// The SHA-256 of the root that the leaf chains to.
    pub anchor: Fingerprint,
}

/// What a consumer shows of the stored material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// It works with the leaf and trust bundle that are stored now.
    Current,
    /// It reads the files at each login, so it needs no pick-up.
    EachLogin,
    /// Its pick-up succeeded, but no evidence shows what it loaded: no database is configured, or it has no open session.
    Unproved(String),
    /// It works with older material, which a pick-up replaces. The text names the material.
    Stale(String),
    /// It was restarted for the stored material, and older material is still in use. Another restart would change nothing.
    Lingering(String),
    /// It does not run. It loads what is stored when it starts.
    NotRunning,
    /// newleaf cannot observe it now, for this reason.
    Unknown(Unusable),
}

impl Loaded {
    /// Whether evidence shows that nothing older than the stored material is in use. newleaf removes a root or an authority
    /// only on this evidence.
    pub const fn is_proved(&self) -> bool {
        matches!(self, Self::Current | Self::EachLogin | Self::NotRunning)
    }

    /// The name of the state in JSON output.
    const fn state(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::EachLogin => "eachLogin",
            Self::Unproved(_) => "unproved",
            Self::Stale(_) => "stale",
            Self::Lingering(_) => "lingering",
            Self::NotRunning => "notRunning",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl Serialize for Loaded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("state", self.state())?;
        match self {
            Self::Current | Self::EachLogin | Self::NotRunning => {}
            Self::Unproved(why) | Self::Stale(why) | Self::Lingering(why) => map.serialize_entry("why", why)?,
            Self::Unknown(unusable) => {
                map.serialize_entry("why", &unusable.why)?;
                map.serialize_entry("code", &unusable.code)?;
            }
        }
        map.end()
    }
}

/// The answer of PostgreSQL to a login with the stored client leaf, on every endpoint that completes a handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "answer", content = "reason")]
pub enum Login {
    /// There was no login: no database is configured, or no client leaf is stored.
    NotTried,
    /// Each endpoint opened a session.
    Admitted,
    /// PostgreSQL accepted the certificate, so it is valid by PostgreSQL's clock, but opened no session: the role is missing,
    /// `pg_hba.conf` refuses the login, or no connection slot is free.
    Accepted(Unusable),
    /// PostgreSQL refused the certificate.
    LeafRefused(Unusable),
    /// PostgreSQL did not answer.
    Unknown(Unusable),
}

impl Login {
    /// Why the answer does not prove that clients with this leaf can log in. `None` if it proves it, or if no proof is possible.
    pub const fn objection(&self) -> Option<&Unusable> {
        match self {
            Self::NotTried | Self::Admitted => None,
            Self::Accepted(reason) | Self::LeafRefused(reason) | Self::Unknown(reason) => Some(reason),
        }
    }
}

/// A workload that loads a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerFacts {
    /// The configured name of the consumer.
    pub name: String,
    /// The peer whose leaf it loads.
    pub peer: Peer,
    /// The evidence of what it has loaded.
    pub loaded: Loaded,
    /// Names of authorities by which it accepts clients although its stored trust bundle does not contain them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub accepts_besides: BTreeSet<String>,
}

impl ConsumerFacts {
    /// Whether it works with the stored material from now on. A restarted client does, even while one of its former
    /// sessions is still open. A server that shows older material does not.
    pub const fn is_settled(&self) -> bool {
        match (&self.loaded, self.peer) {
            (Loaded::Current | Loaded::EachLogin | Loaded::NotRunning | Loaded::Unproved(_), _)
            | (Loaded::Lingering(_), Peer::Client) => true,
            (Loaded::Lingering(_), Peer::Server) | (Loaded::Stale(_) | Loaded::Unknown(_), _) => false,
        }
    }
}

/// The facts that the stored bytes state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredFacts {
    /// The generations of the authority, oldest first.
    pub authorities: Observed<Vec<AuthorityFacts>>,
    /// The identities of the forced rollovers of the authority.
    pub rollover_ids: Vec<String>,
    /// The server's leaf.
    pub server: Observed<LeafFacts>,
    /// The client's leaf.
    pub client: Observed<LeafFacts>,
}

impl StoredFacts {
    pub const fn leaf(&self, peer: Peer) -> &Observed<LeafFacts> {
        match peer {
            Peer::Server => &self.server,
            Peer::Client => &self.client,
        }
    }

    /// Whether any stored object is unreadable.
    pub const fn has_unreadable(&self) -> bool {
        matches!(self.authorities, Observed::Unreadable(_))
            || matches!(self.server, Observed::Unreadable(_))
            || matches!(self.client, Observed::Unreadable(_))
    }
}

/// The facts that the running database and consumers show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningFacts {
    /// The clock of the database or the cluster, if it answered.
    pub reference: Option<DateTime<Utc>>,
    /// Every configured consumer, in pick-up order within its peer.
    pub consumers: Vec<ConsumerFacts>,
    /// The answer of PostgreSQL to a login with the stored client leaf.
    pub login: Login,
    /// Subjects (one-line form) of the authorities of the open sessions. Absent if no database is configured, unreadable if
    /// an endpoint did not answer.
    pub issuers_in_use: Observed<BTreeSet<String>>,
    /// The setting that makes PostgreSQL check revocation lists. With it, PostgreSQL refuses certificates of an authority
    /// that has no list (PostgreSQL manual, 20.3.3).
    pub revocation_list: Observed<String>,
}

/// Everything that a decision may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The time by our clock.
    pub now: DateTime<Utc>,
    /// The facts about what is stored.
    #[serde(flatten)]
    pub stored: StoredFacts,
    /// The facts about what runs.
    #[serde(flatten)]
    pub running: RunningFacts,
}

impl Facts {
    /// The stored leaf of a peer.
    pub const fn leaf(&self, peer: Peer) -> &Observed<LeafFacts> {
        self.stored.leaf(peer)
    }

    /// The generations of the authority. None if the authority is absent or unreadable.
    pub fn generations(&self) -> &[AuthorityFacts] {
        match &self.stored.authorities {
            Observed::Present(generations) => generations,
            Observed::Absent | Observed::Unreadable(_) => &[],
        }
    }

    /// The consumers of a peer's leaf.
    pub fn consumers_of(&self, peer: Peer) -> impl Iterator<Item = &ConsumerFacts> {
        self.running.consumers.iter().filter(move |consumer| consumer.peer == peer)
    }

    /// Whether every consumer of a peer's leaf works with the stored one from now on. Without a configured consumer there is
    /// no evidence, so the answer is no.
    pub fn is_settled(&self, peer: Peer) -> bool {
        let mut consumers = self.consumers_of(peer).peekable();
        consumers.peek().is_some() && consumers.all(ConsumerFacts::is_settled)
    }

    /// Whether evidence shows for every consumer of both peers that nothing older than the stored material is in use.
    pub fn all_proved(&self) -> bool {
        let configured = Peer::ALL.into_iter().all(|peer| self.consumers_of(peer).next().is_some());
        configured && self.running.consumers.iter().all(|consumer| consumer.loaded.is_proved())
    }

    /// The generation with this signing certificate.
    pub fn generation_of(&self, fingerprint: Fingerprint) -> Option<&AuthorityFacts> {
        self.generations().iter().find(|authority| authority.fingerprint == fingerprint)
    }

    /// The stored leaf of a peer, if it is readable, its whole chain is known and valid now, and the other peer has a
    /// reason to accept it. A peer's own bundle is no evidence for its root.
    pub fn working_leaf(&self, peer: Peer) -> Option<(&LeafFacts, Signer)> {
        let leaf = self.leaf(peer).present()?;
        let signer = leaf.signer?;
        let works = self.is_accepted(peer, signer.anchor) && leaf.chain_validity.contains(self.now);
        if works { Some((leaf, signer)) } else { None }
    }

    /// As [`is_accepted`], judged by the stored objects.
    pub fn is_accepted(&self, peer: Peer, anchor: Fingerprint) -> bool {
        is_accepted(anchor, self.generations(), self.leaf(peer.other()).present())
    }
}

/// Whether the root of a peer's leaf belongs to a stored authority or is in the stored bundle of the *other* peer.
pub fn is_accepted(anchor: Fingerprint, authorities: &[AuthorityFacts], other: Option<&LeafFacts>) -> bool {
    let is_stored = authorities.iter().any(|authority| authority.anchor == anchor);
    match other {
        Some(other) => is_stored || other.trust.contains(&anchor),
        None => is_stored,
    }
}
