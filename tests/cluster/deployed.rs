//! The whole stack on a real cluster, by the deployer as a person runs it: installed, asked, rotated, removed, and installed
//! again on the old volume.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::autoscaler;
use crate::checked;
use crate::ended::Ended;
use crate::guide::Guide;
use crate::ingress::{self, Entrance};
use crate::kubectl::Namespace;

const ENTITIES: &str = include_str!("fixtures/entities.yaml");

/// The value of a Secret that the stack refers to. It is nowhere else.
pub(crate) const CANARY: &str = "canary-4f6b1d0c93e27a58";

/// The images of the test cluster, two replicas from the first moment on, and a catalog that anybody may read.
pub(crate) const STACK: &str = "
backstage:
  image: localhost/backstage:1
  command: [node, index.js]
  replicas: 2
  envFrom: [{secret: portal}]
  files: [{configMap: entities, path: /etc/entities}]
  appConfig:
  - inline:
      backend: {auth: {dangerouslyDisableDefaultAuthPolicy: true}}
      catalog:
        rules: [{allow: [Component, Group]}]
        locations: [{type: file, target: /etc/entities/entities.yaml}]
database: {version: 15, image: 'localhost/postgres:15'}
rotation: {image: 'localhost/newleaf:local'}
";

pub(crate) struct Deployed {
    pub(crate) namespace: Namespace,
    directory: TempDir,
}

impl Deployed {
    /// A namespace with what the stack refers to; none, and said so, where there is no cluster.
    pub(crate) fn ground(test: &str, stack: &str) -> Option<Self> {
        let namespace = Namespace::restricted(test)?;
        let directory = TempDir::new().expect("a directory");
        fs::write(directory.path().join("entities.yaml"), ENTITIES).expect("it can be written");
        fs::write(directory.path().join("stack.yaml"), stack).expect("it can be written");
        let file = format!("--from-file={}", directory.path().join("entities.yaml").display());
        namespace.kubectl(&["create", "configmap", "entities", &file]);
        namespace.kubectl(&["create", "secret", "generic", "portal", &format!("--from-literal=PORTAL_TOKEN={CANARY}")]);
        Some(Self { namespace, directory })
    }

    /// Writes the namespace into the document, for commands that do not name it.
    pub(crate) fn names_its_namespace(&self) {
        let path = self.folder().join("stack.yaml");
        let text = fs::read_to_string(&path).expect("it is there");
        fs::write(path, format!("namespace: {}\n{text}", self.namespace.name())).expect("it can be written");
    }

    pub(crate) fn deploy(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(project::deployer());
        command.args(arguments).args(["--namespace", self.namespace.name(), "--filename"]);
        Ended::from(command.arg(self.directory.path().join("stack.yaml")).output().expect("it starts"))
    }

    /// The folder with the document.
    pub(crate) fn folder(&self) -> &Path {
        self.directory.path()
    }

    /// Installs; what it did.
    pub(crate) fn install(&self) -> Value {
        let start = Instant::now();
        let ended = self.deploy(&["install", "--output", "json", "--quiet"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        println!("install: {:.1} s", start.elapsed().as_secs_f64());
        serde_json::from_str(&ended.stdout).expect("a document")
    }

    /// How often Backstage's pods were replaced.
    pub(crate) fn revision(&self) -> u32 {
        self.namespace.revision()
    }

    /// A change of a Secret that the stack refers to replaces the pods of its consumer once, and of nothing else.
    fn rolls_once_for_a_changed_secret(&self) {
        let server = ["get", "statefulset/postgres", "--output", "jsonpath={.status.updateRevision}"];
        let (before, of_server) = (self.revision(), self.namespace.kubectl(&server));
        self.namespace.kubectl(&["patch", "secret/portal", "--patch", "{\"stringData\": {\"OTHER\": \"value\"}}"]);
        for _ in 0..2 {
            self.install();
            assert_eq!(self.revision(), before + 1);
        }
        assert_eq!(self.namespace.kubectl(&server), of_server);
        let labels = ["get", "secret/portal", "--output", "jsonpath={.metadata.labels}{.metadata.annotations}"];
        assert_eq!(self.namespace.kubectl(&labels), "", "it is not ours to label");
    }

    /// The identity of the component in the catalog.
    pub(crate) fn component(&self) -> String {
        self.namespace.component()
    }

    /// A guide, whose commands run beside the document.
    pub(crate) fn guide(&self, page: &str) -> Guide {
        Guide::open(page, self.folder(), &self.folder().join("bin")).in_namespace(self.namespace.name())
    }
}

#[test]
fn the_stack_is_installed_asked_rotated_removed_and_installed_again_on_its_volume() {
    let Some(stack) = Deployed::ground("deployed", &format!("{STACK}{}", ingress::SECTION)) else { return };
    let entrance = Entrance::open(&stack);
    let first = stack.install();
    assert_eq!(first["pruned"], serde_json::json!([]), "{first}");
    let component = stack.component();
    let ready =
        stack.namespace.kubectl(&["get", "deployment/backstage", "--output", "jsonpath={.status.readyReplicas}"]);
    assert_eq!(ready, "2", "two replicas on an empty database, one after the other");

    let quiet = stack.install();
    assert_eq!(
        [&quiet["created"], &quiet["changed"], &quiet["repaired"], &quiet["replaced"]],
        [&serde_json::json!([]); 4]
    );
    let status = stack.deploy(&["status", "--output", "json"]);
    let status: Value = serde_json::from_str(&status.stdout).expect("a document");
    assert_eq!(status["ready"], true, "{status}");
    assert_eq!(stack.deploy(&["diff", "--exit-code"]).code, Some(0));

    let visited = entrance.visited();
    entrance.serves_its_host_alone();
    entrance.is_the_only_way_in(&stack);
    let mut rotate = Command::new(project::program());
    rotate.args(["rotate", "--now", "--namespace", stack.namespace.name()]);
    let rotated = Ended::from(rotate.output().expect("it starts"));
    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    let quiet = stack.install();
    assert_eq!(quiet["changed"], serde_json::json!([]), "a rotation is no drift: {quiet}");
    assert_eq!(quiet["repaired"], serde_json::json!([]), "a rotation is no drift: {quiet}");
    stack.rolls_once_for_a_changed_secret();
    let visits = visited.until("visits after the last rollout", {
        let before = visited.sight().catalog.succeeded;
        move |sight| sight.catalog.succeeded > before + 20
    });
    assert_eq!(visits.catalog.failed, 0, "while its pods were replaced twice: {:?}", visits.catalog);
    println!("{} visits through the ingress, none failed", visits.catalog.succeeded);
    drop(visited);
    checked::is_good(&stack);
    checked::what_keeps_requests_out_is_named(&stack);
    checked::secrets_are_only_in_secrets(&stack);
    checked::each_break_is_named(&stack);
    autoscaler::owns_the_replicas(&stack);

    let asked = stack.deploy(&["uninstall"]);
    assert_eq!(asked.code, Some(4), "{asked:?}");
    let removed = stack.deploy(&["uninstall", "--yes"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    stack.namespace.has_only_what_cannot_be_made_again();

    stack.install();
    assert_eq!(stack.component(), component, "the data are still there");
}

#[test]
fn a_pod_that_cannot_start_ends_the_wait_at_once_with_its_reason() {
    let Some(stack) = Deployed::ground("hopeless", STACK) else { return };
    let wrong = STACK.replace("localhost/newleaf:local", "localhost/nothing:1");
    fs::write(stack.directory.path().join("stack.yaml"), wrong).expect("it can be written");
    let start = Instant::now();
    let ended = stack.deploy(&["install"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    for told in ["NL0907", "Job", "newleaf-bootstrap", "ImagePullBackOff", "localhost/nothing:1"] {
        assert!(ended.stderr.contains(told), "{told}: {ended:?}");
    }
    println!("gave up after {:.1} s", start.elapsed().as_secs_f64());
    // With the right image the next run finishes what this one began.
    fs::write(stack.directory.path().join("stack.yaml"), STACK).expect("it can be written");
    let report = stack.install();
    assert_eq!(report["replaced"].as_array().map(Vec::len), Some(1), "the Job is made anew: {report}");
}
