//! The document of a cluster: the keys that a ConfigMap may have. newleaf trusts the writers of a ConfigMap with the workloads
//! and Secrets of its namespace, but not with the machines that read it. So it has no key for a directory, a command, a
//! process, or the owner of a file.

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::document::shape::{
    ApiVersion, AuthorityFile, ClientFile, ConsumerFile, DatabaseFile, DeadlinesFile, FallbackFile,
    FallbackRestartFile, File, FilesFile, KeysFile, Kind, LeafFile, LoadsFile, PickupFile, ServerFile, SpannedText,
};

/// The configuration of newleaf as it is kept in a cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ClusterFile {
    #[serde(rename = "apiVersion")]
    version: ApiVersion,
    kind: Kind,
    pub(super) namespace: Option<SpannedText>,
    #[serde(default)]
    authority: AuthorityFile,
    #[serde(default)]
    leaf: LeafFile,
    #[serde(default)]
    server: ClusterServerFile,
    #[serde(default)]
    client: ClusterClientFile,
    consumers: Option<Spanned<Vec<ClusterConsumerFile>>>,
    #[serde(default)]
    database: DatabaseFile,
    #[serde(default)]
    deadlines: DeadlinesFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClusterServerFile {
    secret: Option<SpannedText>,
    #[serde(default)]
    keys: KeysFile,
    names: Option<Vec<SpannedText>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClusterClientFile {
    secret: Option<SpannedText>,
    #[serde(default)]
    keys: KeysFile,
    name: Option<SpannedText>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClusterConsumerFile {
    name: String,
    loads: LoadsFile,
    pickup: PickupFile,
    #[serde(default)]
    database: bool,
    fallback: Option<ClusterFallbackFile>,
    workload: Option<String>,
    selector: Option<String>,
    namespace: Option<String>,
    #[serde(default)]
    nudge: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClusterFallbackFile {
    restart: bool,
}

/// Converts the document of a cluster, which has a part of the keys of a file on a machine.
impl From<ClusterFile> for File {
    fn from(file: ClusterFile) -> Self {
        let ClusterFile { version, kind, namespace, authority, leaf, server, client, consumers, database, deadlines } =
            file;
        let consumers = consumers.map(|Spanned { value, referenced, defined }| {
            Spanned::new(value.into_iter().map(ConsumerFile::from).collect(), referenced, defined)
        });
        let ClusterServerFile { secret, keys, names } = server;
        let server = ServerFile { secret, keys, names, files: FilesFile::default() };
        let ClusterClientFile { secret, keys, name } = client;
        let client = ClientFile { secret, keys, name, files: FilesFile::default() };
        Self {
            version,
            kind,
            directory: None,
            namespace,
            authority,
            leaf,
            server,
            client,
            consumers,
            database,
            deadlines,
        }
    }
}

impl From<ClusterConsumerFile> for ConsumerFile {
    fn from(file: ClusterConsumerFile) -> Self {
        let ClusterConsumerFile { name, loads, pickup, database, fallback, workload, selector, namespace, nudge } =
            file;
        let restart = |fallback: ClusterFallbackFile| FallbackRestartFile::Rollout(fallback.restart);
        let fallback = fallback.map(|fallback| FallbackFile { restart: restart(fallback) });
        Self {
            name,
            loads,
            pickup,
            signal: false,
            command: None,
            database,
            pid_file: None,
            fallback,
            workload,
            selector,
            namespace,
            nudge,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use base::diagnosis::{Code, Diagnose};

    use crate::document::error::{ConfigurationError, Origin};
    use crate::document::file::{parse, parse_config_map, parse_of_cluster};
    use crate::document::keys::Key;
    use crate::document::layers::Layers;
    use crate::document::resolve::Environment;
    use crate::document::resolve::{resolve, resolve_in_cluster};
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
