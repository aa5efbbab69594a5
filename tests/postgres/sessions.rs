//! What a login with the client's leaf sees and does.

use base::diagnosis::{Code, Diagnose};
use newleaf::postgres::files::Reading;
use newleaf::postgres::handshake::handshake;
use newleaf::postgres::session::Session;
use rotation::document::Database;
use rotation::engine::material::{Material, Slot};

use crate::stage::{LIMIT, Stage, write};
use crate::support::certificates::{Authority, material};
use crate::support::load::login;
use crate::support::wait::until_async;

async fn open(stage: &Stage, client: &Material) -> Result<Session, newleaf::postgres::error::PostgresError> {
    Session::open(&stage.server.endpoint(), &stage.server.database(), client, LIMIT).await
}

async fn client(stage: &Stage) -> Material {
    let (snapshot, _) = stage.stored().await;
    snapshot.stored(Slot::Client).expect("the client's leaf is stored").material.clone()
}

#[tokio::test]
async fn other_sessions_are_seen_with_their_serial_and_ours_is_not() {
    let Some(stage) = Stage::set().await else { return };
    let client = client(&stage).await;
    let files = stage.place.directory.join("client");
    let other = login(&stage.server.database(), &files, "backstage").await.expect("the client can log in");
    let pid: i32 = other.client.query_one("SELECT pg_backend_pid()", &[]).await.expect("a query").get(0);
    let second = open(&stage, &client).await.expect("newleaf can log in twice");

    let look = open(&stage, &client).await.expect("newleaf can log in").look().await.expect("pg_stat_ssl");
    assert_eq!(look.user, "postgres");
    let [backend] = &look.backends[..] else { panic!("one other session, not {:?}", look.backends) };
    assert_eq!((backend.pid, backend.application.as_str()), (pid, "backstage"));
    assert_eq!(backend.serial.0, "0201");
    assert_eq!(backend.issuer, "/CN=stage authority");
    assert!(backend.same_client);
    drop(second);
}

#[tokio::test]
async fn the_servers_files_are_compared_where_they_are() {
    let Some(mut stage) = Stage::set().await else { return };
    let session = open(&stage, &client(&stage).await).await.expect("newleaf can log in");
    stage.renew_server().await;
    let (snapshot, _) = stage.stored().await;
    let stored = &snapshot.stored(Slot::Server).expect("the server's leaf is stored").material;
    let files = session.files().await.expect("a superuser may read them");
    assert!(files.certificate_is(stored) && files.bundle_is(stored) && files.reading() < Reading::After);
    assert_eq!(files.certificate.path, stage.path("server", "tls.crt").display().to_string());
    assert!(!files.certificate_is(&stage.authority.server(9, &[])), "another certificate");
    while session.files().await.expect("a superuser may read them").reading() < Reading::After {
        session.reload().await.expect("a superuser may reload");
    }
    std::fs::remove_file(stage.path("server", "ca.crt")).expect("the file can be removed");
    let files = session.files().await.expect("a missing file is no error");
    assert_eq!((files.bundle.hash.as_deref(), files.reading()), (None, Reading::Before));
}

#[tokio::test]
async fn a_refused_login_says_who_refused() {
    let Some(stage) = Stage::set().await else { return };
    let stranger = Authority::new("stranger");
    let own = client(&stage).await;
    let entry = |name: &str| String::from_utf8(own.entry(name).expect("it is stored").to_vec()).expect("PEM is text");
    let refused = [
        ("leaf of a stranger", stranger.client("postgres", 1, &[&stage.authority]), Code::ClientLeafRefused),
        (
            "leaf that has ended",
            stage.authority.expired_client("postgres", 5, &[&stage.authority]),
            Code::ClientLeafRefused,
        ),
        ("other role", stage.authority.client("stranger", 2, &[&stage.authority]), Code::SessionRefused),
        ("server unknown", stage.authority.client("postgres", 3, &[&stranger]), Code::HandshakeFailed),
        (
            "no key",
            material([("tls.crt", entry("tls.crt")), ("ca.crt", entry("ca.crt"))]),
            Code::ClientMaterialUnusable,
        ),
    ];
    for (case, client, code) in refused {
        let error = open(&stage, &client).await.expect_err(case);
        assert_eq!(error.code(), code, "{case}: {error:?}");
    }
    stage.server.stop().expect("the server can be stopped");
    let error = open(&stage, &own).await.expect_err("no server listens");
    assert_eq!(error.code(), Code::ServerUnreachable);
}

#[tokio::test]
async fn a_server_whose_leaf_has_ended_can_be_made_to_reload_and_be_asked_nothing_else() {
    let Some(stage) = Stage::set().await else { return };
    let own = client(&stage).await;
    let before = open(&stage, &own).await.expect("newleaf can log in");
    write(&stage.store, Slot::Server, &stage.authority.expired_server(0x103, &[&stage.authority])).await;
    before.reload().await.expect("a superuser may reload");
    let (endpoint, database) = (stage.server.endpoint(), stage.server.database());
    let serves = async |serial: &str| handshake(&endpoint, LIMIT).await.is_ok_and(|served| served.serial.0 == serial);
    until_async("the server serves a leaf that has ended", async || serves("0103").await).await;
    let error = open(&stage, &own).await.expect_err("its leaf has ended");
    assert_eq!(error.code(), Code::HandshakeFailed, "{error:?}");
    let stranger = stage.authority.client("postgres", 6, &[&Authority::new("stranger")]);
    let error = Session::open_to_expired(&endpoint, &database, &stranger, LIMIT).await.expect_err("it is not trusted");
    assert_eq!(error.code(), Code::HandshakeFailed, "{error:?}");
    let session = Session::open_to_expired(&endpoint, &database, &own, LIMIT).await.expect("only its end is wrong");
    write(&stage.store, Slot::Server, &stage.authority.server(0x104, &[&stage.authority])).await;
    session.reload().await.expect("a superuser may reload");
    until_async("the server serves the next leaf", async || serves("0104").await).await;
    open(&stage, &own).await.expect("it serves a leaf that is valid");
}

#[tokio::test]
async fn a_role_without_rights_is_named_as_the_reason() {
    let Some(stage) = Stage::set().await else { return };
    let superuser = login(&stage.server.database(), &stage.place.directory.join("client"), "setup").await;
    let superuser = superuser.expect("the client can log in");
    superuser.client.batch_execute("CREATE ROLE plain LOGIN").await.expect("a superuser may make roles");
    let plain = stage.authority.client("plain", 4, &[&stage.authority]);
    let database = Database { user: "plain".to_owned(), ..stage.server.database() };
    let session = Session::open(&stage.server.endpoint(), &database, &plain, LIMIT).await.expect("it may log in");
    let error = session.reload().await.expect_err("it may not reload");
    assert_eq!(error.code(), Code::QueryDenied, "{error:?}");
}
