//! Whether this process can reach the database at all. From outside the cluster, names of Services and addresses of pods
//! mostly lead nowhere, and each observation would wait for an answer in vain.

use std::cell::Cell;
use std::time::Duration;

use base::diagnosis::{Code, Failure};
use rotation::document::Database;
use rotation::engine::material::Snapshot;

use crate::postgres::endpoints::{CALL, DatabaseSeen, Depth};

/// How long an observation from outside waits for an answer. A handshake takes three round trips.
const OUTSIDE: Duration = Duration::from_secs(2);

/// Whether the database answered before.
#[derive(Debug, Default)]
pub(super) struct Reachability {
    outside: bool,
    /// At the last observation no endpoint answered in time.
    is_silent: Cell<bool>,
}

impl Reachability {
    /// For a run outside the cluster.
    pub(super) fn from_outside() -> Self {
        Self { outside: true, ..Self::default() }
    }

    /// Observes the database, unless no endpoint answered before.
    pub(super) async fn see(&self, database: Option<&Database>, snapshot: &Snapshot, depth: Depth) -> DatabaseSeen {
        if self.is_silent.get() {
            return DatabaseSeen::out_of_reach(database);
        }
        let limit = if self.outside { OUTSIDE } else { CALL };
        let seen = DatabaseSeen::see(database, snapshot, depth, limit).await;
        self.note(&seen);
        seen
    }

    /// Remembers whether an endpoint answered. A proof always asks, so it finds out when the database answers again.
    pub(super) fn note(&self, seen: &DatabaseSeen) {
        self.is_silent.set(self.outside && is_silent(seen));
    }
}

/// Whether no endpoint answered and at least one timed out. An endpoint that fails at once costs nothing to try again.
fn is_silent(seen: &DatabaseSeen) -> bool {
    let codes: Vec<_> =
        seen.endpoints.iter().map(|endpoint_seen| endpoint_seen.served.as_ref().err().map(Failure::code)).collect();
    codes.iter().all(|code| matches!(code, Some(Code::ServerTimeout | Code::ServerUnreachable)))
        && codes.contains(&Some(Code::ServerTimeout))
}

#[cfg(test)]
mod tests {
    use rotation::document::Endpoint;

    use super::*;
    use crate::postgres::endpoints::EndpointSeen;
    use crate::postgres::error::PostgresError;

    fn seen(errors: impl IntoIterator<Item = PostgresError>) -> DatabaseSeen {
        let endpoint = Endpoint { host: "db".to_owned(), port: 5432, server_name: None };
        let endpoint_seen = |error| EndpointSeen {
            endpoint: endpoint.clone(),
            served: Err(Failure::from(error)),
            closed: false,
            session: None,
        };
        DatabaseSeen { endpoints: errors.into_iter().map(endpoint_seen).collect() }
    }

    fn timeout() -> PostgresError {
        PostgresError::Timeout { endpoint: "db:5432".to_owned(), doing: "completing a TLS handshake", limit: CALL }
    }

    fn refused() -> PostgresError {
        let source = std::io::ErrorKind::ConnectionRefused.into();
        PostgresError::Unreachable { endpoint: "db:5432".to_owned(), source }
    }

    #[test]
    fn only_a_silence_that_took_its_time_is_remembered_and_only_outside() {
        let closed = PostgresError::Closed { endpoint: "db:5432".to_owned(), doing: "logging in" };
        for (name, seen, silent) in [
            ("nothing to ask", seen([]), false),
            ("all silent", seen([timeout(), timeout()]), true),
            ("a name that leads nowhere beside it", seen([refused(), timeout()]), true),
            ("refused at once", seen([refused()]), false),
            ("one answers", seen([timeout(), closed]), false),
        ] {
            let (outside, inside) = (Reachability::from_outside(), Reachability::default());
            outside.note(&seen);
            inside.note(&seen);
            assert_eq!((outside.is_silent.get(), inside.is_silent.get()), (silent, false), "{name}");
        }
    }

    #[tokio::test]
    async fn what_did_not_answer_is_not_asked_again_until_it_does() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint = Endpoint { host: "127.0.0.1".to_owned(), port, server_name: None };
        let database = Database { endpoints: vec![endpoint], user: String::new(), name: String::new() };
        let reachability = Reachability::from_outside();
        reachability.note(&seen([timeout()]));
        let look = reachability.see(Some(&database), &Snapshot::default(), Depth::Handshakes).await;
        let why = look.endpoints[0].served.as_ref().unwrap_err().to_string();
        assert!(why.contains("not reachable from here"), "{why}");
        let asked = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
        assert!(asked.is_err(), "no connection was made");
        reachability.note(&seen([refused()]));
        assert!(!reachability.is_silent.get());
    }
}
