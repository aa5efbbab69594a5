//! An endpoint that answers runs, one that does not proves nothing, and each address of a name is an endpoint.

use std::fs;
use std::process::Stdio;

use nix::unistd::geteuid;

use crate::place::{CERTIFICATES_ONLY, Place, assert_ended};
use crate::support::server::PostgresServer;
use crate::support::site::SERVER_NAME;
use crate::support::skip::skip;
use crate::support::wait::until;

#[tokio::test]
async fn a_pid_file_that_was_never_there_is_no_sign_of_a_stopped_server() {
    let Some(place) = Place::set_up("").await else { return };
    place.configure("", "/var/lib/postgresql/1/main/postmaster.pid");
    for arguments in [&["rotate", "--now", "--id", "one"][..], &["rotate", "--now", "--authority", "--id", "two"]] {
        assert_ended(&place.run(arguments).await, 78, &["NL0320", "has never seen it"]);
        assert!(place.lets_in(&place.client()).await, "every client still gets in");
    }
    assert_ended(&place.run(&["status", "--exit-code"]).await, 3, &["ConsumerStale"]);
    let verify = place.run(&["verify"]).await;
    assert_ended(&verify, 5, &["serves serial"]);
    place.configure("", &place.pid_file());
    assert_ended(&place.run(&["rotate"]).await, 0, &[]);
    assert_ended(&place.run(&["verify"]).await, 0, &[]);
}

#[tokio::test]
async fn a_dead_endpoint_keeps_no_leaf_from_being_replaced_on_the_others() {
    let Some(place) = Place::set_up("").await else { return };
    // Another address of this host, where this port is free as long as the server has it.
    let dead = format!("127.0.0.9:{}", place.server.endpoint().port);
    place.configure_endpoints("", &place.pid_file(), &[place.endpoint(), dead.clone()]);
    let before = (place.serial("server").await, place.serial("client").await);
    let rotate = place.run(&["rotate", "--now", "--id", "one"]).await;
    assert_ended(&rotate, 75, &["NL0401", &dead]);
    let rest = place.run(&["rotate", "--now", "--id", "one"]).await;
    assert_ended(&rest, 75, &["NL0401", &dead]);
    let after = (place.serial("server").await, place.serial("client").await);
    assert!(before.0 != after.0 && before.1 != after.1, "both leaves are new");
    assert_eq!(place.restarts(), 1);
    assert!(place.lets_in(&place.client()).await);
    assert_ended(&place.run(&["verify"]).await, 75, &[&dead]);
}

#[tokio::test]
async fn a_further_root_of_the_operators_stops_no_leaf_and_is_named() {
    let Some(place) = Place::set_up("").await else { return };
    let files = place.newleaf.directory().join("server");
    let company = crate::support::certificates::Authority::new("company root");
    let all = place.newleaf.directory().join("all.crt");
    let bundle = fs::read_to_string(files.join("ca.crt")).expect("it is there");
    fs::write(&all, format!("{bundle}{}", company.pem())).expect("it can be written");
    place.server.add_settings(&format!("ssl_ca_file = '{}'", all.display())).expect("it can be written");
    place.server.reload().expect("the server reloads");
    let before = (place.serial("server").await, place.serial("client").await);
    assert_ended(&place.run(&["rotate", "--now", "--id", "one"]).await, 0, &[]);
    let after = (place.serial("server").await, place.serial("client").await);
    assert!(before.0 != after.0 && before.1 != after.1, "both leaves are new");
    assert_ended(&place.run(&["rotate"]).await, 0, &["nothing"]);
    let status = place.run(&["status"]).await;
    assert_ended(&status, 0, &["TrustUnknown", "/CN=company root", "all.crt, which is not what is stored"]);
}

#[tokio::test]
async fn every_address_of_a_name_is_proved() {
    if !geteuid().is_root() {
        return skip("a name with two addresses", "it takes root to give a process a hosts file of its own");
    }
    let Some(place) = Place::set_up("").await else { return };
    // The second address of the name is a server that nothing reloads.
    place.server.add_settings("listen_addresses = '127.0.0.2'").expect("it can be written");
    place.server.restart().expect("the server starts");
    let files = place.newleaf.directory().join("server");
    let settings = format!("listen_addresses = '127.0.0.3'\nport = {}", place.server.endpoint().port);
    let other = PostgresServer::start_as(&files, &settings, CERTIFICATES_ONLY).expect("PostgreSQL starts");
    let name = format!("{SERVER_NAME}:{}", place.server.endpoint().port);
    place.configure_endpoints("", &place.pid_file(), &[name]);
    let hosts = place.newleaf.directory().join("hosts");
    fs::write(&hosts, format!("127.0.0.2 {SERVER_NAME}\n127.0.0.3 {SERVER_NAME}\n")).expect("it can be written");
    let run = |arguments: &[&str]| {
        let script = "mount --bind \"$0\" /etc/hosts && exec \"$@\"";
        let mut command = std::process::Command::new("unshare");
        command.args(["--mount", "sh", "-c", script]).arg(&hosts).arg(project::program());
        let output = command.args(place.newleaf.arguments(arguments)).stdin(Stdio::null()).output();
        let output = output.expect("unshare is there");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    };
    let (code, text) = run(&["rotate", "--now", "--authority", "--id", "roll"]);
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("127.0.0.3"), "{text}");
    let (code, text) = run(&["verify"]);
    assert!(code == Some(5) && text.contains("127.0.0.3"), "{code:?}: {text}");
    other.reload().expect("the other server reloads");
    let state = |text: &str| {
        let status: serde_json::Value = serde_json::from_str(text).expect("status is JSON");
        let consumers = status["facts"]["consumers"].as_array().expect("consumers").clone();
        let server = consumers.into_iter().find(|consumer| consumer["name"] == "postgres").expect("the server");
        server["loaded"]["state"].as_str().unwrap_or_default().to_owned()
    };
    until("both addresses show what is stored", || state(&run(&["status", "--output", "json"]).1) == "current");
}

#[tokio::test]
async fn a_server_with_another_group_than_ours_is_named_with_the_groups_that_newleaf_speaks() {
    let Some(place) = Place::set_up("").await else { return };
    place.server.add_settings("ssl_ecdh_curve = 'secp521r1'").expect("it can be written");
    place.server.reload().expect("the server reloads");
    for arguments in [&["rotate"][..], &["rotate", "--now", "--id", "one"], &["verify"]] {
        assert_ended(&place.run(arguments).await, 5, &["secp256r1", "the server wants another group"]);
    }
}
