//! What can go wrong with a server, each with its code.

use std::time::Duration;

use base::diagnosis::{Code, Diagnose, RemoteText};
use tokio_postgres::error::{DbError, SqlState};

/// An error at a server's endpoint.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No TCP connection.
    #[error("cannot connect to {endpoint}")]
    Unreachable {
        /// Where.
        endpoint: String,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing came back in time.
    #[error("no answer from {endpoint} within {} ms while {doing}", limit.as_millis())]
    Timeout {
        /// Where.
        endpoint: String,
        /// During what.
        doing: &'static str,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The other side hung up.
    #[error("{endpoint} closed the connection while {doing}")]
    Closed {
        /// Where.
        endpoint: String,
        /// During what.
        doing: &'static str,
    },
    /// The answer to the `SSLRequest` was `N`.
    #[error("{endpoint} answered the SSLRequest with N: it offers no TLS")]
    WithoutTls {
        /// Where.
        endpoint: String,
    },
    /// The answer to the `SSLRequest` was something that PostgreSQL never says.
    #[error("{endpoint} answered the SSLRequest with byte 0x{answer:02x}, which is not PostgreSQL")]
    NotPostgres {
        /// Where.
        endpoint: String,
        /// The first byte of the answer.
        answer: u8,
    },
    /// A session that does not start as one of PostgreSQL's own does.
    #[error("{endpoint} does not start a session as PostgreSQL itself does: {reason}")]
    NotItself {
        /// Where.
        endpoint: String,
        /// What it said, or did not do.
        reason: RemoteText,
    },
    /// No TLS session came about.
    #[error("TLS handshake with {endpoint} failed: {reason}")]
    Handshake {
        /// Where.
        endpoint: String,
        /// Why.
        reason: RemoteText,
    },
    /// The server found nothing in common with what we can do.
    #[error(
        "cannot agree with {endpoint} on a TLS session: newleaf speaks the groups {groups}, and the server wants another group or signature (its log says why)"
    )]
    NothingInCommon {
        /// Where.
        endpoint: String,
        /// The groups of the key exchange.
        groups: String,
        /// What it said.
        source: rustls::Error,
    },
    /// The stored client material cannot be used for a login.
    #[error("cannot log in to {endpoint} with the stored client material: {reason}")]
    ClientMaterial {
        /// Where.
        endpoint: String,
        /// What is wrong with it; never its bytes.
        reason: String,
    },
    /// The server broke off the handshake because of our certificate.
    #[error("{endpoint} does not accept the stored client leaf")]
    LeafRefused {
        /// Where.
        endpoint: String,
        /// The alert that it sent.
        source: rustls::Error,
    },
    /// The server did not let us in.
    #[error("{endpoint} refused the login as {user:?}: {reason}")]
    SessionRefused {
        /// Where.
        endpoint: String,
        /// The role.
        user: String,
        /// Why.
        reason: RemoteText,
    },
    /// The server takes no session or no query now.
    #[error("{endpoint} cannot serve us now while {doing}: {reason}")]
    Busy {
        /// Where.
        endpoint: String,
        /// For what.
        doing: &'static str,
        /// Why.
        reason: RemoteText,
    },
    /// The answer is not what PostgreSQL says.
    #[error("{endpoint} gave an answer that PostgreSQL does not give while {doing}")]
    Unintelligible {
        /// Where.
        endpoint: String,
        /// For what.
        doing: &'static str,
    },
    /// The answer has more rows than any server gives.
    #[error("{endpoint} answered with more than {limit} rows while {doing}")]
    TooMuch {
        /// Where.
        endpoint: String,
        /// For what.
        doing: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// A query failed.
    #[error("query failed on {endpoint} while {doing}: {reason}")]
    Query {
        /// Where.
        endpoint: String,
        /// For what.
        doing: &'static str,
        /// Why.
        reason: RemoteText,
    },
    /// A query is not allowed to our role.
    #[error("the role may not do what is needed on {endpoint} for {doing}: {reason}")]
    QueryDenied {
        /// Where.
        endpoint: String,
        /// For what.
        doing: &'static str,
        /// Why.
        reason: RemoteText,
    },
}

/// What a database error means for the one who asked: the one place where an SQLSTATE becomes a class (PostgreSQL manual,
/// appendix A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqlStateClass {
    /// It may be gone at the next try.
    Temporary,
    /// Our role lacks a right.
    Denied,
    /// Anything else: for a login, what PostgreSQL refuses.
    Other,
}

impl SqlStateClass {
    pub(crate) fn of(error: &DbError) -> Self {
        if error.code() == &SqlState::INSUFFICIENT_PRIVILEGE {
            // PostgreSQL uses this state also where the operating system denies it a file; its functions that open one
            // are `read_binary_file` and `pg_stat_file` (genfile.c). Messages are translated, names of functions are not.
            let of_system = matches!(error.routine(), Some("read_binary_file" | "pg_stat_file"));
            return if of_system { Self::Other } else { Self::Denied };
        }
        match error.code().code().get(..2) {
            // Connection exception, transaction rollback, insufficient resources, operator intervention (starting,
            // shutting down, ended by an administrator), system error.
            Some("08" | "40" | "53" | "57" | "58") => Self::Temporary,
            Some(_) | None => Self::Other,
        }
    }
}

impl PostgresError {
    /// The endpoint that it is about.
    fn endpoint(&self) -> &str {
        match self {
            Self::Unreachable { endpoint, .. }
            | Self::Timeout { endpoint, .. }
            | Self::Closed { endpoint, .. }
            | Self::WithoutTls { endpoint }
            | Self::NotPostgres { endpoint, .. }
            | Self::NotItself { endpoint, .. }
            | Self::Handshake { endpoint, .. }
            | Self::NothingInCommon { endpoint, .. }
            | Self::ClientMaterial { endpoint, .. }
            | Self::LeafRefused { endpoint, .. }
            | Self::SessionRefused { endpoint, .. }
            | Self::Busy { endpoint, .. }
            | Self::Unintelligible { endpoint, .. }
            | Self::TooMuch { endpoint, .. }
            | Self::Query { endpoint, .. }
            | Self::QueryDenied { endpoint, .. } => endpoint,
        }
    }
}

impl Diagnose for PostgresError {
    fn code(&self) -> Code {
        match self {
            Self::Unreachable { .. } => Code::ServerUnreachable,
            Self::Timeout { .. } => Code::ServerTimeout,
            Self::Closed { .. } => Code::ConnectionClosed,
            Self::WithoutTls { .. } => Code::ServerWithoutTls,
            Self::NotPostgres { .. } | Self::NotItself { .. } => Code::ServerNotPostgres,
            Self::Handshake { .. } | Self::NothingInCommon { .. } => Code::HandshakeFailed,
            Self::ClientMaterial { .. } => Code::ClientMaterialUnusable,
            Self::LeafRefused { .. } => Code::ClientLeafRefused,
            Self::SessionRefused { .. } => Code::SessionRefused,
            Self::Busy { .. } => Code::ServerBusy,
            Self::Query { .. } | Self::Unintelligible { .. } | Self::TooMuch { .. } => Code::QueryFailed,
            Self::QueryDenied { .. } => Code::QueryDenied,
        }
    }

    fn object(&self) -> Option<String> {
        Some(self.endpoint().to_owned())
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NothingInCommon { groups, .. } => Some(format!(
                "Look for the handshake in the server's log; let `ssl_ecdh_curve` (since 18 `ssl_groups`) name one of {groups}."
            )),
            Self::NotItself { .. }
            | Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Closed { .. }
            | Self::WithoutTls { .. }
            | Self::NotPostgres { .. }
            | Self::Handshake { .. }
            | Self::ClientMaterial { .. }
            | Self::LeafRefused { .. }
            | Self::SessionRefused { .. }
            | Self::Busy { .. }
            | Self::Unintelligible { .. }
            | Self::TooMuch { .. }
            | Self::Query { .. }
            | Self::QueryDenied { .. } => None,
        }
    }
}
