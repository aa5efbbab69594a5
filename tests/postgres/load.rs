//! Rotation while clients log in.

use chrono::DateTime;
use newleaf::host::consumers::HostConsumers;
use rotation::engine::facts::Peer;
use rotation::engine::memory::RunMemory;
use rotation::engine::ports::{Consumers, Expected};

use crate::stage::{LIMIT, Stage, by_signal, picked_up};
use crate::support::load::{Load, login};
use crate::support::wait::until_async;

async fn rotate(stage: &mut Stage, consumers: &HostConsumers) {
    stage.renew_server().await;
    let (snapshot, stored) = stage.stored().await;
    let expected =
        Expected { snapshot: &snapshot, stored: &stored, now: DateTime::UNIX_EPOCH, memory: &RunMemory::default() };
    consumers.pick_up("postgres", expected, LIMIT).await.expect("the server can be signalled");
    let memory = picked_up(Peer::Server, "postgres");
    let expected = Expected { memory: &memory, ..expected };
    consumers.prove("postgres", expected, LIMIT).await.expect("the server shows the new leaf");
}

#[tokio::test]
async fn no_login_fails_while_the_server_is_reloaded_twenty_times() {
    let Some(mut stage) = Stage::set().await else { return };
    let consumers = stage.consumers("postgres", Peer::Server, by_signal());
    let load = Load::start(4, &stage.server.database(), &stage.place.directory.join("client"));
    for _ in 0..20 {
        load.answered(5, LIMIT).await.expect("the clients work");
        rotate(&mut stage, &consumers).await;
    }
    let tally = load.stop().await;
    println!("{} logins, longest gap {:?}", tally.succeeded, tally.longest_gap);
    assert_eq!((tally.failed, tally.errors), (0, Vec::new()));
    assert!(tally.succeeded >= 100, "{}", tally.succeeded);
}

#[tokio::test]
async fn the_load_sees_a_killed_server() {
    let Some(stage) = Stage::set().await else { return };
    let files = stage.place.directory.join("client");
    let load = Load::start(2, &stage.server.database(), &files);
    load.answered(5, LIMIT).await.expect("the clients work");
    stage.server.kill().expect("the server can be killed");
    until_async("the load counts a failure", async || load.tally().failed > 0).await;
    stage.server.start().expect("PostgreSQL recovers");
    load.answered(5, LIMIT).await.expect("the clients recover");
    let tally = load.stop().await;
    assert!(!tally.errors.is_empty() && tally.failed > 0);
    stage.server.restart().expect("PostgreSQL restarts");
    login(&stage.server.database(), &files, "after").await.expect("the client can log in");
}
