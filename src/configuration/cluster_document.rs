//! The document of a cluster: what may be said in a ConfigMap. Its writers are trusted with the workloads and the
//! Secrets of that namespace, and not with the machines it is read on: so it has no word for a directory, a command, a
//! process, or the owner of a file.

use crate::configuration::error::ConfigurationError;
use crate::layers::tree::Tree;

/// All that a cluster may say. `[]` is a place in a list, and `*` stands for every key of a map. A command is a list, so that
/// `consumers[].fallback.restart` is `true` or `false` here.
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
    for (path, origin) in tree.places() {
        let pattern = path.pattern();
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

    use crate::configuration::error::{ConfigurationError, Origin};
    use crate::configuration::file::{parse, parse_config_map, parse_of_cluster};
    use crate::configuration::keys::Key;
    use crate::configuration::layers::Layers;
    use crate::configuration::resolve::Environment;
    use crate::configuration::resolve::{resolve, resolve_in_cluster};
    use crate::configuration::written::write;
    use crate::diagnosis::{Code, Diagnose};

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
        for key in Key::ALL.iter().filter(|key| **key != Key::Consumers) {
            let mut layers = Layers::default();
            layers.set_text(*key, "a", Origin::Default).expect("a text");
            let document = write(&layers, "backstage").expect("it can be written");
            let parsed = parse_of_cluster(path(), &document);
            let is_of_directories = Key::OF_DIRECTORIES.contains(key);
            assert_eq!(parsed.is_err(), is_of_directories, "{}: {parsed:?}", key.path());
            if let Err(error) = parsed {
                assert_eq!(error.code(), Code::ConfigurationForeign, "{}", key.path());
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
}
