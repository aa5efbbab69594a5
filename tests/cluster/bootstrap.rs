//! The bootstrap Job: with plain kubectl in any order, again at each upgrade, several at once.

use serde_json::{Value, json};

use crate::installed::Installed;
use crate::wait::until;

const SERVER: &str = "
- {name: postgres, loads: server, pickup: reload, nudge: true, workload: statefulset/postgres}
";
const SECRETS: [&str; 3] = ["secret/newleaf-authority", "secret/postgres-tls", "secret/backstage-tls"];

#[test]
fn postgres_that_was_there_first_starts_when_bootstrap_has_made_its_secret() {
    let Some(installed) = Installed::nowhere("order") else { return };
    let namespace = &installed.namespace;
    namespace.apply(include_str!("fixtures/postgres.yaml"));
    let pod = ["get", "pods", "--output", "jsonpath={.items[*].status.phase}"];
    namespace.until(&pod, "Pending");
    installed.configure(SERVER, "", &[]);
    namespace.rolled_out("statefulset/postgres");
    // Its port is open while PostgreSQL still starts, and newleaf says then that another try is worth it.
    let mut verified = installed.newleaf(&["verify"]);
    until("PostgreSQL takes sessions", || {
        let starting = verified.code == Some(75);
        if starting {
            verified = installed.newleaf(&["verify"]);
        }
        !starting
    });
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[test]
fn an_upgrade_changes_nothing_and_what_is_lost_is_made_again_but_for_an_authority() {
    let Some(installed) = Installed::alone("upgrade", " []", "") else { return };
    let namespace = &installed.namespace;
    let hook = installed.field("job/newleaf-bootstrap", ".metadata.annotations");
    assert!(hook.contains("\"helm.sh/hook\":\"pre-install,pre-upgrade\""), "{hook}");
    assert!(hook.contains("\"helm.sh/hook-delete-policy\":\"before-hook-creation\""), "{hook}");
    let before = versions(&installed);
    upgrade(&installed);
    finished(&installed, "Complete");
    assert_eq!(versions(&installed), before, "nothing was written");

    namespace.kubectl(&["delete", SECRETS[1]]);
    upgrade(&installed);
    finished(&installed, "Complete");
    let after = versions(&installed);
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]), "authority and the other leaf are as they were");
    assert_ne!(after[1], before[1]);

    namespace.kubectl(&["delete", SECRETS[0]]);
    upgrade(&installed);
    finished(&installed, "Failed");
    let reason = installed.field("job/newleaf-bootstrap", ".status.conditions[?(@.type==\"Failed\")].message");
    assert!(reason.contains("exit code 4"), "{reason}");
    assert_eq!(namespace.kubectl(&["get", SECRETS[0], "--ignore-not-found"]), "");
    assert_eq!(versions_of(&installed, &SECRETS[1..]), after[1..]);
}

#[test]
fn several_at_once_make_one_authority() {
    let Some(installed) = Installed::nowhere("crowd") else { return };
    let namespace = &installed.namespace;
    let list = installed.manifests(" []", "", &["--output", "json"]);
    let mut list: Value = serde_json::from_str(&list).expect("a List");
    let items = list["items"].as_array_mut().expect("objects");
    let job = items.iter().find(|item| item["kind"] == "Job").expect("a Job").clone();
    for number in 2..=4 {
        let mut other = job.clone();
        other["metadata"]["name"] = json!(format!("newleaf-bootstrap-{number}"));
        items.push(other);
    }
    namespace.apply(&list.to_string());
    namespace.kubectl(&["wait", "--for=condition=complete", "jobs", "--all", "--timeout=120s"]);
    let authority = installed.field(SECRETS[0], ".data");
    assert!(authority.contains("authority-1.crt") && !authority.contains("authority-2"), "one authority");
    let verified = installed.newleaf(&["verify"]);
    assert_eq!(verified.code, Some(0), "both leaves are of it: {verified:?}");
    let issued = namespace.kubectl(&["logs", "--selector", "app.kubernetes.io/component=bootstrap", "--tail=-1"]);
    assert_eq!(issued.matches("none -> ").count(), 2, "each leaf once: {issued}");
}

/// As Helm does at each upgrade: the former Job is deleted, then everything is applied.
fn upgrade(installed: &Installed) {
    installed.namespace.kubectl(&["delete", "job/newleaf-bootstrap"]);
    installed.configure(" []", "", &[]);
}

fn finished(installed: &Installed, condition: &str) {
    let conditions = ["get", "job/newleaf-bootstrap", "--output", "jsonpath={.status.conditions[*].type}"];
    installed.namespace.until(&conditions, condition);
}

fn versions(installed: &Installed) -> Vec<String> {
    versions_of(installed, &SECRETS)
}

/// They change with every write.
fn versions_of(installed: &Installed, secrets: &[&str]) -> Vec<String> {
    secrets.iter().map(|secret| installed.field(secret, ".metadata.resourceVersion")).collect()
}
