//! Each right taken away once: the run ends with 77 and says which rule is missing. What only tells people something may be
//! forbidden without harm.

use rotation::manifests::grants::Actor;

use crate::accounts::{Right, Scene, granted, make};
use crate::clients::{Container, postgres_with_fixed_files, start};
use crate::ended::Ended;
use crate::installed::Installed;
use crate::rights::empty_secrets;

/// A missing right.
const DENIED: Option<i32> = Some(77);
/// What a run does without: resource and verb.
const ONLY_TELLS: [(&str, &str); 5] =
    [("events", "create"), ("events", "list"), ("pods/log", "get"), ("configmaps", "get"), ("configmaps", "patch")];

/// Makes one account for each right, which has all the others; the names in the same order.
fn accounts_without(installed: &Installed, rights: &[Right], missing: &[Right]) -> Vec<String> {
    let name = |number| format!("without-{number}-{}", installed.namespace.name());
    let accounts: Vec<_> = missing
        .iter()
        .enumerate()
        .map(|(number, gone)| (name(number), rights.iter().filter(|right| *right != gone).cloned().collect()))
        .collect();
    make(&installed.namespace, &accounts);
    accounts.into_iter().map(|(name, _)| name).collect()
}

fn assert_denied(ended: &Ended, right: &Right) {
    assert_eq!(ended.code, DENIED, "without {right:?}: {ended:?}");
    assert!(right.is_named_in(&ended.stderr), "{right:?} is not named: {}", ended.stderr);
}

/// The rights in the order in which a run comes to need them; all but those that only tell.
fn in_order(scene: &Scene, rights: &[Right], course: &[(&str, &str, &str)]) -> Vec<Right> {
    let (own, other) = (scene.installed.namespace.name(), scene.other.name());
    let find = |(verb, resource, object): &(&str, &str, &str)| {
        let (namespace, object) = object.strip_prefix("other:").map_or((own, *object), |object| (other, object));
        let is_it = |right: &&Right| {
            (right.verb, right.resource, right.namespace.as_str()) == (*verb, *resource, namespace)
                && right.name.as_deref().unwrap_or_default() == object
        };
        rights.iter().find(is_it).cloned().expect(resource)
    };
    let ordered: Vec<Right> = course.iter().map(find).collect();
    let forgotten: Vec<&Right> = rights
        .iter()
        .filter(|right| !ONLY_TELLS.contains(&(right.resource, right.verb)) && !ordered.contains(right))
        .collect();
    assert_eq!(forgotten, Vec::<&Right>::new());
    ordered
}

const ROTATION: [(&str, &str, &str); 21] = [
    ("get", "secrets", "newleaf-authority"),
    ("get", "secrets", "postgres-tls"),
    ("get", "secrets", "backstage-tls"),
    ("get", "statefulsets", "postgres"),
    ("list", "pods", ""),
    ("get", "deployments", "backstage"),
    ("list", "replicasets", ""),
    ("list", "deployments", "other:"),
    ("list", "replicasets", "other:"),
    ("list", "pods", "other:"),
    ("get", "leases", "newleaf"),
    ("patch", "leases", "newleaf"),
    ("patch", "secrets", "postgres-tls"),
    ("patch", "pods", ""),
    ("patch", "statefulsets", "postgres"),
    ("patch", "secrets", "backstage-tls"),
    ("patch", "deployments", "backstage"),
    ("get", "deployments", "other:"),
    ("patch", "deployments", "other:"),
    ("patch", "secrets", "newleaf-authority"),
    ("create", "events", ""),
];

#[test]
fn a_rotation_goes_as_far_as_its_rights_and_names_the_one_that_is_missing() {
    let Some(scene) = Scene::set("denied") else { return };
    let namespace = &scene.installed.namespace;
    namespace.apply(&postgres_with_fixed_files());
    start(namespace, "backstage", Container::Idle);
    start(&scene.other, "reports", Container::Idle);
    namespace.rolled_out("statefulset/postgres");

    let rights = granted(&scene.installed, Actor::Rotation);
    let missing = in_order(&scene, &rights, &ROTATION);
    for (account, right) in accounts_without(&scene.installed, &rights, &missing).iter().zip(&missing) {
        // The same rotation each time, so that each run continues where the one before was stopped.
        let authority =
            (right.resource, right.name.as_deref(), right.verb) == ("secrets", Some("newleaf-authority"), "patch");
        let rotate = ["rotate", "--now", "--id", "one", "--local", "--set", "deadlines.step=8s"];
        let rotate = if authority { [&rotate[..], &["--authority"]].concat() } else { rotate.to_vec() };
        // A restart that a busy machine does not finish in time ends in other ways, and is continued.
        let late = |ended: &Ended| matches!(ended.code, Some(5 | 75));
        let mut endings = (0..5).map(|_| scene.newleaf_as(account, &rotate));
        let ended = endings.find(|ended| !late(ended)).expect("it ends");
        if ONLY_TELLS.contains(&(right.resource, right.verb)) {
            assert_eq!(ended.code, Some(0), "without {right:?}: {ended:?}");
        } else {
            assert_denied(&ended, right);
        }
    }
    what_only_tells_may_be_forbidden(&scene, &rights);
}

/// A failed rollout is told with less, and fails all the same.
fn what_only_tells_may_be_forbidden(scene: &Scene, rights: &[Right]) {
    let namespace = &scene.installed.namespace;
    let silent = format!("silent-{}", namespace.name());
    let left = rights.iter().filter(|right| !ONLY_TELLS.contains(&(right.resource, right.verb))).cloned().collect();
    make(namespace, &[(silent.clone(), left)]);
    start(namespace, "backstage", Container::Crashing);
    let rotate = ["rotate", "--now", "--id", "two", "--local", "--set", "deadlines.step=8s"];
    let mut endings = (0..5).map(|_| scene.newleaf_as(&silent, &rotate));
    let failed = endings.find(|ended| ended.stderr.contains("deployment/backstage")).expect("it comes so far");
    assert_eq!(failed.code, Some(5), "{failed:?}");
    assert!(!failed.stderr.contains("last words"), "{failed:?}");
    start(namespace, "backstage", Container::Idle);
    let mended = scene.newleaf_as(&silent, &["rotate", "--local"]);
    assert_eq!(mended.code, Some(0), "{mended:?}");
}

const BOOTSTRAP: [(&str, &str, &str); 18] = [
    ("get", "secrets", "newleaf-authority"),
    ("get", "secrets", "postgres-tls"),
    ("get", "secrets", "backstage-tls"),
    ("get", "statefulsets", "postgres"),
    ("list", "pods", ""),
    ("get", "deployments", "backstage"),
    ("list", "replicasets", ""),
    ("list", "deployments", "other:"),
    ("list", "replicasets", "other:"),
    ("list", "pods", "other:"),
    ("get", "leases", "newleaf"),
    ("create", "leases", ""),
    ("create", "secrets", ""),
    ("patch", "leases", "newleaf"),
    // From here on the Secrets are there, and empty.
    ("patch", "secrets", "newleaf-authority"),
    ("patch", "secrets", "postgres-tls"),
    ("patch", "secrets", "backstage-tls"),
    ("create", "events", ""),
];

#[test]
fn a_bootstrap_goes_as_far_as_its_rights_and_names_the_one_that_is_missing() {
    let Some(scene) = Scene::set("unmade") else { return };
    let namespace = &scene.installed.namespace;
    // Pods are looked for only where there are workloads.
    namespace.apply(&postgres_with_fixed_files());
    start(namespace, "backstage", Container::Idle);
    start(&scene.other, "reports", Container::Idle);
    let rights = granted(&scene.installed, Actor::Bootstrap);
    let missing = in_order(&scene, &rights, &BOOTSTRAP);
    let accounts = accounts_without(&scene.installed, &rights, &missing);
    namespace.kubectl(&[
        "delete",
        "secret/newleaf-authority",
        "secret/postgres-tls",
        "secret/backstage-tls",
        "lease/newleaf",
    ]);
    for (account, right) in accounts.iter().zip(&missing) {
        if (right.resource, right.verb, right.name.as_deref()) == ("secrets", "patch", Some("newleaf-authority")) {
            empty_secrets(namespace);
        }
        let ended = scene.newleaf_as(account, &["bootstrap"]);
        if ONLY_TELLS.contains(&(right.resource, right.verb)) {
            assert_eq!(ended.code, Some(0), "without {right:?}: {ended:?}");
        } else {
            assert_denied(&ended, right);
        }
    }
}

const PERSON: [(&str, &str, &str); 6] = [
    ("get", "configmaps", "newleaf"),
    ("get", "cronjobs", "newleaf"),
    ("create", "jobs", ""),
    ("get", "jobs", ""),
    ("list", "pods", ""),
    ("get", "pods/log", ""),
];

#[test]
fn a_person_is_told_which_right_is_missing_and_finds_the_same_job_again() {
    let Some(other) = crate::kubectl::Namespace::restricted("asked-other") else { return };
    let Some(installed) = Installed::alone("asked", " []\n", "") else { return };
    let rights = granted(&installed, Actor::Person);
    let scene = Scene { installed, other };
    let missing = in_order(&scene, &rights, &PERSON);
    let accounts = accounts_without(&scene.installed, &rights, &missing);
    for (account, right) in accounts.iter().zip(&missing) {
        let ended = scene.installed.newleaf(&["rotate", "--now", "--id", "one", "--as", account]);
        assert_denied(&ended, right);
    }
    let jobs = scene.installed.namespace.kubectl(&["get", "jobs", "--output", "name"]);
    assert_eq!(jobs.lines().filter(|job| job.contains("newleaf-now-")).count(), 1, "{jobs}");
}

#[test]
fn the_rotation_can_neither_make_a_secret_nor_read_or_list_any_other() {
    let Some(installed) = Installed::alone("confined", " []\n", "") else { return };
    let namespace = &installed.namespace;
    namespace.kubectl(&["create", "secret", "generic", "other", "--from-literal=password=theirs"]);
    let account = format!("system:serviceaccount:{}:newleaf", namespace.name());
    let may = |verb: &str, object: &str| {
        let (object, sub) = object.split_once(':').unwrap_or((object, ""));
        let sub = format!("--subresource={sub}");
        namespace.attempt(&["auth", "can-i", verb, object, &sub, "--as", &account], "").is_ok()
    };
    assert!(may("get", "secret/postgres-tls") && may("patch", "secret/newleaf-authority"));
    for (verb, object) in [
        ("create", "secrets"),
        ("list", "secrets"),
        ("watch", "secrets"),
        ("delete", "secret/postgres-tls"),
        ("get", "secret/other"),
        ("patch", "secret/other"),
        ("create", "pods"),
        ("create", "jobs"),
        ("create", "pods:exec"),
        ("create", "serviceaccounts:token"),
    ] {
        assert!(!may(verb, object), "{verb} {object}");
    }
    for refused in [
        &["get", "secret", "other"][..],
        &["get", "secrets"],
        &["create", "secret", "generic", "new"],
        &["delete", "secret", "postgres-tls"],
        &["run", "shell", "--image=localhost/pause:1"],
    ] {
        let answer = namespace.attempt(&[refused, &["--as", &account]].concat(), "");
        let why = answer.expect_err("it is forbidden");
        assert!(why.contains("Forbidden") || why.contains("forbidden"), "{refused:?}: {why}");
    }
}
