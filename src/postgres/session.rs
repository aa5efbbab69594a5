//! A login with the client's leaf. The same leaf that Backstage uses is enough to see who is connected with which
//! certificate, to reload, and to compare the server's files with ours (PostgreSQL manual, 28.2.7, 9.28.2, 9.28.9).

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::ClientConfig;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::FromSqlOwned;
use tokio_postgres::{Client, Config, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::configuration::{Database, Endpoint};
use crate::postgres::certificate;
use crate::postgres::error::PostgresError;
use crate::postgres::handshake::{address, connect, server_name};
use crate::postgres::login::client_configuration;
use crate::rotation::facts::Serial;
use crate::rotation::material::{LEAF_CERTIFICATE, LEAF_KEY, Material, TRUST_BUNDLE};

/// The `application_name` of our sessions, by which they are told from those of consumers.
pub const APPLICATION_NAME: &str = "newleaf";

/// The largest file that the server is asked to hash, in bytes.
const FILE_MAX: i64 = 1 << 20;

/// `pg_stat_ssl` keeps this many bytes of a name (`NAMEDATALEN` less the terminator).
pub const DISTINGUISHED_NAME_MAX: usize = 63;

/// Another session on the server that was opened with a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The process that serves it.
    pub pid: i32,
    /// What the client calls itself.
    pub application: String,
    /// The client certificate's serial number.
    pub serial: Serial,
    /// The subject of its issuer in one-line form, cut to [`DISTINGUISHED_NAME_MAX`] bytes by PostgreSQL.
    pub issuer: String,
    /// When it was opened, in microseconds since 1970: with the pid it names the session.
    pub opened: i64,
    /// Whether it was there at an earlier look, and so is not one that is opened for a single query.
    pub lasting: bool,
    /// Whether its subject is that of our own client certificate: then it is the same client.
    pub same_client: bool,
}

/// One look at the server from within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The role that we are.
    pub user: String,
    /// The server's clock.
    pub clock: DateTime<Utc>,
    /// Every session with a client certificate but newleaf's own.
    pub backends: Vec<Backend>,
}

impl Look {
    /// Marks the sessions that were there already at an earlier look.
    #[must_use]
    pub fn lasting_since(mut self, earlier: &Self) -> Self {
        let known =
            |it: &Backend| earlier.backends.iter().any(|other| (other.pid, other.opened) == (it.pid, it.opened));
        self.backends.iter_mut().for_each(|backend| backend.lasting = known(backend));
        self
    }
}

/// The server's own view of the files that it loads at a reload: SHA-256 in hexadecimal, `None` where the file is not there
/// or may not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFiles {
    /// `ssl_cert_file`.
    pub certificate: Option<String>,
    /// `ssl_key_file`.
    pub key: Option<String>,
    /// `ssl_ca_file`.
    pub bundle: Option<String>,
    /// Whether the last reload was after the certificate's file was written.
    pub reloaded_since: bool,
}

impl ServerFiles {
    /// Whether the server would load the certificate that we stored.
    pub fn certificate_is(&self, stored: &Material) -> bool {
        same(self.certificate.as_deref(), stored, LEAF_CERTIFICATE)
    }

    /// Whether the server would load the key that we stored.
    pub fn key_is(&self, stored: &Material) -> bool {
        same(self.key.as_deref(), stored, LEAF_KEY)
    }

    /// Whether the server would load the trust bundle that we stored.
    pub fn bundle_is(&self, stored: &Material) -> bool {
        same(self.bundle.as_deref(), stored, TRUST_BUNDLE)
    }
}

fn same(hash: Option<&str>, stored: &Material, entry: &str) -> bool {
    hash.is_some() && hash == stored.entry(entry).map(certificate::sha256_hex).as_deref()
}

/// An open session. [`Session::close`] says goodbye; without it the server logs that the line broke.
pub struct Session {
    client: Client,
    connection: JoinHandle<()>,
    endpoint: String,
    limit: Duration,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Session {
    /// Logs in over mutual TLS with the stored client material; the server is verified by the bundle in it. The login
    /// and each later call end within `limit`.
    pub async fn open(
        endpoint: &Endpoint,
        database: &Database,
        client: &Material,
        limit: Duration,
    ) -> Result<Self, PostgresError> {
        Self::open_to(endpoint, database, client, false, limit).await
    }

    /// As [`Session::open`], but the server's certificate may have ended. It must chain to the bundle as ever: for making
    /// a server load a new one, and not for what it says about others.
    pub async fn open_to_expired(
        endpoint: &Endpoint,
        database: &Database,
        client: &Material,
        limit: Duration,
    ) -> Result<Self, PostgresError> {
        Self::open_to(endpoint, database, client, true, limit).await
    }

    async fn open_to(
        endpoint: &Endpoint,
        database: &Database,
        client: &Material,
        may_have_ended: bool,
        limit: Duration,
    ) -> Result<Self, PostgresError> {
        let address = address(endpoint);
        let configuration = client_configuration(client, may_have_ended)
            .map_err(|reason| PostgresError::ClientMaterial { endpoint: address.clone(), reason })?;
        let login = log_in(endpoint, database, configuration);
        bounded(&address, "logging in", limit, login).await?.map(|(client, connection)| Self {
            client,
            connection,
            endpoint: address,
            limit,
        })
    }

    /// Ends the session and waits until the server knows, so that it logs no broken connection.
    pub async fn close(self) {
        drop(self.client);
        // A line that is broken already needs no goodbye.
        drop(tokio::time::timeout(self.limit, self.connection).await);
    }

    /// Who we are, what time it is there, and who else is connected with which certificate.
    pub async fn look(&self) -> Result<Look, PostgresError> {
        let query = "SELECT current_user::text, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
        let own: (String, i64) = self.one(query, "asking for role and time").await?;
        let clock = DateTime::from_timestamp_micros(own.1).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let rows = self
            .rows(
                "SELECT a.pid, coalesce(a.application_name, ''), s.client_serial::text, coalesce(s.issuer_dn, ''), \
                    s.client_dn IS NOT DISTINCT FROM own.client_dn, \
                    coalesce((extract(epoch FROM a.backend_start) * 1000000)::bigint, 0) \
             FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
                  LEFT JOIN pg_stat_ssl own ON own.pid = pg_backend_pid() \
             WHERE s.client_serial IS NOT NULL AND a.pid <> pg_backend_pid()",
                "reading pg_stat_ssl",
            )
            .await?;
        let others = rows.iter().filter_map(backend).filter(|backend| backend.application != APPLICATION_NAME);
        Ok(Look { user: own.0, clock, backends: others.collect() })
    }

    /// Makes the server read its configuration and TLS files again. The answer is `true` even when it then refuses the
    /// files: only a handshake tells.
    pub async fn reload(&self) -> Result<(), PostgresError> {
        self.rows("SELECT pg_reload_conf()", "reloading").await.map(|_| ())
    }

    /// Hashes, on the server, the files that it loads; their contents stay there.
    pub async fn files(&self) -> Result<ServerFiles, PostgresError> {
        let written = "SELECT coalesce(pg_conf_load_time() > \
                       (pg_stat_file(nullif(current_setting('ssl_cert_file'), ''), true)).modification, false)";
        let (reloaded_since,): (bool,) = self.one(written, "asking when the files were loaded").await?;
        Ok(ServerFiles {
            certificate: self.hash_of("ssl_cert_file").await?,
            key: self.hash_of("ssl_key_file").await?,
            bundle: self.hash_of("ssl_ca_file").await?,
            reloaded_since,
        })
    }

    /// A setting that names a file: `ssl_cert_file` or `ssl_ca_file`.
    pub async fn file_setting(&self, setting: &'static str) -> Result<String, PostgresError> {
        let query = format!("SELECT pg_catalog.current_setting('{setting}')");
        let (path,): (String,) = self.one(&query, "asking which files it reads").await?;
        Ok(path)
    }

    async fn hash_of(&self, setting: &'static str) -> Result<Option<String>, PostgresError> {
        let query = format!(
            "SELECT encode(sha256(pg_read_binary_file(nullif(current_setting('{setting}'), ''), 0, {FILE_MAX}, true)), 'hex')"
        );
        match self.one(&query, "hashing the server's files").await {
            Ok((hash,)) => Ok(hash),
            // A file that the server itself cannot open is one that it does not have.
            Err(PostgresError::Query { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn one<T: FromRow>(&self, query: &str, doing: &'static str) -> Result<T, PostgresError> {
        let rows = self.rows(query, doing).await?;
        let row = rows.first().ok_or_else(|| PostgresError::Closed { endpoint: self.endpoint.clone(), doing })?;
        T::from_row(row).map_err(|error| self.failed(doing, error))
    }

    async fn rows(&self, query: &str, doing: &'static str) -> Result<Vec<Row>, PostgresError> {
        let rows = bounded(&self.endpoint, doing, self.limit, self.client.query(query, &[])).await?;
        rows.map_err(|error| self.failed(doing, error))
    }

    fn failed(&self, doing: &'static str, source: tokio_postgres::Error) -> PostgresError {
        let endpoint = self.endpoint.clone();
        if source.is_closed() {
            PostgresError::Closed { endpoint, doing }
        } else if source.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) && !os_denied(&source) {
            PostgresError::QueryDenied { endpoint, doing, source }
        } else {
            PostgresError::Query { endpoint, doing, source }
        }
    }
}

/// PostgreSQL uses the same SQLSTATE when the operating system denies it a file.
fn os_denied(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|error| error.message().starts_with("could not open file"))
}

/// A row as a tuple.
trait FromRow: Sized {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error>;
}

impl<A: FromSqlOwned> FromRow for (A,) {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok((row.try_get(0)?,))
    }
}

impl<A: FromSqlOwned, B: FromSqlOwned> FromRow for (A, B) {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok((row.try_get(0)?, row.try_get(1)?))
    }
}

fn backend(row: &Row) -> Option<Backend> {
    Some(Backend {
        pid: row.try_get(0).ok()?,
        application: row.try_get(1).ok()?,
        serial: certificate::serial_from_decimal(row.try_get::<_, String>(2).ok()?.as_str())?,
        issuer: row.try_get(3).ok()?,
        same_client: row.try_get(4).ok()?,
        opened: row.try_get(5).ok()?,
        lasting: false,
    })
}

async fn bounded<F: Future>(
    endpoint: &str,
    doing: &'static str,
    limit: Duration,
    future: F,
) -> Result<F::Output, PostgresError> {
    let timeout = |_| PostgresError::Timeout { endpoint: endpoint.to_owned(), doing, limit };
    tokio::time::timeout(limit, future).await.map_err(timeout)
}

async fn log_in(
    endpoint: &Endpoint,
    database: &Database,
    configuration: ClientConfig,
) -> Result<(Client, JoinHandle<()>), PostgresError> {
    let stream = connect(endpoint).await?;
    let name = server_name(endpoint)?;
    let tls = MakeTlsConnect::<tokio::net::TcpStream>::make_tls_connect(
        &mut MakeRustlsConnect::new(configuration),
        &name.to_str(),
    );
    let Ok(tls) = tls;
    let mut login = Config::new();
    login.user(&database.user).dbname(&database.name).application_name(APPLICATION_NAME).ssl_mode(SslMode::Require);
    let (client, connection) =
        login.connect_raw(stream, tls).await.map_err(|error| refused(endpoint, &database.user, error))?;
    // An error of the connection also ends the query that waits on it, and is reported there.
    Ok((client, tokio::spawn(async move { drop(connection.await) })))
}

/// Tells a login that the server refused from a server that we refuse, and both from a broken connection.
fn refused(endpoint: &Endpoint, user: &str, error: tokio_postgres::Error) -> PostgresError {
    let endpoint = address(endpoint);
    let user = user.to_owned();
    if error.as_db_error().is_some() {
        let starting = error.code() == Some(&SqlState::CANNOT_CONNECT_NOW);
        return if starting {
            PostgresError::Unreachable { endpoint, source: io::Error::other(error) }
        } else {
            PostgresError::SessionRefused { endpoint, user, source: Box::new(error) }
        };
    }
    match tls_error(&error) {
        Some(alert @ rustls::Error::AlertReceived(_)) => PostgresError::LeafRefused { endpoint, source: alert.clone() },
        Some(_) => PostgresError::Handshake { endpoint, source: Box::new(error) },
        None if error.is_closed() || is_broken(&error) => PostgresError::Closed { endpoint, doing: "logging in" },
        None => PostgresError::SessionRefused { endpoint, user, source: Box::new(error) },
    }
}

/// Whether the line broke: what is left is a login that wants what we do not have, such as a password.
fn is_broken(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<io::Error>)
}

/// The TLS error at the bottom of a failed login, if that is what it is.
fn tls_error(error: &tokio_postgres::Error) -> Option<&rustls::Error> {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        source = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inner| -> &(dyn std::error::Error + 'static) { inner })
            .or_else(|| cause.source());
    }
    None
}
