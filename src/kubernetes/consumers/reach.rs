//! Whether the database can be reached from here at all. From outside of the cluster, names of Services and addresses of
//! pods mostly lead nowhere, and each look would wait for an answer in vain.

use std::cell::Cell;
use std::time::Duration;

use crate::configuration::Database;
use crate::diagnosis::{Code, Failure};
use crate::postgres::world::{CALL, Depth, World};
use crate::rotation::material::Snapshot;

/// How long a look from outside waits for an answer: a handshake takes three round trips.
const OUTSIDE: Duration = Duration::from_secs(2);

/// What is known of the way to the database.
#[derive(Debug, Default)]
pub(super) struct Reach {
    outside: bool,
    /// The last look waited for every endpoint in vain.
    nobody_answers: Cell<bool>,
}

impl Reach {
    /// For whoever is outside of the cluster.
    pub(super) fn from_outside() -> Self {
        Self { outside: true, ..Self::default() }
    }

    /// Looks, unless nobody has answered before.
    pub(super) async fn see(&self, database: Option<&Database>, snapshot: &Snapshot, depth: Depth) -> World {
        if self.nobody_answers.get() {
            return World::out_of_reach(database);
        }
        let limit = if self.outside { OUTSIDE } else { CALL };
        let world = World::see(database, snapshot, depth, limit).await;
        self.note(&world);
        world
    }

    /// Remembers whether anybody answered; a proof always looks, and so can find that somebody does again.
    pub(super) fn note(&self, world: &World) {
        self.nobody_answers.set(self.outside && is_silent(world));
    }
}

/// Whether every endpoint was tried in vain, and it took its time: what fails at once costs nothing to try again.
fn is_silent(world: &World) -> bool {
    let codes: Vec<_> = world.sights.iter().map(|sight| sight.served.as_ref().err().map(Failure::code)).collect();
    codes.iter().all(|code| matches!(code, Some(Code::ServerTimeout | Code::ServerUnreachable)))
        && codes.contains(&Some(Code::ServerTimeout))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Endpoint;
    use crate::postgres::error::PostgresError;
    use crate::postgres::world::Sight;

    fn world(errors: impl IntoIterator<Item = PostgresError>) -> World {
        let endpoint = Endpoint { host: "db".to_owned(), port: 5432, server_name: None };
        let sight =
            |error| Sight { endpoint: endpoint.clone(), served: Err(Failure::from(error)), closed: false, look: None };
        World { sights: errors.into_iter().map(sight).collect() }
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
        for (name, world, silent) in [
            ("nothing to ask", world([]), false),
            ("all silent", world([timeout(), timeout()]), true),
            ("a name that leads nowhere beside it", world([refused(), timeout()]), true),
            ("refused at once", world([refused()]), false),
            ("one answers", world([timeout(), closed]), false),
        ] {
            let (outside, inside) = (Reach::from_outside(), Reach::default());
            outside.note(&world);
            inside.note(&world);
            assert_eq!((outside.nobody_answers.get(), inside.nobody_answers.get()), (silent, false), "{name}");
        }
    }

    #[tokio::test]
    async fn what_did_not_answer_is_not_asked_again_until_it_does() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint = Endpoint { host: "127.0.0.1".to_owned(), port, server_name: None };
        let database = Database { endpoints: vec![endpoint], user: String::new(), name: String::new() };
        let reach = Reach::from_outside();
        reach.note(&world([timeout()]));
        let look = reach.see(Some(&database), &Snapshot::default(), Depth::Handshakes).await;
        let why = look.sights[0].served.as_ref().unwrap_err().to_string();
        assert!(why.contains("not reachable from here"), "{why}");
        let asked = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
        assert!(asked.is_err(), "nobody has called");
        reach.note(&world([refused()]));
        assert!(!reach.nobody_answers.get());
    }
}
