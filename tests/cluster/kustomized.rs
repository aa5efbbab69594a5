//! The stack by `kubectl apply -k`: the guide, and what it says besides.

use crate::deployed::{Deployed, STACK};

#[test]
fn the_guide_installs_upgrades_rotates_hands_over_removes_and_installs_again() {
    let Some(stack) = Deployed::ground("kustomized", &STACK.replace("replicas: 2", "replicas: 1")) else { return };
    stack.names_its_namespace();
    let guide = stack.guide("kustomize.md");
    guide.run("Install");
    let component = stack.component();
    let template = |path: &str| stack.namespace.kubectl(&["get", path, "--output", "jsonpath={.spec.template}"]);
    let mut expected = stack.revision();
    for (section, rollouts, why) in [
        ("Upgrade", 1, "another title"),
        ("Rotate", 1, "a new leaf, and the apply after it changes nothing"),
        ("Roll back", 1, "the former title"),
        ("Hand over", 1, "the checksum of what the stack refers to"),
    ] {
        let server = template("statefulset/postgres");
        guide.run(section);
        expected += rollouts;
        assert_eq!(stack.revision(), expected, "{section}: {why}");
        assert_eq!(template("statefulset/postgres"), server, "{section}: PostgreSQL is not restarted");
    }
    guide.run("Remove");
    stack.namespace.has_only_what_cannot_be_made_again();
    guide.run("Install");
    assert_eq!(stack.component(), component, "the data are still there");
}
