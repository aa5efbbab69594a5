//! A server whose configuration names a generation itself, as `readlink -f` or a mount of the link leaves it.

use std::fs;

use crate::support::program::Newleaf;
use crate::support::server::{PostgresServer, readable_directory};
use crate::support::site::{ServerPickup, bootstrap_arguments, configuration};

#[tokio::test]
async fn b16_a_generation_that_the_server_still_reads_stays_and_the_error_names_both_paths() {
    if !PostgresServer::is_available() {
        return;
    }
    let directory = readable_directory().expect("a temporary directory can be made");
    let newleaf = Newleaf::new(project::program(), directory.path());
    let bootstrap: Vec<String> = bootstrap_arguments();
    newleaf.ask(&bootstrap.iter().map(String::as_str).collect::<Vec<_>>()).await.expect("it makes everything");
    let resolved = fs::canonicalize(directory.path().join("server")).expect("there is a generation");
    let server = PostgresServer::start_with_tls(&resolved).expect("PostgreSQL starts");
    let text = configuration(&server, ServerPickup::Reload) + "deadlines: {step: 4s, run: 30s}\n";
    fs::write(directory.path().join("newleaf.yaml"), text).expect("it can be written");
    for id in ["one", "two", "three"] {
        let ended = newleaf.run(&["rotate", "--now", "--id", id]).await.expect("the program starts");
        assert_eq!(ended.code(), 5, "{}", ended.errors);
        let read = resolved.join("tls.crt").display().to_string();
        let written = directory.path().join("server/tls.crt").display().to_string();
        for part in ["error[NL0408]", &read, &written] {
            assert!(ended.errors.contains(part), "{part}: {}", ended.errors);
        }
    }
    server.restart().expect("the files that its configuration names are still there");
    // Once its configuration names the link, the former generations go.
    let settings = server.settings_file();
    let named = fs::read_to_string(&settings).expect("it is there");
    let link = directory.path().join("server");
    fs::write(&settings, named.replace(&resolved.display().to_string(), &link.display().to_string()))
        .expect("it is ours");
    server.reload().expect("it reads its settings again");
    let ended = newleaf.run(&["rotate", "--now", "--id", "four"]).await.expect("the program starts");
    assert_eq!(ended.code(), 0, "{}", ended.errors);
    assert!(newleaf.run(&["verify"]).await.expect("the program starts").status.success());
}
