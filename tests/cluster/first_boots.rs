//! First boots that go wrong: Backstage before its database, two replicas at once, a database that is killed.

use std::fs;
use std::path::PathBuf;
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use serde_json::Value;

use crate::deployed::{Deployed, STACK};
use crate::kubectl::Namespace;
use crate::skip::skip;
use crate::wait;

/// Backstage that does not come up is started anew after this long.
const IMPATIENT: &str = "backstage:\n  startupSeconds: 60\n";

fn impatient() -> String {
    STACK.replacen("\nbackstage:\n", &format!("\n{IMPATIENT}"), 1)
}

/// The objects as other tools apply them: all at once, so that nothing keeps the replicas from starting together.
#[test]
fn two_replicas_that_start_together_before_their_database_become_ready_by_themselves() {
    let Some(stack) = Deployed::ground("early", &impatient()) else { return };
    let rendered = stack.deploy(&["render", "--output", "json"]);
    assert_eq!(rendered.code, Some(0), "{rendered:?}");
    let mut list: Value = serde_json::from_str(&rendered.stdout).expect("a document");
    let objects = list["items"].as_array_mut().expect("a list");
    let database: Vec<Value> = objects.extract_if(.., |object| object["kind"] == "StatefulSet").collect();
    assert_eq!(database.len(), 1);
    let namespace = &stack.namespace;
    namespace.apply_where_they_say(&list.to_string());
    namespace.until(&["logs", "deployment/backstage", "--container", "wait-for-database"], "waiting for PostgreSQL");
    let ready = ["get", "deployment/backstage", "--output", "jsonpath={.spec.replicas} {.status.readyReplicas}"];
    assert_eq!(namespace.kubectl(&ready), "2 ", "two, and none is ready without a database");

    namespace.apply_where_they_say(&database[0].to_string());
    namespace.rolled_out("deployment/backstage");
    // A busy pod may miss a probe between two looks.
    namespace.until(&ready, "2 2");
    stack.component();
}

#[test]
fn a_database_that_is_killed_during_the_first_boot_heals_without_hands() {
    let Some(stack) = Deployed::ground("killed", &impatient()) else { return };
    let namespace = &stack.namespace;
    thread::scope(|scope| {
        let install = scope.spawn(|| stack.deploy(&["install", "--quiet"]));
        // The container runs, and is not ready: Backstage makes its tables.
        let running = "jsonpath={.items[*].status.containerStatuses[0].state.running.startedAt}";
        let labels = "app.kubernetes.io/name=backstage";
        namespace.until(&["get", "pods", "--selector", labels, "--output", running], "T");
        namespace.kubectl(&["delete", "pod/postgres-0", "--force", "--grace-period=0"]);
        let ended = install.join().expect("it ends");
        assert_eq!(ended.code, Some(0), "{ended:?}");
    });
    stack.component();
}

/// A node that loses its power while the image makes the database: some files of the data directory are there, others never
/// will be.
#[test]
fn a_database_that_is_killed_while_it_is_made_is_made_anew() {
    if std::env::var_os("NEWLEAF_CLUSTER_INSIDE").is_none() {
        skip("cluster", "processes of pods are killed on the test cluster only");
        return;
    }
    let Some(stack) = Deployed::ground("torn", &impatient()) else { return };
    thread::scope(|scope| {
        let install = scope.spawn(|| stack.deploy(&["install", "--quiet"]));
        let uid = stack.namespace.until(&["get", "pod/postgres-0", "--output", "jsonpath={.metadata.uid}"], "-");
        stack.namespace.until(&["get", "pvc/data-postgres-0", "--output", "jsonpath={.status.phase}"], "Bound");
        let volume = volume(&stack.namespace);
        wait::until("the first file of a data directory is there", || has_first_file(&volume));
        kill_processes(&uid);
        let ended = install.join().expect("it ends");
        assert_eq!(ended.code, Some(0), "{ended:?}");
    });
    stack.component();
}

/// Where the node keeps the volume of the database.
fn volume(namespace: &Namespace) -> PathBuf {
    let name = namespace.kubectl(&["get", "pvc/data-postgres-0", "--output", "jsonpath={.spec.volumeName}"]);
    namespace.kubectl(&["get", "pv", &name, "--output", "jsonpath={.spec.local.path}"]).into()
}

fn has_first_file(volume: &PathBuf) -> bool {
    let entries = fs::read_dir(volume).expect("the volume is there").flatten();
    entries.map(|entry| entry.path()).any(|directory| directory.join("PG_VERSION").exists())
}

/// Kills the processes of the pod's containers, but not the one that holds its network.
fn kill_processes(uid: &str) {
    let processes = fs::read_dir("/proc").expect("it is there").flatten();
    let of_pod = processes.filter(|process| {
        let read = |file| fs::read_to_string(process.path().join(file)).unwrap_or_default();
        read("cgroup").contains(uid) && read("comm").trim() != "pause"
    });
    let ids: Vec<i32> = of_pod.filter_map(|process| process.file_name().to_str()?.parse().ok()).collect();
    assert_ne!(ids, Vec::<i32>::new(), "the pod has processes");
    for id in ids {
        // One that has ended meanwhile was the child of another.
        let _gone = kill(Pid::from_raw(id), Signal::SIGKILL);
    }
}
