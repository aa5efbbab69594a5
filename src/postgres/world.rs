//! One look at the database: what every endpoint serves, and who is connected to it. Reads only.

use std::io;
use std::time::Duration;

use futures_util::future::join_all;

use crate::configuration::{Database, Endpoint};
use crate::diagnosis::Failure;
use crate::postgres::error::PostgresError;
use crate::postgres::handshake::{Served, address, handshake};
use crate::postgres::session::{Look, ServerFiles, Session};
use crate::rotation::material::{Material, Slot, Snapshot};

/// How long one handshake, login or query may take.
pub(crate) const CALL: Duration = Duration::from_secs(5);

/// How long apart two looks are that tell a lasting session from one that is opened for a single query.
const APART: Duration = Duration::from_millis(50);

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Handshakes only.
    Handshakes,
    /// Who is connected, too.
    Sessions,
    /// Which sessions last, too: two looks, a moment apart.
    LastingSessions,
}

/// What one endpoint shows.
#[derive(Debug)]
pub(crate) struct Sight {
    /// `host:port`.
    pub(crate) address: String,
    /// What it serves.
    pub(crate) served: Result<Served, Failure>,
    /// What it tells in a session; `None` when none could be opened, which is no error: right after a rotation the
    /// server may not trust the stored client leaf yet.
    pub(crate) look: Option<Look>,
}

/// What all endpoints show; nothing when no database is configured.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) sights: Vec<Sight>,
}

impl World {
    /// Looks at all endpoints at once, each call bounded by `limit`.
    pub(crate) async fn see(database: Option<&Database>, snapshot: &Snapshot, depth: Depth, limit: Duration) -> Self {
        let endpoints =
            database.into_iter().flat_map(|database| database.endpoints.iter().map(move |it| (database, it)));
        let sights = join_all(endpoints.map(|(database, endpoint)| sight(endpoint, database, snapshot, depth, limit)));
        Self { sights: sights.await }
    }

    /// What is known of endpoints that nobody asks, because they did not answer from here.
    pub(crate) fn out_of_reach(database: Option<&Database>) -> Self {
        let endpoints = database.into_iter().flat_map(|database| &database.endpoints);
        let sights = endpoints.map(|endpoint| {
            let source = io::Error::other("it is not reachable from here: it did not answer when asked first");
            let served = Err(PostgresError::Unreachable { endpoint: address(endpoint), source }.into());
            Sight { address: address(endpoint), served, look: None }
        });
        Self { sights: sights.collect() }
    }
}

async fn sight(endpoint: &Endpoint, database: &Database, snapshot: &Snapshot, depth: Depth, limit: Duration) -> Sight {
    let served = handshake(endpoint, limit).await;
    let look = match client(snapshot).filter(|_| served.is_ok() && depth != Depth::Handshakes) {
        Some(client) => look(endpoint, database, client, depth, limit).await.ok(),
        None => None,
    };
    Sight { address: address(endpoint), served: served.map_err(Failure::from), look }
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
    session.close().await;
    look
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

/// The path of a file that the server reads, as its settings have it.
pub(crate) async fn file_setting(
    endpoint: &Endpoint,
    database: &Database,
    client: &Material,
    setting: &'static str,
    limit: Duration,
) -> Result<String, PostgresError> {
    let session = Session::open_to_expired(endpoint, database, client, limit).await?;
    let path = session.file_setting(setting).await;
    session.close().await;
    path
}

/// Reloads every endpoint.
pub(crate) async fn reload(database: &Database, client: &Material, limit: Duration) -> Result<(), PostgresError> {
    for endpoint in &database.endpoints {
        let session = Session::open_to_expired(endpoint, database, client, limit).await?;
        let reloaded = session.reload().await;
        session.close().await;
        reloaded?;
    }
    Ok(())
}
