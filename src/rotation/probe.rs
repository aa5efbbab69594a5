//! What `newleaf probe` reports of what it tried, for the program that started it.

use serde::{Deserialize, Serialize};

/// What was seen, or why nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sight<T> {
    /// What was seen.
    Seen(T),
    /// Why nothing was seen.
    Unseen(String),
}

/// Everything that one probe tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbeReport {
    /// PostgreSQL, if it was asked.
    pub postgres: Option<PostgresReport>,
    /// The connections, in the order in which they were named.
    pub connections: Vec<ConnectionTrial>,
}

/// What a PostgreSQL shows, and whom it lets in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostgresReport {
    /// `HOST:PORT`.
    pub endpoint: String,
    /// The certificate that a fresh handshake shows.
    pub served: Sight<ServedCertificate>,
    /// The sessions over the network, by a login with the client's leaf that verifies the server by the client's bundle.
    pub sessions: Sight<SessionList>,
    /// Each login and how PostgreSQL answered it. Empty where PostgreSQL was not reached.
    pub logins: Vec<LoginTrial>,
}

/// A certificate that a server shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServedCertificate {
    /// Its subject, in one line.
    pub subject: String,
    /// Its serial number, in hexadecimal digits.
    pub serial: String,
    /// The SHA-256 of the certificate, in hexadecimal digits.
    pub sha256: String,
    /// The end of its validity, in RFC 3339; none if it is not readable.
    pub not_after: Option<String>,
    /// Whether the server proved that it holds the key.
    pub key_proved: bool,
    /// Whether the server asks for a client certificate.
    pub asks_for_certificate: bool,
}

/// The sessions over the network.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionList {
    /// Sessions of the same user, program and certificate are one.
    pub groups: Vec<SessionGroup>,
    /// How many further sessions the role may not see.
    pub hidden: u32,
}

/// Sessions of one user, program and certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionGroup {
    /// The role.
    pub user: String,
    /// The `application_name`.
    pub application: String,
    /// The serial number of the client's certificate, in hexadecimal digits; none without a certificate.
    pub serial: Option<String>,
    /// Whether the sessions are encrypted.
    pub encrypted: bool,
    /// How many there are.
    pub sessions: u32,
}

/// How a login is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LoginKind {
    /// With the client's leaf, as the role that it names. The only one that PostgreSQL must accept.
    OwnLeaf,
    /// Without TLS.
    WithoutTls,
    /// With TLS and without a client certificate.
    WithoutCertificate,
    /// For replication, with TLS and without a client certificate: `all` in `pg_hba.conf` does not mean it.
    Replication,
    /// With a certificate for the role, of an authority that was made on the fly.
    ForeignAuthority,
    /// With a copy of the client's leaf that has another key, and is signed by that key.
    AnotherKey,
    /// With the client's leaf, as another role than it names.
    AnotherRole,
    /// With the client's leaf, as the role that it names, by TLS 1.2.
    OlderTls,
}

impl LoginKind {
    /// In words, after "a login".
    pub const fn words(self) -> &'static str {
        match self {
            Self::OwnLeaf => "with the client's leaf",
            Self::WithoutTls => "without TLS",
            Self::WithoutCertificate => "without a client certificate",
            Self::Replication => "for replication without a client certificate",
            Self::ForeignAuthority => "with a certificate of a foreign authority",
            Self::AnotherKey => "with a copy of the client's leaf that another key signed",
            Self::AnotherRole => "with the client's leaf as another role than it names",
            Self::OlderTls => "by TLS 1.2",
        }
    }
}

/// How PostgreSQL answers a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LoginAnswer {
    /// It let the client in.
    Accepted,
    /// It asked for something instead: a password, by this method.
    Asked(String),
    /// It did not let the client in, for this reason.
    Refused(String),
    /// It gave no answer that says whether it would let the client in.
    Unclear(String),
}

/// A login and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginTrial {
    /// How it was tried.
    pub kind: LoginKind,
    /// The role.
    pub user: String,
    /// The answer.
    pub answer: LoginAnswer,
}

/// A TCP connection that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionTrial {
    /// `HOST:PORT`, as the program that started the probe named it.
    pub target: String,
    /// Whether it should open.
    pub should_open: bool,
    /// The last answer.
    pub answer: ConnectionAnswer,
}

/// What became of a TCP connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConnectionAnswer {
    /// It opened.
    Opened,
    /// The other side refused it.
    Refused,
    /// No answer came in time.
    TimedOut,
    /// The name has no address, for this reason.
    Unresolved(String),
    /// Another error of the operating system.
    Failed(String),
}
