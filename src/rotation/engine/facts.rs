//! What was observed, parsed once: no rule ever decodes PEM.

use std::collections::BTreeSet;
use std::fmt;

use crate::engine::material::Slot;
pub use crate::pki::identity::{Fingerprint, Serial, Validity};
use crate::pki::warning::CertificateWarning;
use base::diagnosis::Code;
use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

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
    pub warnings: Vec<CertificateWarning>,
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
    pub warnings: Vec<CertificateWarning>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// Leaf and trust bundle as they are stored now.
    Current,
    /// It reads the files at each login: there is nothing to pick up.
    EachLogin,
    /// Its pick-up ended well, and nothing shows what it has loaded: no database is configured, or it has no session open.
    Unproved(String),
    /// Something older, which a pick-up replaces; the text names it.
    Stale(String),
    /// It was restarted for what is stored, and something older is still in use: another restart would change nothing.
    Lingering(String),
    /// It is known not to run: it will load what is stored when it starts.
    NotRunning,
    /// It cannot be observed now, and why.
    Unknown(Unusable),
}

impl Loaded {
    /// Whether it was seen that nothing older than the stored material is in use. Only this counts where trust or an
    /// authority is taken away.
    pub const fn is_proved(&self) -> bool {
        matches!(self, Self::Current | Self::EachLogin | Self::NotRunning)
    }

    /// What it is called in output for machines.
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

/// How PostgreSQL answers a login with the stored client leaf, on every endpoint that completes a handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "answer", content = "reason")]
pub enum Login {
    /// There is nothing to log in to or with: no database is configured, or no client leaf is stored.
    NotTried,
    /// Each of them opened a session.
    Admitted,
    /// The certificate was accepted, so it is valid by PostgreSQL's clock, and no session was opened: the role is missing,
    /// `pg_hba.conf` refuses it, or no connection is left.
    Accepted(Unusable),
    /// The certificate was refused.
    LeafRefused(Unusable),
    /// It cannot be told now.
    Unknown(Unusable),
}

impl Login {
    /// Why it is no proof that clients with this leaf are let in; `None` if it is one, or none can be had.
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
    /// Its configured name.
    pub name: String,
    /// Whose leaf it loads.
    pub peer: Peer,
    /// What it shows.
    pub loaded: Loaded,
    /// Names of authorities that it accepts clients by and that its stored trust bundle does not hold.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub accepts_besides: BTreeSet<String>,
}

impl ConsumerFacts {
    /// Whether what is stored is what it works with from now on. A client that was restarted works with it, although one
    /// of its former sessions is still open; a server that shows something older does not.
    pub const fn is_settled(&self) -> bool {
        match (&self.loaded, self.peer) {
            (Loaded::Current | Loaded::EachLogin | Loaded::NotRunning | Loaded::Unproved(_), _)
            | (Loaded::Lingering(_), Peer::Client) => true,
            (Loaded::Lingering(_), Peer::Server) | (Loaded::Stale(_) | Loaded::Unknown(_), _) => false,
        }
    }
}

/// What the stored bytes say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredFacts {
    /// The authority's generations, oldest first.
    pub authorities: Observed<Vec<AuthorityFacts>>,
    /// The forced rollovers that the authority has had.
    pub rollover_ids: Vec<String>,
    /// The server's leaf.
    pub server: Observed<LeafFacts>,
    /// The client's leaf.
    pub client: Observed<LeafFacts>,
}

impl StoredFacts {
    /// The stored leaf of a peer.
    pub const fn leaf(&self, peer: Peer) -> &Observed<LeafFacts> {
        match peer {
            Peer::Server => &self.server,
            Peer::Client => &self.client,
        }
    }

    /// Whether anything is stored that cannot be used.
    pub const fn has_unreadable(&self) -> bool {
        matches!(self.authorities, Observed::Unreadable(_))
            || matches!(self.server, Observed::Unreadable(_))
            || matches!(self.client, Observed::Unreadable(_))
    }
}

/// What runs shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningFacts {
    /// The clock of the database or the cluster, if it could be asked.
    pub reference: Option<DateTime<Utc>>,
    /// Every configured consumer, in pick-up order within its peer.
    pub consumers: Vec<ConsumerFacts>,
    /// How PostgreSQL answers a login with the stored client leaf.
    pub login: Login,
    /// Subjects (one-line form) of the authorities that live sessions were opened with: absent where no database is
    /// configured, unreadable where an endpoint could not be asked.
    pub issuers_in_use: Observed<BTreeSet<String>>,
    /// The setting that makes PostgreSQL check revocation lists: with one, it refuses what an authority without a list
    /// has signed (PostgreSQL manual, 20.3.3).
    pub revocation_list: Observed<String>,
}

/// Everything a decision may look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Our clock.
    pub now: DateTime<Utc>,
    /// What is stored.
    #[serde(flatten)]
    pub stored: StoredFacts,
    /// What runs with it.
    #[serde(flatten)]
    pub running: RunningFacts,
}

impl Facts {
    /// The stored leaf of a peer.
    pub const fn leaf(&self, peer: Peer) -> &Observed<LeafFacts> {
        self.stored.leaf(peer)
    }

    /// The authority's generations; none when absent or unreadable.
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

    /// Whether everything that runs with a peer's leaf works with the stored one from now on. Where no consumer is
    /// configured nothing is seen, so it is never settled.
    pub fn is_settled(&self, peer: Peer) -> bool {
        let mut consumers = self.consumers_of(peer).peekable();
        consumers.peek().is_some() && consumers.all(ConsumerFacts::is_settled)
    }

    /// Whether it was seen of every consumer, of both peers, that nothing older than what is stored is in use.
    pub fn all_proved(&self) -> bool {
        let configured = Peer::ALL.into_iter().all(|peer| self.consumers_of(peer).next().is_some());
        configured && self.running.consumers.iter().all(|consumer| consumer.loaded.is_proved())
    }

    /// The generation with this signing certificate.
    pub fn generation_of(&self, fingerprint: Fingerprint) -> Option<&AuthorityFacts> {
        self.generations().iter().find(|authority| authority.fingerprint == fingerprint)
    }

    /// The stored leaf of a peer, if it is readable, its whole chain is known and valid now, and the other peer has a
    /// reason to accept it. A peer cannot vouch for its own root.
    pub fn working_leaf(&self, peer: Peer) -> Option<(&LeafFacts, Signer)> {
        let leaf = self.leaf(peer).present()?;
        let signer = leaf.signer?;
        let works = self.is_accepted(peer, signer.anchor) && leaf.chain_validity.contains(self.now);
        if works { Some((leaf, signer)) } else { None }
    }

    /// As [`is_accepted`], by what is stored.
    pub fn is_accepted(&self, peer: Peer, anchor: Fingerprint) -> bool {
        is_accepted(anchor, self.generations(), self.leaf(peer.other()).present())
    }
}

/// Whether a root that a peer's leaf chains to is a stored authority's, or in the stored bundle of the *other* peer.
pub fn is_accepted(anchor: Fingerprint, authorities: &[AuthorityFacts], other: Option<&LeafFacts>) -> bool {
    let is_stored = authorities.iter().any(|authority| authority.anchor == anchor);
    match other {
        Some(other) => is_stored || other.trust.contains(&anchor),
        None => is_stored,
    }
}
