//! A database that was taken over: whatever it sends, newleaf ends in time, with an error, and in bounded memory. Only a fake
//! says such things on demand.

use std::time::{Duration, Instant};

use base::diagnosis::Diagnose;
use newleaf::postgres::session::{Session, SessionSeen};
use rotation::engine::material::Slot;

use crate::fake::{Answer, FakeServer};
use crate::stage::Stage;

/// Long enough for a busy machine, and far below what each of these took.
const LIMIT: Duration = Duration::from_secs(20);

/// What is read of answers without end, and what the buffers of the line hold besides.
const BYTES_MAX: usize = 16 << 20;

/// What a look at such a server ends with, and how much it took from it.
async fn look(answer: Answer) -> (Result<SessionSeen, String>, usize) {
    let stage = Stage::set().await.expect("PostgreSQL is installed where these tests run");
    let server = FakeServer::start(&stage.place.directory.join("server"), answer).await;
    let (snapshot, _) = stage.stored().await;
    let client = &snapshot.stored(Slot::Client).expect("it is stored").material;
    let session = Session::open(&server.endpoint(), &stage.server.database(), client, LIMIT).await;
    let session = session.expect("a fake lets everybody in");
    let look = session.look().await.map_err(|error| format!("{}: {error}", error.code()));
    (look, server.sent())
}

#[tokio::test]
async fn a_serial_number_of_endless_digits_is_no_serial_number_of_ours() {
    if !crate::support::server::PostgresServer::is_available() {
        return;
    }
    let begin = Instant::now();
    let (look, _) = look(Answer::Digits(3_000_000)).await;
    assert_eq!(look.expect("a long value is no error").backends.len(), 1);
    assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn answers_without_end_are_read_to_a_limit() {
    if !crate::support::server::PostgresServer::is_available() {
        return;
    }
    for (answer, reason) in [
        (Answer::SmallRows, "NL0406: 127.0.0.1"),
        (Answer::LargeRows, "NL0411: 127.0.0.1"),
        (Answer::Notices, "NL0411: 127.0.0.1"),
        (Answer::OneEndlessMessage, "NL0411: 127.0.0.1"),
    ] {
        let (look, sent) = look(answer).await;
        let error = look.expect_err("it never ends");
        assert!(error.starts_with(reason), "{answer:?}: {error}");
        assert!(sent < BYTES_MAX, "{answer:?}: {sent} bytes");
    }
}
