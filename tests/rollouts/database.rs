//! A real PostgreSQL pod that reloads, and what happens when it cannot.

use std::fs;

use base::diagnosis::Code;
use base::workload_kind::WorkloadKind;
use rotation::document::cluster::{Choice, ClusterPickup};
use rotation::document::{Database, Endpoint};
use rotation::engine::facts::{Loaded, Peer};
use rotation::engine::material::{Material, SecretBytes};

use crate::ground::{Ground, LIMIT, SHORT};

const POSTGRES: &str = include_str!("../cluster/fixtures/postgres.yaml");

/// PostgreSQL with the ground's leaf, seen through its Service and by its pods.
async fn postgres(test: &str, pickup: ClusterPickup, manifest: &str) -> Option<Ground> {
    let ground = Ground::new(test).await?;
    let choice = Choice::Named("postgres".to_owned());
    let mut ground = ground.consumer("postgres", Peer::Server, pickup, WorkloadKind::StatefulSet, choice);
    publish(&ground);
    ground.runs("statefulset/postgres", manifest);
    let host = ground.namespace.kubectl(&["get", "service/postgres", "--output", "jsonpath={.spec.clusterIP}"]);
    let endpoint = Endpoint { host, port: 5432, server_name: Some("localhost".to_owned()) };
    ground.database =
        Some(Database { endpoints: vec![endpoint], user: "postgres".to_owned(), name: "postgres".to_owned() });
    // A pod is ready before its Service leads to it.
    ground.until("postgres", |loaded| *loaded == Loaded::Current).await;
    Some(ground)
}

/// Writes the server's leaf into its Secret.
fn publish(ground: &Ground) {
    let directory = tempfile::tempdir().expect("a directory can be made");
    for (name, bytes) in &ground.leaves.borrow()[&Peer::Server].entries {
        fs::write(directory.path().join(name), bytes.expose()).expect("a file can be written");
    }
    ground.namespace.put_tls("postgres-tls", directory.path());
}

const fn reload(nudge: bool, fallback: bool) -> ClusterPickup {
    ClusterPickup::Reload { nudge, fallback }
}

#[tokio::test]
async fn a_reload_waits_for_the_files_and_is_proven_on_every_endpoint() {
    for (test, nudge) in [("reloads", false), ("nudged", true)] {
        let Some(ground) = postgres(test, reload(nudge, false), POSTGRES).await else { return };
        let pods = ground.of_pods(".metadata.uid");
        ground.renew(Peer::Server, 0x102);
        let before = ground.loaded("postgres").await;
        assert!(
            matches!(&before, Loaded::Stale(why) if why.contains("serves serial 0101, stored is 0102")),
            "{before:?}"
        );
        publish(&ground);
        ground.roll("postgres", LIMIT).await.expect("the server loads what is stored");
        assert_eq!(ground.loaded("postgres").await, Loaded::Current);
        assert_eq!(ground.of_pods(".metadata.uid"), pods, "no pod was replaced");
        let nudges = ground.of_pods(".metadata.annotations.newleaf\\.dev/projected");
        assert_eq!(nudges, [if nudge { ground.hash(Peer::Server) } else { String::new() }]);
    }
}

/// It runs with what it has loaded, no Service leads to it, and it is asked nothing: soon it may serve all the same.
#[tokio::test]
async fn a_pod_that_is_not_ready_keeps_the_others_from_proving_the_whole_server() {
    let probe = "          tcpSocket: {port: postgres}\n";
    let service = "  serviceName: postgres\n";
    assert!(POSTGRES.contains(probe) && POSTGRES.contains(service));
    let manifest = POSTGRES
        .replace(probe, "          exec: {command: [test, '!', -e, /tmp/unready]}\n")
        .replace(service, "  serviceName: postgres\n  replicas: 2\n");
    let Some(ground) = postgres("half-ready", reload(true, false), &manifest).await else { return };
    ground.namespace.kubectl(&["exec", "postgres-1", "--", "touch", "/tmp/unready"]);
    ground.namespace.kubectl(&["wait", "--for=condition=Ready=false", "pod/postgres-1", "--timeout=90s"]);
    ground.renew(Peer::Server, 0x102);
    publish(&ground);
    let failure = ground.fails("postgres", SHORT).await;
    assert!(failure.to_string().contains("postgres-1") && failure.to_string().contains("not ready"), "{failure}");
    let loaded = ground.loaded("postgres").await;
    assert!(matches!(&loaded, Loaded::Unknown(unusable) if unusable.why.contains("postgres-1")), "{loaded:?}");
    ground.namespace.kubectl(&["exec", "postgres-1", "--", "rm", "/tmp/unready"]);
    ground.namespace.rolled_out("statefulset/postgres");
    ground.roll("postgres", LIMIT).await.expect("both load what is stored");
    assert_eq!(ground.loaded("postgres").await, Loaded::Current);
}

#[tokio::test]
async fn a_restarted_server_is_proven_by_handshakes() {
    let Some(ground) = postgres("restarted", ClusterPickup::Restart, POSTGRES).await else { return };
    ground.renew(Peer::Server, 0x102);
    publish(&ground);
    ground.roll("postgres", LIMIT).await.expect("the server loads what is stored");
    assert_eq!(ground.loaded("postgres").await, Loaded::Current);
}

#[tokio::test]
async fn files_that_never_arrive_lead_to_a_restart_only_where_it_is_wanted() {
    // Files that are mounted one by one never change in a pod.
    let mounts: String = ["tls.crt", "tls.key", "ca.crt"]
        .map(|key| format!("        - {{name: tls, mountPath: /etc/newleaf/{key}, subPath: {key}, readOnly: true}}\n"))
        .concat();
    let whole = "        - {name: tls, mountPath: /etc/newleaf, readOnly: true}\n";
    assert!(POSTGRES.contains(whole));
    let manifest = POSTGRES.replace(whole, &mounts);
    let Some(ground) = postgres("subpath", reload(false, false), &manifest).await else { return };
    ground.renew(Peer::Server, 0x102);
    publish(&ground);
    let failure = ground.fails("postgres", SHORT).await;
    assert_eq!(failure.code(), Code::FilesNotProjected, "{failure}");
    let choice = Choice::Named("postgres".to_owned());
    let ground = ground.consumer("with-fallback", Peer::Server, reload(false, true), WorkloadKind::StatefulSet, choice);
    ground.roll("with-fallback", LIMIT).await.expect("it is restarted");
    assert_eq!(ground.loaded("with-fallback").await, Loaded::Current);
}

#[tokio::test]
async fn a_refused_reload_is_found_and_never_followed_by_a_restart() {
    let Some(ground) = postgres("refused", reload(true, true), POSTGRES).await else { return };
    let pods = ground.of_pods(".metadata.uid");
    ground.renew(Peer::Server, 0x102);
    let other: Material = ground.authority.server(0x103, &[&ground.authority]);
    let key = SecretBytes::new(other.entry("tls.key").expect("it has a key").to_vec());
    ground.leaves.borrow_mut().get_mut(&Peer::Server).expect("it is stored").entries.insert("tls.key".to_owned(), key);
    publish(&ground);
    let failure = ground.fails("postgres", LIMIT).await;
    assert_eq!(failure.code(), Code::ReloadRefused, "{failure}");
    assert_eq!(ground.of_pods(".metadata.uid"), pods, "no pod was replaced");
}
