//! One observation of the database: what every endpoint serves, and which clients are connected. It only reads.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use base::diagnosis::{Code, Diagnose, Failure};
use futures_util::future::join_all;
use rotation::document::{Database, Endpoint};
use rotation::engine::material::{Material, Slot, Snapshot};

use crate::postgres::error::PostgresError;
use crate::postgres::files::FilesSeen;
use crate::postgres::handshake::{Served, handshake};
use crate::postgres::session::{Session, SessionSeen};

/// How long one handshake, login or query may take.
pub(crate) const CALL: Duration = Duration::from_secs(5);

/// The time between the two observations that distinguish a lasting session from one for a single query.
const APART: Duration = Duration::from_millis(50);

/// The largest number of addresses of one name.
const ADDRESSES_MAX: usize = 64;

/// The depth of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// Handshakes only.
    Handshakes,
    /// Also the connected clients.
    Sessions,
    /// Also the files that the server loads.
    Files,
    /// Also which sessions last: two observations, a moment apart.
    LastingSessions,
}

/// What one endpoint shows.
#[derive(Debug)]
pub(crate) struct EndpointSeen {
    /// One address of a configured endpoint.
    pub(crate) endpoint: Endpoint,
    /// The result of the handshake.
    pub(crate) served: Result<Served, Failure>,
    /// Whether no client can reach a server there: see [`is_closed`].
    pub(crate) closed: bool,
    /// The result of the session. `None` if newleaf tried none.
    pub(crate) session: Option<Result<SessionSeen, Failure>>,
}

impl EndpointSeen {
    /// Whether a PostgreSQL server answered. It then runs, whatever it serves.
    pub(crate) fn answers(&self) -> bool {
        match &self.served {
            Ok(_) => true,
            Err(failure) => !is_silence(failure.code()),
        }
    }

    /// What the session showed, if the server opened one.
    pub(crate) fn session_seen(&self) -> Option<&SessionSeen> {
        match &self.session {
            Some(Ok(look)) => Some(look),
            Some(Err(_)) | None => None,
        }
    }

    /// What the server reported about its files, if newleaf asked.
    pub(crate) fn files_seen(&self) -> Option<&Result<FilesSeen, PostgresError>> {
        self.session_seen()?.files.as_ref()
    }
}

/// What all endpoints show. Empty if no database is configured.
#[derive(Debug, Default)]
pub(crate) struct DatabaseSeen {
    pub(crate) endpoints: Vec<EndpointSeen>,
}

impl DatabaseSeen {
    /// Observes all endpoints concurrently. `limit` bounds each call.
    pub(crate) async fn see(database: Option<&Database>, snapshot: &Snapshot, depth: Depth, limit: Duration) -> Self {
        let Some(database) = database else { return Self::default() };
        let names = database.endpoints.iter().map(|endpoint| async move {
            match resolve(endpoint, limit).await {
                Ok(addresses) => {
                    let endpoints =
                        addresses.into_iter().map(|address| endpoint_seen(address, database, snapshot, depth, limit));
                    join_all(endpoints).await
                }
                Err(error) => {
                    vec![EndpointSeen {
                        endpoint: endpoint.clone(),
                        served: Err(error.into()),
                        closed: false,
                        session: None,
                    }]
                }
            }
        });
        let mut endpoints = Vec::new();
        for of_one_name in join_all(names).await {
            endpoints.extend(without_closed_addresses(of_one_name));
        }
        Self { endpoints }
    }

    /// The state of endpoints that newleaf does not ask, because they did not answer before.
    pub(crate) fn out_of_reach(database: Option<&Database>) -> Self {
        let Some(database) = database else { return Self::default() };
        let endpoints = database.endpoints.iter().map(|endpoint| {
            let source = io::Error::other("it is not reachable from here: it did not answer the first time");
            let served = Err(PostgresError::Unreachable { endpoint: endpoint.to_string(), source }.into());
            EndpointSeen { endpoint: endpoint.clone(), served, closed: false, session: None }
        });
        Self { endpoints: endpoints.collect() }
    }
}

/// Every address of the configured names. Each address is a server of its own. A name without known addresses gives the
/// reason instead.
pub(crate) async fn addresses(database: &Database, limit: Duration) -> Vec<Result<Endpoint, PostgresError>> {
    let resolved = join_all(database.endpoints.iter().map(|endpoint| resolve(endpoint, limit))).await;
    let mut all = Vec::new();
    for addresses in resolved {
        match addresses {
            Ok(addresses) => all.extend(addresses.into_iter().map(Ok)),
            Err(error) => all.push(Err(error)),
        }
    }
    all
}

/// Resolves a name to its addresses. A name with one address stays as it is.
async fn resolve(endpoint: &Endpoint, limit: Duration) -> Result<Vec<Endpoint>, PostgresError> {
    if endpoint.host.parse::<IpAddr>().is_ok() {
        return Ok(vec![endpoint.clone()]);
    }
    let (doing, unreachable) =
        ("looking its addresses up", |source| PostgresError::Unreachable { endpoint: endpoint.to_string(), source });
    let found = tokio::time::timeout(limit, tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port))).await;
    let found = found.map_err(|_| PostgresError::Timeout { endpoint: endpoint.to_string(), doing, limit })?;
    let addresses: BTreeSet<IpAddr> = found.map_err(unreachable)?.map(|address: SocketAddr| address.ip()).collect();
    if addresses.len() > ADDRESSES_MAX {
        let what = format!("it has {} addresses, and newleaf proves at most {ADDRESSES_MAX}", addresses.len());
        return Err(unreachable(io::Error::other(what)));
    }
    if addresses.len() < 2 {
        return Ok(vec![endpoint.clone()]);
    }
    let server_name = Some(endpoint.server_name.clone().unwrap_or_else(|| endpoint.host.clone()));
    let one =
        |address: IpAddr| Endpoint { host: address.to_string(), port: endpoint.port, server_name: server_name.clone() };
    Ok(addresses.into_iter().map(one).collect())
}

/// Drops the addresses of a name where no server listens, if another address answers. For example `localhost` has an IPv6
/// address where PostgreSQL need not listen.
fn without_closed_addresses(endpoints: Vec<EndpointSeen>) -> Vec<EndpointSeen> {
    let one_answers = endpoints.iter().any(|endpoint_seen| endpoint_seen.served.is_ok());
    endpoints.into_iter().filter(|endpoint_seen| !(one_answers && endpoint_seen.closed)).collect()
}

/// Whether the machine of an address reports that no server listens there, or this machine does not support that kind of
/// address, as with the second address of many servers. Silence or an unreachable network proves nothing, because other
/// clients may reach the server.
fn is_closed(endpoint: &Endpoint, error: &PostgresError) -> bool {
    let PostgresError::Unreachable { source, .. } = error else { return false };
    let is_unspoken = matches!(source.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::NetworkUnreachable)
        && endpoint.host.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6());
    source.kind() == io::ErrorKind::ConnectionRefused || is_unspoken
}

async fn endpoint_seen(
    endpoint: Endpoint,
    database: &Database,
    snapshot: &Snapshot,
    depth: Depth,
    limit: Duration,
) -> EndpointSeen {
    let served = handshake(&endpoint, limit).await;
    let session = match client(snapshot) {
        Some(client) if served.is_ok() && depth != Depth::Handshakes => {
            Some(look(&endpoint, database, client, depth, limit).await.map_err(Failure::from))
        }
        Some(_) | None => None,
    };
    let closed = served.as_ref().is_err_and(|error| is_closed(&endpoint, error));
    EndpointSeen { endpoint, served: served.map_err(Failure::from), closed, session }
}

/// The stored client material, with which the observing session logs in.
pub(crate) fn client(snapshot: &Snapshot) -> Option<&Material> {
    snapshot.stored(Slot::Client).map(|stored| &stored.material)
}

async fn look(
    endpoint: &Endpoint,
    database: &Database,
    client: &Material,
    depth: Depth,
    limit: Duration,
) -> Result<SessionSeen, PostgresError> {
    let session = Session::open(endpoint, database, client, limit).await?;
    let mut look = session.look().await;
    if let (Ok(first), Depth::LastingSessions) = (&look, depth) {
        tokio::time::sleep(APART).await;
        look = session.look().await.map(|second| second.lasting_since(first));
    }
    if let (Ok(look), Depth::Files | Depth::LastingSessions) = (&mut look, depth) {
        look.files = Some(session.files().await);
    }
    session.close().await;
    look
}

/// Logs in at every endpoint with client material that need not be stored.
pub(crate) async fn log_in(database: &Database, client: &Material, limit: Duration) -> Vec<Result<(), Failure>> {
    let tried = addresses(database, limit).await.into_iter().map(|endpoint| async move {
        let session = Session::open(&endpoint?, database, client, limit).await?;
        session.close().await;
        Ok(())
    });
    join_all(tried).await
}

/// The server's own view of its files. The server may serve an expired leaf: that is why it should load another.
pub(crate) async fn files(
    endpoint: &Endpoint,
    database: &Database,
    client: &Material,
    limit: Duration,
) -> Result<FilesSeen, PostgresError> {
    let session = Session::open_to_expired(endpoint, database, client, limit).await?;
    let files = session.files().await;
    session.close().await;
    files
}

/// Reloads every reachable endpoint. An unreachable endpoint does not block the others; the proof finds it. Fails if no
/// endpoint is reachable, or one refuses.
pub(crate) async fn reload(database: &Database, client: &Material, limit: Duration) -> Result<(), PostgresError> {
    let mut reloaded = false;
    let mut unreachable = None;
    for endpoint in addresses(database, limit).await {
        let reloading = async { reload_one(&endpoint?, database, client, limit).await };
        match reloading.await {
            Ok(()) => reloaded = true,
            Err(error) if is_silence(error.code()) => drop(unreachable.get_or_insert(error)),
            Err(error) => return Err(error),
        }
    }
    match unreachable {
        Some(error) if !reloaded => Err(error),
        Some(_) | None => Ok(()),
    }
}

async fn reload_one(
    endpoint: &Endpoint,
    database: &Database,
    client: &Material,
    limit: Duration,
) -> Result<(), PostgresError> {
    let session = Session::open_to_expired(endpoint, database, client, limit).await?;
    let reloaded = session.reload().await;
    session.close().await;
    reloaded
}

/// Whether the code means that no answer came: the server is down or unreachable.
pub(crate) const fn is_silence(code: Code) -> bool {
    matches!(code, Code::ServerUnreachable | Code::ServerTimeout | Code::ConnectionClosed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_where_no_server_listens_is_closed() {
        let closed = |host: &str, kind: io::ErrorKind| {
            let endpoint = Endpoint { host: host.to_owned(), port: 5432, server_name: None };
            let error = PostgresError::Unreachable { endpoint: endpoint.to_string(), source: kind.into() };
            is_closed(&endpoint, &error)
        };
        assert!(closed("127.0.0.1", io::ErrorKind::ConnectionRefused));
        assert!(closed("::1", io::ErrorKind::AddrNotAvailable));
        assert!(!closed("10.9.9.9", io::ErrorKind::NetworkUnreachable));
        assert!(!closed("10.9.9.9", io::ErrorKind::HostUnreachable));
    }

    #[tokio::test]
    async fn a_name_whose_addresses_cannot_be_found_is_unreachable() {
        let endpoint = Endpoint { host: "db.invalid".to_owned(), port: 5432, server_name: None };
        let database = Database { endpoints: vec![endpoint], name: "postgres".to_owned(), user: "postgres".to_owned() };
        let seen = DatabaseSeen::see(Some(&database), &Snapshot::default(), Depth::Handshakes, CALL).await;
        let codes: Vec<_> =
            seen.endpoints.iter().map(|endpoint_seen| endpoint_seen.served.as_ref().err().map(Failure::code)).collect();
        assert_eq!(codes, [Some(Code::ServerUnreachable)]);
    }
}
