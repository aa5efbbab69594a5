//! Every client, with every algorithm: at first, after a rotation by reload, and after a rollover of the authority.

use std::sync::{Mutex, PoisonError};
use std::thread;

use rotation::pki::algorithm::KeyAlgorithm;

use crate::programs::{Client, Programs, Session, Way};
use crate::server::PostgresServer;
use crate::stage::{Stage, Stored};
use crate::table;

/// How many servers run at a time.
const SERVERS_MAX: usize = 2;

/// The algorithm of the leaves and that of the authority.
type Algorithms = (KeyAlgorithm, KeyAlgorithm);

/// What a client got: TLS version and cipher suite, or why it was not what it must be.
type Login = Result<String, String>;

/// One client with one pair of algorithms: its logins at first, after the reload, after the rollover.
struct Row {
    algorithms: Algorithms,
    client: Client,
    logins: Vec<Login>,
}

#[test]
fn every_client_logs_in_with_leaves_and_authorities_of_every_algorithm() {
    if !PostgresServer::is_available() {
        return;
    }
    let programs = Programs::find();
    let pairs = pairs();
    let wanted = pairs.len() * programs.clients().count();
    let rows = live_all(&programs, &pairs);
    let head = ["leaves", "authority", "client", "first", "after reload", "after rollover"];
    table::print("Logins", &head, &rows.iter().map(Row::cells).collect::<Vec<_>>());
    let failed: Vec<_> = rows.iter().flat_map(|row| &row.logins).filter_map(|login| login.as_ref().err()).collect();
    assert_eq!(failed, Vec::<&String>::new(), "every login is admitted with the stored leaf");
    assert_eq!(rows.len(), wanted, "every client was tried with every algorithm");
}

/// Leaves of every algorithm under the default authority, and default leaves under every other authority.
fn pairs() -> Vec<Algorithms> {
    let default = KeyAlgorithm::default();
    let leaves = KeyAlgorithm::ALL.map(|leaf| (leaf, default));
    let authorities = KeyAlgorithm::ALL.into_iter().filter(|authority| *authority != default);
    leaves.into_iter().chain(authorities.map(|authority| (default, authority))).collect()
}

/// Lives every life, a few at a time; rows in the order of the pairs.
fn live_all(programs: &Programs, pairs: &[Algorithms]) -> Vec<Row> {
    let waiting = Mutex::new(pairs.iter().copied().enumerate().collect::<Vec<_>>());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = || std::iter::from_fn(next).map(|(place, pair)| (place, live(programs, pair))).collect::<Vec<_>>();
    let mut lives: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..SERVERS_MAX).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a life without a failed step")).collect()
    });
    lives.sort_by_key(|(place, _)| *place);
    lives.into_iter().flat_map(|(_, rows)| rows).collect()
}

/// One server from its first leaf to its second authority, and the logins on the way.
fn live(programs: &Programs, algorithms: Algorithms) -> Vec<Row> {
    let stage = Stage::set(algorithms.0, algorithms.1);
    let pid = stage.pid();
    let first = stage.stored();
    let mut moments = vec![logins(programs, &stage)];
    stage.rotate_now(&[]);
    let reloaded = stage.stored();
    assert_ne!(reloaded.client, first.client, "the client's leaf is new");
    assert_ne!(reloaded.server, first.server, "the server's leaf is new");
    assert_eq!(reloaded.bundle, first.bundle, "the authority is still the first");
    moments.push(logins(programs, &stage));
    stage.rotate_now(&["--authority"]);
    let rolled_over = stage.stored();
    assert_ne!(rolled_over.client, reloaded.client, "the client's leaf is new again");
    assert_ne!(rolled_over.server, reloaded.server, "the server's leaf is new again");
    assert!(!rolled_over.bundle.contains(&first.bundle), "the first authority is gone");
    moments.push(logins(programs, &stage));
    assert_eq!(stage.pid(), pid, "the server was reloaded and never restarted");
    let row = |(place, client)| {
        let logins = moments.iter().filter_map(|logins| logins.get(place)).cloned().collect();
        Row { algorithms, client, logins }
    };
    programs.clients().enumerate().map(row).collect()
}

/// A login with each client.
fn logins(programs: &Programs, stage: &Stage) -> Vec<Login> {
    let stored = stage.stored();
    let login = |client| {
        let session = programs.login(client, stage.port(), &stage.client_files(), Way::Certificate);
        session.and_then(|session| judge(&session, &stored)).map_err(|error| format!("{client}: {error}"))
    };
    programs.clients().map(login).collect()
}

/// Whether PostgreSQL admitted the client by the leaf that is stored, and presented the one that is stored.
fn judge(session: &Session, stored: &Stored) -> Login {
    if session.serial != stored.client {
        return Err(format!("admitted with serial {} instead of {}", session.serial, stored.client));
    }
    match &session.server {
        Some(server) if server.trim_start_matches('0') != stored.server => {
            Err(format!("the server presented {server} instead of {}", stored.server))
        }
        _ => Ok(format!("{} {}", session.version, session.cipher)),
    }
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let (leaf, authority) = self.algorithms;
        let logins = self.logins.iter().map(|login| match login {
            Ok(how) => how.clone(),
            Err(_) => "FAILED".to_owned(),
        });
        [leaf.to_string(), authority.to_string(), self.client.to_string()].into_iter().chain(logins).collect()
    }
}
