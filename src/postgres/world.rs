//! One look at the database: what every endpoint serves, and who is connected to it. Reads only.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::future::join_all;

use crate::configuration::{Database, Endpoint};
use crate::diagnosis::{Code, Diagnose, Failure};
use crate::postgres::error::PostgresError;
use crate::postgres::files::ServerFiles;
use crate::postgres::handshake::{Served, address, handshake};
use crate::postgres::session::{Look, Session};
use crate::rotation::material::{Material, Slot, Snapshot};

/// How long one handshake, login or query may take.
pub(crate) const CALL: Duration = Duration::from_secs(5);

/// How long apart two looks are that tell a lasting session from one that is opened for a single query.
const APART: Duration = Duration::from_millis(50);

/// The most addresses of one name that are asked.
const ADDRESSES_MAX: usize = 64;

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// Handshakes only.
    Handshakes,
    /// Who is connected, too.
    Sessions,
    /// Which files the server loads, too.
    Files,
    /// Which sessions last, too: two looks, a moment apart.
    LastingSessions,
}

/// What one endpoint shows.
#[derive(Debug)]
pub(crate) struct Sight {
    /// Where: one address of a configured endpoint.
    pub(crate) endpoint: Endpoint,
    /// What it serves.
    pub(crate) served: Result<Served, Failure>,
    /// What it tells in a session; `None` when none was tried.
    pub(crate) look: Option<Result<Look, Failure>>,
}

impl Sight {
    /// Whether something that speaks PostgreSQL answered: it runs, whatever it serves.
    pub(crate) fn answers(&self) -> bool {
        match &self.served {
            Ok(_) => true,
            Err(failure) => !is_silence(failure.code()),
        }
    }

    /// What it tells in a session, if one was opened.
    pub(crate) fn told(&self) -> Option<&Look> {
        self.look.as_ref().and_then(|look| look.as_ref().ok())
    }
}

/// What all endpoints show; nothing when no database is configured.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) sights: Vec<Sight>,
}

impl World {
    /// Looks at all endpoints at once, each call bounded by `limit`.
    pub(crate) async fn see(database: Option<&Database>, snapshot: &Snapshot, depth: Depth, limit: Duration) -> Self {
        let Some(database) = database else { return Self::default() };
        let names = database.endpoints.iter().map(|endpoint| async move {
            let addresses = resolve(endpoint, limit).await.into_iter();
            join_all(addresses.map(|address| sight(address, database, snapshot, depth, limit))).await
        });
        Self { sights: join_all(names).await.into_iter().flat_map(without_closed_addresses).collect() }
    }

    /// What is known of endpoints that are not asked, because they did not answer from here.
    pub(crate) fn out_of_reach(database: Option<&Database>) -> Self {
        let endpoints = database.into_iter().flat_map(|database| &database.endpoints);
        let sights = endpoints.map(|endpoint| {
            let source = io::Error::other("it is not reachable from here: it did not answer when asked first");
            let served = Err(PostgresError::Unreachable { endpoint: address(endpoint), source }.into());
            Sight { endpoint: endpoint.clone(), served, look: None }
        });
        Self { sights: sights.collect() }
    }
}

/// Every address behind the configured names: each of them is a server of its own. A name that has one address, or that
/// cannot be resolved now, stays as it is.
pub(crate) async fn addresses(database: &Database, limit: Duration) -> Vec<Endpoint> {
    let resolved = join_all(database.endpoints.iter().map(|endpoint| resolve(endpoint, limit))).await;
    resolved.into_iter().flatten().collect()
}

async fn resolve(endpoint: &Endpoint, limit: Duration) -> Vec<Endpoint> {
    let own = || vec![endpoint.clone()];
    if endpoint.host.parse::<IpAddr>().is_ok() {
        return own();
    }
    let found = tokio::time::timeout(limit, tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port))).await;
    let Ok(Ok(found)) = found else { return own() };
    let addresses: BTreeSet<IpAddr> = found.take(ADDRESSES_MAX).map(|address: SocketAddr| address.ip()).collect();
    if addresses.len() < 2 {
        return own();
    }
    let server_name = Some(endpoint.server_name.clone().unwrap_or_else(|| endpoint.host.clone()));
    let one =
        |address: IpAddr| Endpoint { host: address.to_string(), port: endpoint.port, server_name: server_name.clone() };
    addresses.into_iter().map(one).collect()
}

/// Of the addresses of one name, one where no server listens serves no client: it is left out where another one answers, as
/// `localhost` has an address for IPv6 that PostgreSQL need not listen at.
fn without_closed_addresses(sights: Vec<Sight>) -> Vec<Sight> {
    let one_answers = sights.iter().any(|sight| sight.served.is_ok());
    let is_closed = |sight: &Sight| match &sight.served {
        Err(failure) => failure.code() == Code::ServerUnreachable,
        Ok(_) => false,
    };
    sights.into_iter().filter(|sight| !(one_answers && is_closed(sight))).collect()
}

async fn sight(endpoint: Endpoint, database: &Database, snapshot: &Snapshot, depth: Depth, limit: Duration) -> Sight {
    let served = handshake(&endpoint, limit).await;
    let look = match client(snapshot) {
        Some(client) if served.is_ok() && depth != Depth::Handshakes => {
            Some(look(&endpoint, database, client, depth, limit).await.map_err(Failure::from))
        }
        Some(_) | None => None,
    };
    Sight { endpoint, served: served.map_err(Failure::from), look }
}

/// The stored client material, which the observing session logs in with.
pub(crate) fn client(snapshot: &Snapshot) -> Option<&Material> {
    snapshot.stored(Slot::Client).map(|stored| &stored.material)
}

async fn look(
    endpoint: &Endpoint,
    database: &Database,
    client: &Material,
    depth: Depth,
    limit: Duration,
) -> Result<Look, PostgresError> {
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

/// Logs in at every endpoint, with client material that need not be stored.
pub(crate) async fn log_in(database: &Database, client: &Material, limit: Duration) -> Vec<Result<(), Failure>> {
    let tried = addresses(database, limit).await.into_iter().map(|endpoint| async move {
        let session = Session::open(&endpoint, database, client, limit).await?;
        session.close().await;
        Ok(())
    });
    join_all(tried).await
}

/// The server's own view of its files. It may serve a leaf that has ended: that is why it shall load another.
pub(crate) async fn files(
    endpoint: &Endpoint,
    database: &Database,
    client: &Material,
    limit: Duration,
) -> Result<ServerFiles, PostgresError> {
    let session = Session::open_to_expired(endpoint, database, client, limit).await?;
    let files = session.files().await;
    session.close().await;
    files
}

/// Reloads every endpoint that can be reached: one that cannot does not keep the others from it, and the proof finds it.
/// An error where none could be reached, or one refused.
pub(crate) async fn reload(database: &Database, client: &Material, limit: Duration) -> Result<(), PostgresError> {
    let mut reloaded = false;
    let mut unreachable = None;
    for endpoint in addresses(database, limit).await {
        match reload_one(&endpoint, database, client, limit).await {
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

/// Whether no answer came: the server is down, or cannot be reached.
pub(crate) const fn is_silence(code: Code) -> bool {
    matches!(code, Code::ServerUnreachable | Code::ServerTimeout | Code::ConnectionClosed)
}
