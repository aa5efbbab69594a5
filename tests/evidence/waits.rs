//! What a wait ends with: a server that does not come up after its fallback has loaded nothing.

use std::fs;

use crate::place::{Place, assert_ended};

#[tokio::test]
async fn a_server_that_stays_down_after_its_fallback_restart_is_not_proved() {
    let Some(place) = Place::set_up("").await else { return };
    // The server reads copies that nothing renews, and the fallback only stops it, and says that all is well.
    let copies = place.newleaf.directory().join("copies");
    fs::create_dir(&copies).expect("it can be made");
    let copy = format!("cp -rpL {0}/server/. {0}/copies", place.newleaf.directory().display());
    assert!(std::process::Command::new("sh").args(["-c", &copy]).status().expect("there is a shell").success());
    let file = |name: &str| copies.join(name).display().to_string();
    let settings = format!(
        "ssl_cert_file = '{}'\nssl_key_file = '{}'\nssl_ca_file = '{}'",
        file("tls.crt"),
        file("tls.key"),
        file("ca.crt")
    );
    place.server.add_settings(&settings).expect("it can be written");
    place.server.reload().expect("the server reloads");
    let stop = place.server.restart_command().join(" ").replace(" restart ", " stop ");
    let configuration = place.newleaf.directory().join("newleaf.yaml");
    let text = fs::read_to_string(&configuration).expect("it is there");
    let signal = format!("pidFile: {}}}", place.pid_file());
    let with_fallback = format!("pidFile: {}, fallback: {{restart: [sh, -c, \"{stop}\"]}}}}", place.pid_file());
    assert!(text.contains(&signal));
    fs::write(&configuration, text.replace(&signal, &with_fallback)).expect("it can be written");
    let rotate = place.run(&["rotate", "--now", "--id", "one"]).await;
    assert_ended(&rotate, 5, &["NL0408", "does not run after its restart"]);
    assert_eq!(place.restarts(), 0, "no client is restarted against a server that is down");
}
