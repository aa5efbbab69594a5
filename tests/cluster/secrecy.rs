//! No byte of a key is anywhere but in the Secrets.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::accounts::Scene;
use crate::audit::Audit;
use crate::clients::{Container, start};
use crate::ended::Ended;
use crate::keys::Keys;
use crate::kubectl::Namespace;

/// Everything of a namespace that people look at.
const ALL: &str = "pods,jobs,cronjobs,deployments,replicasets,statefulsets,controllerrevisions,configmaps,leases,events,\
                   serviceaccounts,roles,rolebindings,services,endpointslices,\
                   networkpolicies,poddisruptionbudgets,persistentvolumeclaims";

#[test]
fn no_byte_of_a_key_is_anywhere_but_in_the_secrets() {
    let Some(scene) = Scene::set("secrecy") else { return };
    let namespace = &scene.installed.namespace;
    let (mut keys, mut heard) = (Keys::default(), Vec::new());
    keys.learn(namespace);
    namespace.apply(include_str!("fixtures/postgres.yaml"));
    start(namespace, "backstage", Container::Idle);
    start(&scene.other, "reports", Container::Idle);
    namespace.rolled_out("statefulset/postgres");

    // Everything that can be logged, of our libraries too, in the pods and here.
    namespace.kubectl(&["set", "env", "cronjob/newleaf", "NEWLEAF_LOG=trace"]);
    for (line, code) in [
        ("rotate --now", 0),
        ("bootstrap -vvv", 0),
        ("rotate --now --local --yes -vvv --log-filter trace", 0),
        ("rotate --now --local --yes --authority --id rollover -vvv --log-format json", 0),
        ("rotate --now --local --yes --set leaf.algorithm=ecdsa-p384 -vvv --log-filter trace", 0),
        ("rotate --now --local --yes --set leaf.algorithm=ed25519 -vvv --log-filter trace", 0),
        ("rotate --now --local --yes --set leaf.algorithm=rsa-2048 -vvv --log-filter trace", 0),
        ("plan --now -vvv", 0),
        ("status -vvv -o json", 0),
        ("verify -vvv -o yaml", 0),
    ] {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let ended = scene.installed.newleaf(&arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", last(&ended));
        heard.push((arguments.join(" "), ended.stdout + &ended.stderr));
        keys.learn(namespace);
    }
    start(namespace, "backstage", Container::Crashing);
    let failed =
        scene.installed.newleaf(&["rotate", "--now", "--local", "--yes", "-vvv", "--set", "deadlines.step=6s"]);
    assert_ne!(failed.code, Some(0), "{}", last(&failed));
    heard.push(("a rollout that fails".to_owned(), failed.stdout + &failed.stderr));
    keys.learn(namespace);

    // Two authorities, and two leaves each: bootstrap, five rotations, one rollover, one failure.
    assert!(keys.len() >= 18, "only {} keys", keys.len());
    heard.extend(seen(namespace));
    heard.extend(seen(&scene.other));
    if let Some(audit) = Audit::find() {
        heard.push(("audit log".to_owned(), audit.lines(namespace.name()).join("\n")));
    }
    let search = keys.search();
    for (place, text) in &heard {
        assert!(!text.is_empty(), "nothing was seen in {place}");
        assert_eq!(search.found_in(text), BTreeSet::new(), "{place}");
    }
    let forms = |text: &str| search.found_in(text).into_iter().map(|(_, form)| form).collect::<BTreeSet<_>>();
    let secrets = namespace.kubectl(&["get", "secrets", "--output", "json"]);
    assert!(forms(&secrets).contains("base64 of base64"), "what is there is found: {:?}", forms(&secrets));
    let template = "go-template={{index .data \"tls.key\" | base64decode}}";
    let key = namespace.kubectl(&["get", "secret", "postgres-tls", "--output", template]);
    assert!(forms(&key).contains("base64"), "what is there is found: {:?}", forms(&key));
    let characters: usize = heard.iter().map(|(_, text)| text.len()).sum();
    println!("{} keys, none of them in {} texts of {characters} characters", keys.len(), heard.len());
}

/// What can be seen of a namespace without reading a Secret's data.
pub(crate) fn seen(namespace: &Namespace) -> Vec<(String, String)> {
    let name = namespace.name();
    let mut seen = vec![
        (format!("objects of {name}"), namespace.kubectl(&["get", ALL, "--output", "yaml", "--show-managed-fields"])),
        // A pod of a former template may go while kubectl describes it: then it is asked again.
        (format!("descriptions in {name}"), namespace.until(&["describe", &format!("{ALL},secrets")], "")),
        (format!("Secrets of {name} but their data"), without_data(namespace)),
    ];
    let pods = namespace.kubectl(&["get", "pods", "--output", "name"]);
    for pod in pods.lines() {
        // One that is only just being made, or is gone, has no log.
        if let Ok(log) = namespace.attempt(&["logs", pod, "--all-containers", "--timestamps"], "") {
            seen.push((format!("log of {pod}"), format!("{pod}\n{log}")));
        }
    }
    seen
}

fn without_data(namespace: &Namespace) -> String {
    let text = namespace.kubectl(&["get", "secrets", "--output", "json", "--show-managed-fields"]);
    let mut secrets: Value = serde_json::from_str(&text).expect("JSON");
    for secret in secrets["items"].as_array_mut().expect("a list") {
        secret.as_object_mut().expect("an object").remove("data");
    }
    secrets.to_string()
}

/// A trace is too long to be shown.
fn last(ended: &Ended) -> &str {
    ended.stderr.split_at(ended.stderr.len().saturating_sub(3000)).1
}
