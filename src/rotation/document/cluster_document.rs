//! The document of a cluster: the keys that a ConfigMap may have. newleaf trusts the writers of a ConfigMap with the workloads
//! and Secrets of its namespace, but not with the machines that read it. So it has no key for a directory, a command, a
//! process, or the owner of a file.

use base::layers::tree::{Tree, TreeValue};

use crate::document::error::ConfigurationError;

/// All that a cluster may say. `[]` is a list and a place in it, and `*` stands for every key of a map. A command is a list, so
/// that `consumers[].fallback.restart` is `true` or `false` here.
const ALLOWED: [&str; 25] = [
    "apiVersion",
    "kind",
    "namespace",
    "authority.*",
    "leaf.*",
    "server.secret",
    "server.keys.*",
    "server.names[]",
    "client.secret",
    "client.keys.*",
    "client.name",
    "consumers[].name",
    "consumers[].loads",
    "consumers[].pickup",
    "consumers[].database",
    "consumers[].fallback.restart",
    "consumers[].workload",
    "consumers[].selector",
    "consumers[].namespace",
    "consumers[].nudge",
    "database.endpoints[]",
    "database.user",
    "database.name",
    "database.serverName",
    "deadlines.*",
];

/// Refuses what only a file of a machine may say.
pub(super) fn check(tree: &Tree) -> Result<(), ConfigurationError> {
    for (path, origin, value) in tree.places() {
        let list = if matches!(value.value, TreeValue::List(_)) { "[]" } else { "" };
        let pattern = format!("{}{list}", path.pattern());
        if !ALLOWED.iter().any(|allowed| is_covered(&pattern, allowed)) {
            return Err(ConfigurationError::OfMachine { place: origin.place(), key: path.to_string() });
        }
    }
    Ok(())
}

/// Whether a place is what is allowed, or leads to it.
fn is_covered(pattern: &str, allowed: &str) -> bool {
    if let Some((map, "")) = allowed.rsplit_once('*')
        && let Some(key) = pattern.strip_prefix(map)
    {
        return !key.contains(['.', '[']);
    }
    match allowed.strip_prefix(pattern) {
        Some(rest) => rest.is_empty() || rest.starts_with(['.', '[']),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use base::diagnosis::{Code, Diagnose};
    use base::layers::origin::Origin;

    use crate::document::error::ConfigurationError;
    use crate::document::file::{parse, parse_config_map, parse_of_cluster, settings};
    use crate::document::keys::{KEYS, OF_DIRECTORIES};
    use crate::document::resolve::Environment;
    use crate::document::resolve::{resolve, resolve_in_cluster};
    use crate::document::shape;
    use crate::document::written::write;

    const WHOLE: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
namespace: backstage
authority: {secret: ca, certificate: tls.crt, key: tls.key, chain: ca.crt}
leaf: {lifetime: 20d, rotateAfter: 10d, backdate: 2h, algorithm: ed25519}
server: {secret: s, keys: {certificate: a, key: b, bundle: c}, names: [db.example.org]}
client: {secret: c, keys: {certificate: a, key: b, bundle: c}, name: postgres}
consumers:
- {name: postgres, loads: server, pickup: reload, database: true, workload: statefulset/postgres, nudge: true, fallback: {restart: true}}
- {name: backstage, loads: client, pickup: restart, workload: deployment, selector: app=a, namespace: portal}
- {name: reports, loads: client, pickup: login}
database: {endpoints: [db.example.org:5433], user: postgres, name: postgres, serverName: db.example.org}
deadlines: {step: 5m, run: 10m, projection: 2m}
";

    fn path() -> &'static Path {
        Path::new("ConfigMap backstage/newleaf, newleaf.yaml")
    }

    #[test]
    fn what_both_documents_may_say_means_the_same_in_both() {
        let of_cluster = parse_of_cluster(path(), WHOLE).expect("a cluster may say it");
        let of_machine = parse(path(), WHOLE).expect("a file may say it");
        let resolved = resolve_in_cluster(&of_cluster, "backstage").expect("it is valid");
        assert_eq!(resolved, resolve(&of_machine, Environment::default()).expect("it is valid"));
    }

    #[test]
    fn a_cluster_may_say_every_key_but_those_of_directories() {
        for key in KEYS.iter().filter(|key| key.path != "consumers") {
            let layer = settings(&[(key.path, "a".to_owned(), Origin::Default)]).expect("a text");
            let file = shape::read(&layer).expect("it has the shape");
            let document = write(&file).expect("it can be written");
            let parsed = parse_of_cluster(path(), &document);
            let is_of_directories = key.is_in(&OF_DIRECTORIES);
            assert_eq!(parsed.is_err(), is_of_directories, "{}: {parsed:?}", key.path);
            if let Err(error) = parsed {
                assert_eq!(error.code(), Code::ConfigurationForeign, "{}", key.path);
            }
        }
    }

    #[test]
    fn what_neither_document_may_say_is_told_as_such() {
        let error = parse_of_cluster(path(), &WHOLE.replace("deadlines:", "deadline:")).expect_err("a wrong key");
        assert!(
            matches!(&error, ConfigurationError::Shape { place, .. } if place.contains("newleaf.yaml:13")),
            "{error}"
        );
    }

    #[test]
    fn a_config_map_speaks_of_its_own_namespace() {
        assert!(parse_config_map(path(), WHOLE, "backstage").is_ok());
        let unnamed = WHOLE.replace("namespace: backstage\n", "");
        assert!(parse_config_map(path(), &unnamed, "backstage").is_ok());
        let error = parse_config_map(path(), WHOLE, "other").expect_err("it is another's");
        assert_eq!(error.code(), Code::ConfigurationForeign);
        assert!(error.hint().is_some_and(|hint| hint.contains("--namespace backstage")), "{error}");
    }
    #[test]
    fn a_cluster_says_nothing_about_processes_however_it_is_written() {
        let consumers = [
            ("{name: a, loads: client, pickup: restart, command: [sh]}", "consumers[0].command"),
            ("{name: a, loads: client, pickup: restart, command: []}", "consumers[0].command"),
            ("{name: a, loads: server, pickup: reload, signal: true}", "consumers[0].signal"),
            ("{name: a, loads: server, pickup: reload, signal: false}", "consumers[0].signal"),
            ("{name: a, loads: server, pickup: reload, pidFile: /run/pid}", "consumers[0].pidFile"),
            ("{name: a, loads: server, pickup: reload, pidFile: ~}", "consumers[0].pidFile"),
            ("{name: a, loads: server, pickup: reload, fallback: {restart: [sh]}}", "consumers[0].fallback.restart"),
            ("{<<: {command: [sh]}, name: a, loads: client, pickup: restart}", "consumers[0].command"),
        ]
        .map(|(consumer, key)| (format!("consumers: [{consumer}]"), key));
        let places = [
            ("directory: /etc", "directory"),
            ("directory: ~", "directory"),
            ("\"directory\": /etc", "directory"),
            ("server: {files: {}}", "server.files"),
            ("server: {files: ~}", "server.files"),
            ("client: {files: {owner: root}}", "client.files"),
        ]
        .map(|(text, key)| (text.to_owned(), key));
        for (text, key) in consumers.into_iter().chain(places) {
            let document = format!("apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\n{text}\n");
            assert!(parse(path(), &document).is_ok(), "{text}");
            let error = parse_of_cluster(path(), &document).expect_err(&text);
            assert_eq!(error.code(), Code::ConfigurationForeign, "{text}: {error}");
            assert!(error.to_string().ends_with(&format!("may say: {key}")), "{text}: {error}");
        }
    }

    #[test]
    fn an_empty_command_is_a_command() {
        let text = WHOLE.replace("restart: true", "restart: []");
        assert!(parse(path(), &text).is_ok());
        assert!(parse_of_cluster(path(), &text).is_err(), "a cluster restarts by itself");
    }
}
