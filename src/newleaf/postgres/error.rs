//! The errors of a server, each with its code.

use std::time::Duration;

use base::diagnosis::{Code, Diagnose, RemoteText};
use base::duration::spelled;
use tokio_postgres::error::{DbError, SqlState};

/// An error at a server's endpoint.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No TCP connection.
    #[error("cannot connect to {endpoint}")]
    Unreachable {
        /// The endpoint of the server.
        endpoint: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The server did not answer in time.
    #[error("no answer from {endpoint} within {} while {doing}", spelled(*limit))]
    Timeout {
        /// The endpoint of the server.
        endpoint: String,
        /// What newleaf was doing.
        doing: &'static str,
        /// How long newleaf waited.
        limit: Duration,
    },
    /// The server closed the connection.
    #[error("{endpoint} closed the connection while {doing}")]
    Closed {
        /// The endpoint of the server.
        endpoint: String,
        /// What newleaf was doing.
        doing: &'static str,
    },
    /// The answer to the `SSLRequest` was `N`.
    #[error("{endpoint} answered the SSLRequest with N: it offers no TLS")]
    WithoutTls {
        /// The endpoint of the server.
        endpoint: String,
    },
    /// The answer to the `SSLRequest` is none that PostgreSQL gives.
    #[error("{endpoint} answered the SSLRequest with byte 0x{answer:02x}, which is not PostgreSQL")]
    NotPostgres {
        /// The endpoint of the server.
        endpoint: String,
        /// The first byte of the answer.
        answer: u8,
    },
    /// The session does not start as PostgreSQL's own sessions do.
    #[error("{endpoint} does not start a session as PostgreSQL itself does: {reason}")]
    NotItself {
        /// The endpoint of the server.
        endpoint: String,
        /// How it differs.
        reason: RemoteText,
    },
    /// The TLS handshake failed.
    #[error("TLS handshake with {endpoint} failed: {reason}")]
    Handshake {
        /// The endpoint of the server.
        endpoint: String,
        /// The reason, as a clause.
        reason: RemoteText,
    },
    /// The server and newleaf have no algorithm in common.
    #[error(
        "cannot agree with {endpoint} on a TLS session: newleaf supports the groups {groups}, and the server wants another group or signature (its log says why)"
    )]
    NothingInCommon {
        /// The endpoint of the server.
        endpoint: String,
        /// The groups of the key exchange.
        groups: String,
        source: rustls::Error,
    },
    /// The stored client material is unusable for a login.
    #[error("cannot log in to {endpoint} with the stored client material: {reason}")]
    ClientMaterial {
        /// The endpoint of the server.
        endpoint: String,
        /// What is wrong with the material. Never its bytes.
        reason: String,
    },
    /// The server refused newleaf's certificate in the handshake.
    #[error("{endpoint} refused the stored client leaf")]
    LeafRefused {
        /// The endpoint of the server.
        endpoint: String,
        /// The alert that the server sent.
        source: rustls::Error,
    },
    /// The server refused the login.
    #[error("{endpoint} refused the login as {user:?}: {reason}")]
    SessionRefused {
        /// The endpoint of the server.
        endpoint: String,
        /// The database role.
        user: String,
        /// The reason, as a clause.
        reason: RemoteText,
    },
    /// The server opens no session or answers no query at the moment.
    #[error("{endpoint} is temporarily unavailable while {doing}: {reason}")]
    Busy {
        /// The endpoint of the server.
        endpoint: String,
        /// What newleaf was doing.
        doing: &'static str,
        /// The reason, as a clause.
        reason: RemoteText,
    },
    /// The answer is none that PostgreSQL gives.
    #[error("{endpoint} gave an answer that PostgreSQL never gives while {doing}")]
    Unintelligible {
        /// The endpoint of the server.
        endpoint: String,
        /// What newleaf was doing.
        doing: &'static str,
    },
    /// The answer has more rows than any server gives.
    #[error("{endpoint} answered with more than {limit} rows while {doing}")]
    TooMuch {
        /// The endpoint of the server.
        endpoint: String,
        /// What newleaf was doing.
        doing: &'static str,
        /// The limit of rows.
        limit: usize,
    },
    /// A query failed.
    #[error("query failed on {endpoint} while {doing}: {reason}")]
    Query {
        /// The endpoint of the server.
        endpoint: String,
        /// What newleaf was doing.
        doing: &'static str,
        /// The reason, as a clause.
        reason: RemoteText,
    },
    /// PostgreSQL denied a query to the database role.
    #[error("the database role lacks a right on {endpoint} for {doing}: {reason}")]
    QueryDenied {
        /// The endpoint of the server.
        endpoint: String,
        /// What newleaf was doing.
        doing: &'static str,
        /// The reason, as a clause.
        reason: RemoteText,
    },
}

/// What a database error means for the caller. This is the only place that maps an SQLSTATE to a class (PostgreSQL manual,
/// appendix A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqlStateClass {
    /// A retry may succeed.
    Temporary,
    /// The database role lacks a right.
    Denied,
    /// Anything else. At a login, a refusal by PostgreSQL.
    Other,
}

impl SqlStateClass {
    pub(crate) fn of(error: &DbError) -> Self {
        if error.code() == &SqlState::INSUFFICIENT_PRIVILEGE {
            // PostgreSQL uses this state also if the operating system denies it a file. Its functions that open one are
            // `read_binary_file` and `pg_stat_file` (genfile.c). PostgreSQL translates messages, not names of functions.
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
    /// The endpoint that the error is about.
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
                "Read about the handshake in the server's log, and set `ssl_ecdh_curve` (since 18 `ssl_groups`) to one of {groups}."
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
