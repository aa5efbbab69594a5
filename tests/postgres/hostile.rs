//! A database that was taken over: whatever it sends, newleaf ends in time, with an error, and in bounded memory. Only a fake
//! says such things on demand.

use std::time::{Duration, Instant};

use newleaf::diagnosis::{Code, Diagnose};
use newleaf::postgres::session::Session;
use newleaf::rotation::material::Slot;

use crate::fake::{Answer, FakeServer};
use crate::stage::Stage;

/// Long enough for a busy machine, and far below what each of these took.
const LIMIT: Duration = Duration::from_secs(20);

/// What a look at such a server ends with.
async fn look(answer: Answer) -> Result<newleaf::postgres::session::Look, Code> {
    let stage = Stage::set().await.expect("PostgreSQL is installed where these tests run");
    let server = FakeServer::start(&stage.place.directory.join("server"), answer).await;
    let (snapshot, _) = stage.stored().await;
    let client = &snapshot.stored(Slot::Client).expect("it is stored").material;
    let session = Session::open(&server.endpoint(), &stage.server.database(), client, LIMIT).await;
    let session = session.map_err(|error| error.code())?;
    session.look().await.map_err(|error| error.code())
}

#[tokio::test]
async fn a_serial_number_of_endless_digits_is_no_serial_number_of_ours() {
    if !crate::support::server::PostgresServer::is_available() {
        return;
    }
    let begin = Instant::now();
    let look = look(Answer::Digits(3_000_000)).await.expect("a long value is no error");
    assert_eq!(look.backends.len(), 1);
    assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn rows_without_end_are_read_to_a_limit() {
    if !crate::support::server::PostgresServer::is_available() {
        return;
    }
    for (answer, codes) in [
        (Answer::SmallRows, [Code::QueryFailed, Code::ConnectionClosed]),
        (Answer::LargeRows, [Code::ConnectionClosed, Code::QueryFailed]),
        (Answer::Notices, [Code::ConnectionClosed, Code::QueryFailed]),
        (Answer::OneEndlessMessage, [Code::ConnectionClosed, Code::QueryFailed]),
    ] {
        let code = look(answer).await.expect_err("it never ends");
        assert!(codes.contains(&code), "{answer:?}: {code}");
    }
}
