//! Least privilege, from what the API server has seen: the rights that are granted are the rights that are used.

use rotation::manifests::grants::Actor;

use crate::accounts::{Right, Scene, granted, make};
use crate::audit::{Asked, Audit};
use crate::clients::{Container, postgres_with_fixed_files, start};
use crate::ended::Ended;
use crate::kubectl::Namespace;

/// How often a run that a busy machine has cut short is continued.
const CONTINUED: usize = 8;

#[test]
fn what_all_modes_ask_for_is_what_their_accounts_are_granted() {
    let Some(audit) = Audit::find() else { return };
    let Some(scene) = Scene::set("rights") else { return };
    let (rotation, bootstrap) = (scene.service_account("newleaf"), scene.service_account("newleaf-bootstrap"));
    let person = format!("person-{}", scene.installed.namespace.name());
    make(&scene.installed.namespace, &[(person.clone(), granted(&scene.installed, Actor::Person))]);

    bootstraps(&scene, &bootstrap);
    serve(&scene);
    // Where workloads are there, it looks at their pods.
    let again = scene.newleaf_as(&bootstrap, &["bootstrap"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    looks(&scene, &rotation);
    rotates_from_outside(&scene, &person);
    let rollover = ["rotate", "--now", "--authority", "--id", "rollover", "--local"];
    continued(&scene, &rotation, &rollover, |ended| ended.code == Some(0));
    fails(&scene, &rotation);
    falls_back(&scene, &rotation);

    for (account, name) in [(Actor::Rotation, rotation), (Actor::Bootstrap, bootstrap), (Actor::Person, person)] {
        let (granted, asked) = (granted(&scene.installed, account), audit.asked_by(&name));
        let missing: Vec<&Asked> = asked
            .iter()
            .filter(|asked| !shows_runs(asked) && !granted.iter().any(|right| right.covers(asked)))
            .collect();
        assert_eq!(missing, Vec::<&Asked>::new(), "{account:?} asks for what it is not granted");
        let unused: Vec<&Right> =
            granted.iter().filter(|right| !asked.iter().any(|asked| right.covers(asked))).collect();
        assert_eq!(unused, Vec::<&Right>::new(), "{account:?} is granted what it never asks for");
    }
}

/// Whether `status` asked for it, which shows the CronJob's runs to whoever may see them, and does without.
fn shows_runs(asked: &Asked) -> bool {
    [("get", "cronjobs"), ("list", "jobs")].contains(&(asked.verb.as_str(), asked.resource.as_str()))
}

/// The first time by its Job, again when all is there, and where somebody has made empty Secrets in advance.
fn bootstraps(scene: &Scene, account: &str) {
    let again = scene.newleaf_as(account, &["bootstrap"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    empty_secrets(&scene.installed.namespace);
    let filled = scene.newleaf_as(account, &["bootstrap"]);
    assert_eq!(filled.code, Some(0), "{filled:?}");
}

/// Replaces the Secrets by empty ones that are marked as newleaf's.
pub(crate) fn empty_secrets(namespace: &Namespace) {
    for secret in ["newleaf-authority", "postgres-tls", "backstage-tls"] {
        namespace.kubectl(&["delete", "secret", secret, "--ignore-not-found"]);
        namespace.kubectl(&["create", "secret", "generic", secret]);
        namespace.kubectl(&["label", "secret", secret, "app.kubernetes.io/managed-by=newleaf"]);
    }
}

fn serve(scene: &Scene) {
    let namespace = &scene.installed.namespace;
    namespace.apply(include_str!("fixtures/postgres.yaml"));
    start(namespace, "backstage", Container::Idle);
    start(&scene.other, "reports", Container::Idle);
    namespace.rolled_out("statefulset/postgres");
}

fn looks(scene: &Scene, account: &str) {
    // First what settles a pod that was made in the second in which its Secret was written, and so may have the former one.
    for command in [&["rotate", "--local"][..], &["plan"], &["status"], &["verify"]] {
        let ended = scene.newleaf_as(account, command);
        assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
    }
}

/// The person has the rules of the reference and no others; the Job has its real account.
fn rotates_from_outside(scene: &Scene, person: &str) {
    let ended = scene.installed.newleaf(&["rotate", "--now", "--as", person]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("reports"), "the Job's progress is shown: {ended:?}");
}

/// In each namespace, a rollout whose new pod has last words, and one whose new pod only an Event explains.
fn fails(scene: &Scene, account: &str) {
    for (namespace, name) in [(&scene.installed.namespace, "backstage"), (&scene.other, "reports")] {
        for (container, why) in [(Container::Crashing, "these were its last words"), (Container::Unmountable, "absent")]
        {
            start(namespace, name, container);
            let id = format!("{name}-{container:?}");
            let rotate = ["rotate", "--now", "--id", &id, "--local", "--set", "deadlines.step=4s"];
            continued(scene, account, &rotate, |ended| ended.code == Some(5) && ended.stderr.contains(why));
            start(namespace, name, Container::Idle);
        }
    }
}

/// A reload that cannot help, and so a restart.
fn falls_back(scene: &Scene, account: &str) {
    let namespace = &scene.installed.namespace;
    namespace.apply(&postgres_with_fixed_files());
    namespace.rolled_out("statefulset/postgres");
    let rotate = ["rotate", "--now", "--id", "fallback", "--local", "--set", "deadlines.step=10s"];
    continued(scene, account, &rotate, |ended| ended.code == Some(0));
}

/// Asks again with the same identity until it ends as it should.
fn continued(scene: &Scene, account: &str, arguments: &[&str], is_done: impl Fn(&Ended) -> bool) {
    let mut endings = (0..CONTINUED).map(|_| scene.newleaf_as(account, arguments));
    let mut others = Vec::new();
    let done = endings.any(|ended| {
        is_done(&ended) || {
            others.push(ended);
            false
        }
    });
    assert!(done, "{arguments:?}: {others:#?}");
}
