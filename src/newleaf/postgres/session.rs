//! A login with the client's leaf. Backstage's own leaf suffices to see the clients and their certificates, to reload, and to
//! compare the server's files with ours (PostgreSQL manual, 28.2.7, 9.28.2, 9.28.9).

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base::diagnosis::RemoteText;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use rotation::document::{Database, Endpoint};
use rotation::engine::facts::Serial;
use rotation::engine::material::Material;
use tokio::task::JoinHandle;
use tokio_postgres::types::{FromSqlOwned, ToSql};
use tokio_postgres::{Client, Row};

use crate::postgres::error::{PostgresError, SqlStateClass};
use crate::postgres::files::{FileSeen, FilesSeen};
use crate::postgres::login::{APPLICATION_NAME, SEARCH_PATH, log_in};
use crate::postgres::mutual_tls::client_configuration;
use crate::postgres::serial;

/// The longest lifetime of one of newleaf's sessions.
const OWN_SESSION_MAX: Duration = Duration::from_secs(60);

/// The largest file that newleaf asks the server to hash, in bytes.
const FILE_MAX: i64 = 1 << 20;

/// The longest path (Linux, `PATH_MAX`).
const PATH_MAX: usize = 4096;

/// The largest number of rows of an answer: more sessions than any server is configured for.
const ROWS_MAX: usize = 10_000;

/// Asks for the role, the server's clock, and the settings of revocation lists. The last one is new in PostgreSQL 14.
const OWN: &str = "SELECT current_user::pg_catalog.text, pg_catalog.clock_timestamp(), \
                   pg_catalog.current_setting('ssl_crl_file', true), pg_catalog.current_setting('ssl_crl_dir', true)";

/// Asks for every other session: whether it has a client certificate, and its fields. They are null if the role may not see
/// them: such a row shows only the owner. PostgreSQL's own processes have no user, or belong to the first superuser (10) and
/// to no database.
const SESSIONS: &str = "SELECT CASE WHEN s.client_serial IS NOT NULL THEN true \
            WHEN a.backend_type IS NULL AND a.usesysid IS NOT NULL AND (a.datid IS NOT NULL OR a.usesysid <> 10) THEN NULL \
            ELSE false END, \
            a.pid, coalesce(a.application_name, ''), coalesce(pg_catalog.left(s.client_serial::pg_catalog.text, 50), ''), \
            coalesce(s.issuer_dn, ''), s.client_dn IS NOT DISTINCT FROM own.client_dn, a.backend_start \
     FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_stat_ssl s ON s.pid = a.pid \
          LEFT JOIN pg_catalog.pg_stat_ssl own ON own.pid = pg_catalog.pg_backend_pid() \
     WHERE a.pid <> pg_catalog.pg_backend_pid()";

/// The number of bytes of a name that `pg_stat_ssl` keeps (`NAMEDATALEN` less the terminator).
pub const DISTINGUISHED_NAME_MAX: usize = 63;

/// Another session on the server, opened with a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The process that serves the session.
    pub pid: i32,
    /// The `application_name` of the client.
    pub application: RemoteText,
    /// The client certificate's serial number.
    pub serial: Serial,
    /// The subject of its issuer in one-line form, cut to [`DISTINGUISHED_NAME_MAX`] bytes by PostgreSQL.
    pub issuer: String,
    /// The start by the server's clock. Together with the pid it identifies the session.
    pub opened: Option<SystemTime>,
    /// Whether it existed at an earlier observation, so it was not opened for a single query.
    pub lasting: bool,
    /// Whether its subject is that of the stored client certificate, so it is the same client.
    pub same_client: bool,
}

impl Backend {
    /// Whether it is one of newleaf's own sessions, of this or another run. Any client may use the name, but newleaf's sessions
    /// last no longer than a login and a few queries.
    fn is_own(&self, clock: SystemTime) -> bool {
        if self.application.as_str() != APPLICATION_NAME {
            return false;
        }
        match self.opened.map(|opened| clock.duration_since(opened)) {
            Some(Ok(age)) => age < OWN_SESSION_MAX,
            Some(Err(_)) | None => true,
        }
    }
}

/// What one session shows of the server.
#[derive(Debug)]
pub struct SessionSeen {
    /// The database role of the session.
    pub user: String,
    /// The server's clock.
    pub clock: DateTime<Utc>,
    /// Every session with a client certificate, except newleaf's own.
    pub backends: Vec<Backend>,
    /// The number of further sessions whose certificate the role may not see.
    pub hidden: usize,
    /// The setting that makes the server check revocation lists, as `NAME = VALUE`. `None` if it checks none.
    pub revocation_list: Option<String>,
    /// The files that the server loads. `None` if newleaf did not ask.
    pub files: Option<Result<FilesSeen, PostgresError>>,
}

impl SessionSeen {
    /// Sets `lasting` on the sessions that existed at an earlier observation.
    #[must_use]
    pub fn lasting_since(mut self, earlier: &Self) -> Self {
        let known =
            |it: &Backend| earlier.backends.iter().any(|other| (other.pid, other.opened) == (it.pid, it.opened));
        self.backends.iter_mut().for_each(|backend| backend.lasting = known(backend));
        self
    }
}

/// An open session. [`Session::close`] ends it properly; otherwise the server logs a broken connection.
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
    /// Logs in over mutual TLS with the stored client material and verifies the server by its bundle. The login and each later
    /// call end within `limit`.
    pub async fn open(
        endpoint: &Endpoint,
        database: &Database,
        client: &Material,
        limit: Duration,
    ) -> Result<Self, PostgresError> {
        Self::open_to(endpoint, database, client, false, limit).await
    }

    /// As [`Session::open`], but the server's certificate may have expired. It must still chain to the bundle. Use it only to make
    /// a server load a new certificate, not for evidence about other clients.
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
        let address = endpoint.to_string();
        let configuration = client_configuration(client, may_have_ended)
            .map_err(|reason| PostgresError::ClientMaterial { endpoint: address.clone(), reason })?;
        let login = log_in(endpoint, database, configuration);
        let (client, connection) = bounded(&address, "logging in", limit, login).await??;
        let session = Self { client, connection, endpoint: address, limit };
        session.check_search_path().await?;
        Ok(session)
    }

    /// Refuses a session in which names could mean objects of other users: a pooler may drop options that it does not know.
    async fn check_search_path(&self) -> Result<(), PostgresError> {
        let doing = "asking for the search path";
        let row = self.one("SELECT pg_catalog.current_setting('search_path')", doing).await?;
        let found: String = self.value(&row, 0, doing)?;
        if found == SEARCH_PATH {
            return Ok(());
        }
        let reason = RemoteText::new(&format!("search_path is {found:?} instead of {SEARCH_PATH:?}"));
        Err(PostgresError::NotItself { endpoint: self.endpoint.clone(), reason })
    }

    /// Ends the session and waits until the server has seen the end, so that it logs no broken connection.
    pub async fn close(self) {
        drop(self.client);
        // A broken connection needs no proper end.
        drop(tokio::time::timeout(self.limit, self.connection).await);
    }

    /// Asks for the role, the server's time, and the other clients with their certificates.
    pub async fn look(&self) -> Result<SessionSeen, PostgresError> {
        let doing = "asking for role, time and revocation lists";
        let own = self.one(OWN, doing).await?;
        let clock: SystemTime = self.value(&own, 1, doing)?;
        let unintelligible = || PostgresError::Unintelligible { endpoint: self.endpoint.clone(), doing };
        let lists = [("ssl_crl_file", self.value(&own, 2, doing)?), ("ssl_crl_dir", self.value(&own, 3, doing)?)];
        let (mut backends, hidden) = self.sessions().await?;
        backends.retain(|backend| !backend.is_own(clock));
        Ok(SessionSeen {
            user: self.value(&own, 0, doing)?,
            clock: date(clock).ok_or_else(unintelligible)?,
            backends,
            hidden,
            revocation_list: lists.into_iter().find_map(revocation_list),
            files: None,
        })
    }

    /// Every other session with a client certificate, and the number of sessions hidden from the role (PostgreSQL manual, 28.2:
    /// `pg_read_all_stats`).
    async fn sessions(&self) -> Result<(Vec<Backend>, usize), PostgresError> {
        let doing = "reading pg_stat_ssl";
        let mut backends = Vec::new();
        let mut hidden = 0;
        for row in self.rows(SESSIONS, doing).await? {
            match self.value::<Option<bool>>(&row, 0, doing)? {
                Some(true) => backends.push(self.backend(&row, doing)?),
                Some(false) => {}
                None => hidden += 1,
            }
        }
        Ok((backends, hidden))
    }

    fn backend(&self, row: &Row, doing: &'static str) -> Result<Backend, PostgresError> {
        let serial: String = self.value(row, 3, doing)?;
        Ok(Backend {
            pid: self.value(row, 1, doing)?,
            application: RemoteText::new(&self.value::<String>(row, 2, doing)?),
            // A foreign certificate may have more digits than a serial number can have: then it is not newleaf's.
            serial: serial::serial_from_decimal(&serial).unwrap_or(Serial(serial)),
            issuer: self.value(row, 4, doing)?,
            same_client: self.value(row, 5, doing)?,
            opened: self.value(row, 6, doing)?,
            lasting: false,
        })
    }

    /// Makes the server read its configuration and TLS files again. PostgreSQL answers `true` even if it then refuses the
    /// files: only a handshake shows that.
    pub async fn reload(&self) -> Result<(), PostgresError> {
        self.rows("SELECT pg_catalog.pg_reload_conf()", "reloading").await.map(|_| ())
    }

    /// Makes the server hash the certificate and trust bundle files that it loads. The contents stay on the server.
    pub async fn files(&self) -> Result<FilesSeen, PostgresError> {
        let doing = "asking when the files were loaded";
        let loaded = self.one("SELECT pg_catalog.pg_conf_load_time()", doing).await?;
        Ok(FilesSeen {
            certificate: self.file("ssl_cert_file").await?,
            bundle: self.file("ssl_ca_file").await?,
            loaded: self.value(&loaded, 0, doing)?,
        })
    }

    async fn file(&self, setting: &'static str) -> Result<FileSeen, PostgresError> {
        let doing = "asking for the server's files";
        let path = format!("nullif(pg_catalog.current_setting('{setting}'), '')");
        let query = format!("SELECT coalesce({path}, ''), (pg_catalog.pg_stat_file({path}, true)).modification");
        let found = self.one(&query, doing).await?;
        let doing = "hashing the server's files";
        let query = format!(
            "SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.pg_read_binary_file({path}, 0, {FILE_MAX}, true)), 'hex')"
        );
        let hash = match self.one(&query, doing).await {
            Ok(row) => self.value(&row, 0, doing)?,
            // A file that the server cannot open counts as missing.
            Err(PostgresError::Query { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(FileSeen {
            path: path_of(&self.value::<String>(&found, 0, doing)?),
            hash,
            written: self.value(&found, 1, doing)?,
        })
    }

    async fn one(&self, query: &str, doing: &'static str) -> Result<Row, PostgresError> {
        let mut rows = self.rows(query, doing).await?;
        rows.pop().ok_or_else(|| PostgresError::Unintelligible { endpoint: self.endpoint.clone(), doing })
    }

    /// The rows of an answer, at most [`ROWS_MAX`].
    pub(super) async fn rows(&self, query: &str, doing: &'static str) -> Result<Vec<Row>, PostgresError> {
        let parameters: [&(dyn ToSql + Sync); 0] = [];
        let read = async {
            let stream = self.client.query_raw(query, parameters).await.map_err(|error| self.failed(doing, &error))?;
            let mut stream = pin!(stream.take(ROWS_MAX + 1));
            let mut rows = Vec::new();
            while let Some(row) = stream.next().await {
                rows.push(row.map_err(|error| self.failed(doing, &error))?);
            }
            Ok(rows)
        };
        let rows = bounded(&self.endpoint, doing, self.limit, read).await??;
        if rows.len() > ROWS_MAX {
            return Err(PostgresError::TooMuch { endpoint: self.endpoint.clone(), doing, limit: ROWS_MAX });
        }
        Ok(rows)
    }

    pub(super) fn value<T: FromSqlOwned>(
        &self,
        row: &Row,
        column: usize,
        doing: &'static str,
    ) -> Result<T, PostgresError> {
        row.try_get(column).map_err(|_| PostgresError::Unintelligible { endpoint: self.endpoint.clone(), doing })
    }

    fn failed(&self, doing: &'static str, error: &tokio_postgres::Error) -> PostgresError {
        let endpoint = self.endpoint.clone();
        let reason = RemoteText::from_error(error);
        match error.as_db_error().map(SqlStateClass::of) {
            Some(SqlStateClass::Temporary) => PostgresError::Busy { endpoint, doing, reason },
            Some(SqlStateClass::Denied) => PostgresError::QueryDenied { endpoint, doing, reason },
            None if error.is_closed() => PostgresError::Closed { endpoint, doing },
            Some(SqlStateClass::Other) | None => PostgresError::Query { endpoint, doing, reason },
        }
    }
}

/// Converts a timestamp to a time that chrono can hold: PostgreSQL's range is larger and includes infinity (PostgreSQL
/// manual, 8.5).
fn date(clock: SystemTime) -> Option<DateTime<Utc>> {
    let seconds = match clock.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).ok()?,
        Err(before) => i64::try_from(before.duration().as_secs()).ok()?.checked_neg()?,
    };
    DateTime::from_timestamp(seconds, 0)
}

fn revocation_list((name, value): (&str, Option<String>)) -> Option<String> {
    let value = value.filter(|value| !value.is_empty())?;
    Some(format!("{name} = '{}'", path_of(&value)))
}

/// A path in the server's settings, up to the longest possible path, because a reader of the message needs all of it.
fn path_of(setting: &str) -> String {
    setting.chars().filter(|character| !character.is_control()).take(PATH_MAX).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_no_date_is_known_for_is_none() {
        let years = Duration::from_secs(300_000 * 365 * 86_400);
        assert_eq!(date(UNIX_EPOCH + years), None);
        assert_eq!(date(UNIX_EPOCH - years), None);
        assert_eq!(date(UNIX_EPOCH + Duration::from_secs(1)), DateTime::from_timestamp(1, 0));
    }

    #[test]
    fn a_session_is_not_ours_because_it_says_so() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        let backend = |application: &str, age| Backend {
            pid: 7,
            application: RemoteText::new(application),
            serial: Serial("01".to_owned()),
            issuer: String::new(),
            opened: Some(now - Duration::from_secs(age)),
            lasting: false,
            same_client: true,
        };
        assert!(backend(APPLICATION_NAME, 59).is_own(now));
        assert!(!backend(APPLICATION_NAME, 60).is_own(now));
        assert!(!backend("backstage", 1).is_own(now));
    }
}
