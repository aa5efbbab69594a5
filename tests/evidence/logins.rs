//! A login that was refused, or that could not be tried, proves nothing.

use crate::place::{CERTIFICATES_ONLY, Place, assert_ended};
use crate::support::load::login;

#[tokio::test]
async fn a_login_that_pg_hba_refuses_is_no_proof_that_no_old_session_is_open() {
    let Some(place) = Place::set_up("").await else { return };
    assert_ended(&place.run(&["rotate", "--now", "--id", "zero"]).await, 0, &[]);
    let old = login(&place.database(), &place.client(), "old").await.expect("the client can log in");
    place.server.set_access("hostssl all all 127.0.0.1/32 reject").expect("the server reloads");
    let before = place.serial("client").await;
    let rotate = place.run(&["rotate", "--now", "--id", "one"]).await;
    assert_ended(&rotate, 77, &["NL0405", "pg_hba.conf rejects connection"]);
    assert_eq!(place.serial("client").await, before, "what PostgreSQL does not let in is not written");
    assert_eq!(place.restarts(), 1);
    assert_ended(&place.run(&["verify"]).await, 77, &["NL0405"]);
    assert_ended(&place.run(&["status", "--exit-code"]).await, 3, &["LoginUnproved", "ConsumerUnknown"]);
    drop(old);
    place.server.set_access(CERTIFICATES_ONLY).expect("the server reloads");
    assert_ended(&place.run(&["rotate", "--now", "--id", "one"]).await, 0, &[]);
    assert_ended(&place.run(&["verify"]).await, 0, &["PostgreSQL opens a session for it"]);
}

#[tokio::test]
async fn a_role_whose_connections_are_all_taken_is_temporary_and_proves_nothing() {
    let Some(place) = Place::set_up("client: {name: backstage}").await else { return };
    place.server.admin("CREATE ROLE backstage LOGIN SUPERUSER CONNECTION LIMIT 1").expect("the operator makes a role");
    place.server.admin("ALTER ROLE backstage NOSUPERUSER").expect("limits do not count for superusers");
    let mut database = place.database();
    database.user = "backstage".to_owned();
    let old = login(&database, &place.client(), "old pool").await.expect("the client can log in");
    let rotate = place.run(&["rotate", "--now", "--id", "one"]).await;
    assert_ended(&rotate, 75, &["NL0414", "too many connections for role"]);
    assert_eq!(place.restarts(), 0, "the application is not restarted for a leaf that no login has proved");
    assert_ended(&place.run(&["verify"]).await, 75, &["NL0414"]);
    drop(old);
    place.server.admin("ALTER ROLE backstage CONNECTION LIMIT 9").expect("the operator lifts the limit");
    assert_ended(&place.run(&["rotate", "--now", "--id", "one"]).await, 0, &[]);
    assert_eq!(place.restarts(), 1);
}

#[tokio::test]
async fn an_authority_stays_while_a_password_beside_the_certificate_keeps_us_from_its_sessions() {
    let Some(place) = Place::set_up("").await else { return };
    let old = login(&place.database(), &place.client(), "old").await.expect("the client can log in");
    place.server.set_access("hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca").expect("it reloads");
    let rollover = place.run(&["rotate", "--now", "--authority", "--id", "roll"]).await;
    assert_ended(&rollover, 77, &["NL0405"]);
    assert_eq!(place.generations().await, 1, "no rollover begins where its end could not be seen");
    drop(old);
    place.server.set_access(CERTIFICATES_ONLY).expect("the server reloads");
    assert_ended(&place.run(&["rotate", "--now", "--authority", "--id", "roll"]).await, 0, &["remove generation 1"]);
    assert!(place.lets_in(&place.client()).await);
}

#[tokio::test]
async fn a_server_without_a_free_connection_is_tried_again_and_not_given_up() {
    let Some(place) = Place::set_up("").await else { return };
    place.server.add_settings("max_connections = 4\nsuperuser_reserved_connections = 1").expect("it can be written");
    place.server.restart().expect("the server starts");
    let mut taken = Vec::new();
    while let Ok(login) = login(&place.database(), &place.client(), "taken").await {
        taken.push(login);
    }
    assert!(!taken.is_empty());
    assert_ended(&place.run(&["rotate", "--now", "--id", "one"]).await, 75, &["NL0414", "too many clients"]);
    taken.clear();
    assert_ended(&place.run(&["rotate", "--now", "--id", "one"]).await, 0, &[]);
}

#[tokio::test]
async fn an_application_is_restarted_once_for_one_leaf_however_long_a_strangers_session_lives() {
    let Some(place) = Place::set_up("").await else { return };
    let stranger = login(&place.database(), &place.client(), "stranger").await.expect("the client can log in");
    let rotate = place.run(&["rotate", "--now", "--id", "one"]).await;
    assert_ended(&rotate, 5, &["NL0408", "is still open with another serial"]);
    for _ in 0..3 {
        assert_ended(&place.run(&["rotate"]).await, 5, &["NL0408", "stranger"]);
    }
    assert_eq!(place.restarts(), 1);
    drop(stranger);
    assert_ended(&place.run(&["rotate"]).await, 0, &[]);
    assert_eq!(place.restarts(), 1);
}

#[tokio::test]
async fn a_session_does_not_show_which_of_two_clients_has_loaded_the_leaf() {
    let Some(place) = Place::set_up("").await else { return };
    place.configure_consumers(
        "- {name: one, loads: client, pickup: reload, command: [/bin/true]}\n\
         - {name: two, loads: client, pickup: restart, command: [/bin/true]}\n",
    );
    assert_ended(&place.run(&["rotate", "--now", "--id", "first"]).await, 0, &[]);
    let _two = login(&place.database(), &place.client(), "two").await.expect("the client can log in");
    let rollover = place.run(&["rotate", "--now", "--authority", "--id", "roll"]).await;
    assert_ended(&rollover, 5, &["NL0204", "generation 1 of the authority stays"]);
    assert!(place.generations().await > 1, "the authority that client one may still have loaded stays");
    assert_ended(&place.run(&["verify"]).await, 5, &[]);
}

#[tokio::test]
async fn a_client_that_a_pid_file_calls_ended_and_that_has_a_session_open_is_not_proved() {
    let Some(place) = Place::set_up("").await else { return };
    let mut ended = std::process::Command::new("true").spawn().expect("it starts");
    ended.wait().expect("it ends");
    let pid_file = place.newleaf.directory().join("app.pid");
    std::fs::write(&pid_file, ended.id().to_string()).expect("it can be written");
    place.configure_consumers(&format!(
        "- {{name: app, loads: client, pickup: reload, signal: true, pidFile: {}}}\n",
        pid_file.display()
    ));
    let old = login(&place.database(), &place.client(), "app").await.expect("the client can log in");
    let rotate = place.run(&["rotate", "--now", "--id", "one"]).await;
    assert_ended(&rotate, 5, &["it seems not to run", "still open with another serial"]);
    assert_ended(&place.run(&["verify"]).await, 5, &["it seems not to run"]);
    drop(old);
    assert_ended(&place.run(&["rotate"]).await, 0, &[]);
}
