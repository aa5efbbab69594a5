//! First boots that go wrong: Backstage before its database, two replicas at once, a database that is killed.

use std::thread;

use serde_json::Value;

use crate::deployed::{Deployed, STACK};

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
    assert_eq!(namespace.kubectl(&ready), "2 2");
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
