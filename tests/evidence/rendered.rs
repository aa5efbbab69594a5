//! PostgreSQL of the tested version with the configuration that the deployer renders: started, rotated, and started again on
//! its old data.

use std::fs;
use std::path::Path;

use serde_json::Value;
use stack::document::parse;
use stack::render::render;
use stack::settings::Settings;
use tokio_postgres::NoTls;

use crate::place::{Place, assert_ended};
use crate::support::certificates::Authority;
use crate::support::load::login;

/// Where the rendered pod mounts its leaf and its rules.
const LEAF: &str = "/etc/newleaf";
const RULES: &str = "/etc/postgres";

/// What the pod of the stack gives to PostgreSQL.
struct RenderedServer {
    /// Name and value of each setting.
    settings: Vec<(String, String)>,
    /// The files of its ConfigMap.
    rules: Vec<(String, String)>,
}

impl RenderedServer {
    fn of(version: &str) -> Self {
        let text = format!("database: {{version: {version}, memory: 2Gi, parameters: {{log_lock_waits: 'on'}}}}");
        let document = parse(&text).expect("a document");
        let objects = render(&Settings::of(&document).expect("a valid one"));
        let find = |kind: &str| {
            let found = objects.iter().find(|object| object.kind() == kind && object.name() == "postgres");
            found.expect("the stack has it").value().clone()
        };
        let set = find("StatefulSet");
        let arguments = set.pointer("/spec/template/spec/containers/0/args").and_then(Value::as_array);
        let arguments = arguments.expect("PostgreSQL has arguments").iter().filter_map(Value::as_str);
        let settings = arguments.filter_map(|argument| argument.split_once('=')).map(owned).collect();
        let map = find("ConfigMap");
        let files = map["data"].as_object().expect("it has files").iter();
        let rules = files.map(|(name, text)| owned((name, text.as_str().expect("a text")))).collect();
        Self { settings, rules }
    }

    /// The lines of `postgresql.conf`, with the paths of this machine.
    fn lines(&self, leaf: &Path, rules: &Path) -> String {
        let local = |value: &str| {
            let value = value.replace(LEAF, &leaf.display().to_string());
            value.replace(RULES, &rules.display().to_string())
        };
        let lines = self.settings.iter().map(|(name, value)| format!("{name} = '{}'\n", local(value)));
        // Tests listen on this machine only.
        lines.filter(|line| !line.starts_with("listen_addresses")).collect()
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

async fn ask(place: &Place, files: &Path, query: &str) -> Vec<String> {
    let session = login(&place.database(), files, "test").await.expect("the client's leaf logs in");
    let rows = session.client.query(query, &[]).await.expect("a query");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn the_rendered_configuration_starts_every_version_which_is_rotated_and_started_again_on_its_data() {
    let Some(place) = Place::set_up("").await else { return };
    let version = place.server.version().expect("it says its version");
    let rendered = RenderedServer::of(&version);
    let rules = crate::support::server::readable_directory().expect("a directory");
    for (name, text) in &rendered.rules {
        fs::write(rules.path().join(name), text).expect("it can be written");
    }
    let lines = rendered.lines(&place.newleaf.directory().join("server"), rules.path());
    place.server.add_settings(&lines).expect("it can be written");
    place.server.restart().expect("PostgreSQL starts with what the stack renders");

    let client = place.client();
    assert_eq!(ask(&place, &client, "SELECT error FROM pg_hba_file_rules WHERE error IS NOT NULL").await.len(), 0);
    // PostgreSQL names the source of the two files of rules otherwise; below, their content is seen at work.
    let source =
        "SELECT name FROM pg_settings WHERE source IN ('configuration file', 'override') AND NOT pending_restart";
    let in_force = ask(&place, &client, source).await;
    for (name, _) in &rendered.settings {
        assert!(in_force.contains(name), "{name} is in force: {in_force:?}");
    }
    assert_eq!(ask(&place, &client, "SHOW ssl_min_protocol_version").await, ["TLSv1.3"]);
    ask(&place, &client, "CREATE TABLE kept AS SELECT 'the old row'::text AS line").await;

    // Each way in but the client's leaf is closed.
    let endpoint = place.server.endpoint();
    let plain =
        format!("host={} port={} user=postgres password=postgres dbname=postgres", endpoint.host, endpoint.port);
    let refused = tokio_postgres::connect(&plain, NoTls).await.err().expect("without TLS PostgreSQL refuses");
    assert!(refused.as_db_error().is_some_and(|error| error.code().code() == "28000"), "{refused:?}");
    let socket = place.server.admin("SELECT 1").expect_err("the socket is for PostgreSQL's own user");
    assert!(socket.to_string().contains("Peer authentication failed"), "{socket}");
    let stranger = place.copy_of_client("stranger");
    let leaf = Authority::new("stranger").client("postgres", 1, &[]);
    for file in ["tls.crt", "tls.key"] {
        fs::write(stranger.join(file), leaf.entry(file).expect("a leaf has it")).expect("it can be written");
    }
    assert!(!place.lets_in(&stranger).await, "a leaf of another authority");

    let before = place.serial("server").await;
    assert_ended(&place.run(&["rotate", "--now", "--id", "one"]).await, 0, &[]);
    assert_ne!(place.serial("server").await, before);
    assert_ended(&place.run(&["verify"]).await, 0, &["PostgreSQL opens a session for it"]);

    // The same stack, rendered again, on the old data.
    place.server.stop().expect("it stops");
    let again = RenderedServer::of(&version);
    place.server.add_settings(&again.lines(&place.newleaf.directory().join("server"), rules.path())).expect("written");
    place.server.start().expect("PostgreSQL starts on its old data");
    assert_eq!(ask(&place, &client, "SELECT line FROM kept").await, ["the old row"]);
    assert_ended(&place.run(&["verify"]).await, 0, &[]);
}
