//! What a server shows before anyone logs in.

use std::collections::BTreeSet;
use std::time::Duration;

use base::diagnosis::{Code, Diagnose};
use newleaf::postgres::handshake::{Served, handshake};
use rotation::document::Endpoint;
use rotation::engine::material::Slot;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::stage::{LIMIT, Stage, write};
use crate::support::certificates::Authority;
use crate::support::server::PostgresServer;

async fn served(stage: &Stage) -> Served {
    handshake(&stage.server.endpoint(), LIMIT).await.expect("the server completes a handshake")
}

#[tokio::test]
async fn a_server_shows_its_leaf_and_whom_it_trusts() {
    let Some(stage) = Stage::set().await else { return };
    let first = served(&stage).await;
    assert_eq!(first.serial.0, "0101");
    assert_eq!(first.client_authorities, Some(BTreeSet::from([stage.authority.subject().to_vec()])));

    let second = Authority::new("second authority");
    write(&stage.store, Slot::Server, &stage.authority.server(0x102, &[&stage.authority, &second])).await;
    assert_eq!(served(&stage).await, first, "what is written is not yet what is served");
    stage.server.reload().expect("the server can be signalled");
    let wait = async {
        loop {
            let now = served(&stage).await;
            if now != first {
                break now;
            }
        }
    };
    let now = tokio::time::timeout(LIMIT, wait).await.expect("the server loads the new leaf");
    assert_eq!(now.serial.0, "0102");
    let both = BTreeSet::from([stage.authority.subject().to_vec(), second.subject().to_vec()]);
    assert_eq!(now.client_authorities, Some(both));
}

#[tokio::test]
async fn a_server_without_tls_says_so() {
    if !PostgresServer::is_available() {
        return;
    }
    let server = PostgresServer::start_without_tls().expect("PostgreSQL starts");
    let error = handshake(&server.endpoint(), LIMIT).await.expect_err("there is no TLS to shake hands with");
    assert_eq!(error.code(), Code::ServerWithoutTls);
}

/// A listener that answers the `SSLRequest` with these bytes and hangs up, or, with none, keeps silent.
async fn answering(bytes: Option<&'static [u8]>) -> (Endpoint, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("the client connects");
        let mut request = [0; 8];
        stream.read_exact(&mut request).await.expect("the client asks for TLS");
        assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47], "PostgreSQL manual, 55.7, SSLRequest");
        match bytes {
            Some(bytes) => stream.write_all(bytes).await.expect("the client listens"),
            None => std::future::pending().await,
        }
    });
    (Endpoint { host: "127.0.0.1".to_owned(), port, server_name: None }, task)
}

#[tokio::test]
async fn every_kind_of_wrong_answer_has_its_own_code() {
    for (answer, code) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], Code::ServerNotPostgres),
        (&b"N"[..], Code::ServerWithoutTls),
        (&b"E\0\0\0\x08oops"[..], Code::HandshakeFailed),
        (&b"Sthis is not TLS, but it is long enough to look like a record"[..], Code::HandshakeFailed),
        (&b"S"[..], Code::ConnectionClosed),
        (&b""[..], Code::ConnectionClosed),
    ] {
        let (endpoint, listener) = answering(Some(answer)).await;
        let error = handshake(&endpoint, LIMIT).await.expect_err("no TLS came of it");
        assert_eq!(error.code(), code, "{answer:?}: {error}");
        listener.await.expect("the listener saw an SSLRequest");
    }
}

#[tokio::test]
async fn silence_ends_at_the_limit() {
    let (endpoint, listener) = answering(None).await;
    let error = handshake(&endpoint, Duration::from_millis(50)).await.expect_err("no server answers");
    assert_eq!(error.code(), Code::ServerTimeout);
    listener.abort();
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    drop(listener);
    let endpoint = Endpoint { host: "127.0.0.1".to_owned(), port, server_name: None };
    let error = handshake(&endpoint, LIMIT).await.expect_err("no server listens");
    assert_eq!(error.code(), Code::ServerUnreachable);
}
