//! `newleaf-deploy install` until the stack is ready, beside `kubectl apply` of the same objects and the same waits.

use std::process::Command;
use std::time::Instant;

use crate::kubectl::Namespace;
use crate::median::median;

/// The images of the test cluster. One replica: with two on an empty database kubectl alone would have to scale, too.
const SETTINGS: [&str; 4] = [
    "backstage.image=localhost/backstage:1",
    "backstage.command=[node, index.js]",
    "database.image=localhost/postgres:15",
    "rotation.image=localhost/newleaf:local",
];

/// Rounds: one takes two minutes, most of it until the namespaces are gone.
pub(crate) const ROUNDS: usize = 3;

/// Medians of the rounds, and the ratio within a round.
pub(crate) fn compare(rounds: usize) {
    let (mut deployer, mut kubectl) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        for turn in 0..2 {
            let Some(namespace) = Namespace::restricted(&format!("install-{round}-{turn}")) else { return };
            // Each way is first equally often.
            if (round + turn) % 2 == 0 {
                deployer.push(timed(|| drop(deploy(&namespace, "install"))));
            } else {
                let objects = deploy(&namespace, "render");
                kubectl.push(timed(|| apply(&namespace, &objects)));
            }
            println!("installs so far: {deployer:.1?}, by kubectl: {kubectl:.1?}");
            // What kubectl applied is not the deployer's to remove.
            namespace.kubectl(&["delete", "namespace", namespace.name(), "--wait=true"]);
        }
    }
    let ratios = deployer.iter().zip(&kubectl).map(|(own, other)| own / other).collect();
    println!("{:<52} {:>8} {:>8}", "the stack, until it is ready", "s", "ratio");
    println!("{:<52} {:>8.2} {:>8.2}", "kubectl apply, wait and rollout status", median(kubectl), 1.0);
    println!("{:<52} {:>8.2} {:>8.2}", "newleaf-deploy install", median(deployer), median(ratios));
    println!("medians of {rounds} rounds; ratios within a round\n");
}

/// kubectl applies everything at once, and waits for what the deployer waits for.
fn apply(namespace: &Namespace, objects: &str) {
    namespace.apply_where_they_say(objects);
    namespace.kubectl(&["wait", "--for=condition=complete", "job/newleaf-bootstrap", "--timeout=300s"]);
    namespace.rolled_out("statefulset/postgres");
    namespace.rolled_out("deployment/backstage");
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// What the deployer prints; the bench ends where it fails.
fn deploy(namespace: &Namespace, verb: &str) -> String {
    let mut command = Command::new(project::deployer());
    command.arg(verb).args(["--quiet", "--namespace", namespace.name()]);
    for setting in SETTINGS {
        command.args(["--set", setting]);
    }
    let output = command.output().expect("the deployer starts");
    assert!(output.status.success(), "{verb}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
