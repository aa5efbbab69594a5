//! The login of a session: its start-up options, and why the server, or a pooler in front of it, refused the login.

use std::error::Error;
use std::io;

use base::diagnosis::RemoteText;
use rotation::document::{Database, Endpoint};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::postgres::budget::{Budget, SESSION_BYTES_MAX};
use crate::postgres::error::{PostgresError, SqlStateClass};
use crate::postgres::handshake::{connect, server_name};

/// The `application_name` of newleaf's sessions, which distinguishes them from those of consumers.
pub(crate) const APPLICATION_NAME: &str = "newleaf";

/// The start-up options of the session. They override the settings of a role or a database (PostgreSQL manual, 20.1.4):
/// names mean PostgreSQL's own objects, not objects in other users' schemas (CVE-2018-1058), and the session keeps the role
/// that logged in.
const START_UP_OPTIONS: &str = "-c search_path=pg_catalog,pg_temp -c role=none";
/// The resulting search path.
pub(crate) const SEARCH_PATH: &str = "pg_catalog,pg_temp";

/// Logs in as the configured user, with the client's leaf.
pub(crate) async fn log_in(
    endpoint: &Endpoint,
    database: &Database,
    configuration: ClientConfig,
) -> Result<(Client, JoinHandle<()>), PostgresError> {
    let stream = Budget::new(connect(endpoint).await?, SESSION_BYTES_MAX);
    let name = server_name(endpoint)?;
    let tls = MakeTlsConnect::<Budget<TcpStream>>::make_tls_connect(
        &mut MakeRustlsConnect::new(configuration),
        &name.to_str(),
    );
    let Ok(tls) = tls;
    let mut login = Config::new();
    login.user(&database.user).dbname(&database.name).application_name(APPLICATION_NAME).ssl_mode(SslMode::Require);
    login.options(START_UP_OPTIONS);
    let (client, connection) =
        login.connect_raw(stream, tls).await.map_err(|error| refused(endpoint, &database.user, &error))?;
    // An error of the connection also ends the waiting query, which reports it.
    Ok((client, tokio::spawn(async move { drop(connection.await) })))
}

/// Distinguishes a login that the server refused, a server that newleaf refuses, and a broken connection.
fn refused(endpoint: &Endpoint, user: &str, error: &tokio_postgres::Error) -> PostgresError {
    let endpoint = endpoint.to_string();
    let (user, reason) = (user.to_owned(), RemoteText::from_error(error));
    if error.code() == Some(&SqlState::PROTOCOL_VIOLATION) {
        // PostgreSQL has known newleaf's start-up options since version 7; poolers do not.
        return PostgresError::NotItself { endpoint, reason };
    }
    match error.as_db_error().map(SqlStateClass::of) {
        Some(SqlStateClass::Temporary) => return PostgresError::Busy { endpoint, doing: "logging in", reason },
        Some(SqlStateClass::Denied | SqlStateClass::Other) => {
            return PostgresError::SessionRefused { endpoint, user, reason };
        }
        None => {}
    }
    match tls_error(error) {
        Some(alert @ rustls::Error::AlertReceived(_)) => PostgresError::LeafRefused { endpoint, source: alert.clone() },
        Some(_) => PostgresError::Handshake { endpoint, reason },
        None if error.is_closed() || is_broken(error) => PostgresError::Closed { endpoint, doing: "logging in" },
        None => PostgresError::SessionRefused { endpoint, user, reason },
    }
}

/// Whether the connection broke. Otherwise the login asks for something that newleaf does not have, such as a password.
fn is_broken(error: &tokio_postgres::Error) -> bool {
    matches!(error.source(), Some(source) if source.is::<io::Error>())
}

/// The TLS error that caused a failed login, if one did.
fn tls_error(error: &tokio_postgres::Error) -> Option<&rustls::Error> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        source = beneath(cause);
    }
    None
}

/// The next error in the chain. An error wrapped in an I/O error is not its `source`.
fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(wrapping) = error.downcast_ref::<io::Error>()
        && let Some(inner) = wrapping.get_ref()
    {
        return Some(inner);
    }
    error.source()
}
