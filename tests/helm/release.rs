//! The guide of Helm on a real cluster: each command of it in its order, while clients log in without end.

use std::fs;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::chart::{documents, helm};
use crate::ended::Ended;
use crate::kubectl::Namespace;
use crate::logins::Logins;

const GUIDE: &str = "docs/guides/helm.md";
/// The namespace and the release of the guide.
const NAME: &str = "backstage";
const ENTITIES: &str = include_str!("../cluster/fixtures/entities.yaml");

/// The images of the test cluster, and a catalog that anybody may read. A fixed number of connections: with one that follows from the
/// replicas, an upgrade of these restarts PostgreSQL.
const STACK: &str = "
backstage:
  image: localhost/backstage:1
  command: [node, index.js]
  files: [{configMap: entities, path: /etc/entities}]
  appConfig:
  - inline:
      backend: {auth: {dangerouslyDisableDefaultAuthPolicy: true}}
      catalog:
        rules: [{allow: [Component, Group]}]
        locations: [{type: file, target: /etc/entities/entities.yaml}]
database: {version: 15, image: 'localhost/postgres:15', parameters: {max_connections: 300}}
rotation: {image: 'localhost/newleaf:local'}
";

/// The commands of the guide, without their comments.
fn commands() -> Vec<Vec<String>> {
    let page = fs::read_to_string(project::root().join(GUIDE)).expect("the guide is readable");
    let lines = page.lines().filter_map(|line| line.strip_prefix("    "));
    let words = |line: &str| line.split('#').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    lines.map(words).collect()
}

struct Release {
    namespace: Namespace,
    folder: TempDir,
    helm: std::path::PathBuf,
}

impl Release {
    /// A namespace with what the stack refers to.
    fn ground() -> Option<Self> {
        let helm = helm("a release on a cluster")?;
        let namespace = Namespace::restricted("helm")?;
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("stack.yaml"), STACK).expect("a file");
        fs::write(folder.path().join("entities.yaml"), ENTITIES).expect("a file");
        let file = format!("--from-file={}", folder.path().join("entities.yaml").display());
        namespace.kubectl(&["create", "configmap", "entities", &file]);
        Some(Self { namespace, folder, helm })
    }

    /// A command as the guide has it, in the namespace of the test.
    fn run(&self, words: &[&str]) -> Ended {
        let (program, arguments) = words.split_first().expect("a command");
        let mut command = match *program {
            "helm" => Command::new(&self.helm),
            "newleaf" => Command::new(project::program()),
            "newleaf-deploy" => Command::new(project::deployer()),
            "kubectl" => Command::new("kubectl"),
            other => panic!("{GUIDE} has {other}"),
        };
        let mut is_namespace = false;
        for argument in arguments {
            let argument = match *argument {
                NAME if is_namespace => self.namespace.name().to_owned(),
                other => other
                    .replace("newleaf-bootstrap.backstage", &format!("newleaf-bootstrap.{}", self.namespace.name())),
            };
            is_namespace = ["--namespace", "namespace"].contains(&argument.as_str());
            command.arg(argument);
        }
        let home = self.folder.path().join("home");
        command.current_dir(self.folder.path()).env("HELM_CACHE_HOME", &home).env("HELM_CONFIG_HOME", &home);
        command.env("HELM_DATA_HOME", &home);
        let begin = Instant::now();
        let ended = Ended::from(command.output().expect("it starts"));
        println!("{:.1} s: {}", begin.elapsed().as_secs_f64(), words.join(" "));
        ended
    }

    fn good(&self, words: &[&str]) -> String {
        let ended = self.run(words);
        if ended.code != Some(0) {
            let pods = self.namespace.kubectl(&["get", "pods,jobs,events"]);
            panic!("{words:?}: {ended:?}\n{pods}");
        }
        ended.stdout
    }

    fn object(&self, kind: &str, name: &str) -> Value {
        let text = self.namespace.kubectl(&["get", kind, name, "--output", "json"]);
        serde_json::from_str(&text).expect("JSON")
    }

    /// Clients that the network policies let through, because they have the labels of Backstage.
    fn logins(&self) {
        let labels = "metadata: {labels: {app: logins}}";
        let fixture = include_str!("../cluster/fixtures/logins.yaml");
        assert!(fixture.contains(labels), "the fixture has the labels of its pods in one line");
        let own = "metadata: {labels: {app: logins, app.kubernetes.io/name: backstage, app.kubernetes.io/instance: backstage}}";
        self.namespace.apply(&fixture.replace(labels, own));
        self.namespace.rolled_out("deployment/logins");
    }

    /// What the API server would change if the release were applied once more. Helm puts its label and its annotations on each object
    /// itself, after the templates.
    fn difference(&self) -> String {
        let manifest = self.good(&["helm", "get", "manifest", NAME, "--namespace", NAME]);
        let mut objects = documents(&manifest);
        for object in &mut objects {
            let metadata = &mut object["metadata"];
            metadata["labels"]["app.kubernetes.io/managed-by"] = json!("Helm");
            metadata["annotations"]["meta.helm.sh/release-name"] = json!(NAME);
            metadata["annotations"]["meta.helm.sh/release-namespace"] = json!(self.namespace.name());
        }
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string();
        let file = self.folder.path().join("release.json");
        fs::write(&file, list).expect("a file");
        let mut diff = Command::new("kubectl");
        diff.args([
            "diff",
            "--server-side",
            "--field-manager",
            "helm",
            "--namespace",
            self.namespace.name(),
            "--filename",
        ]);
        let ended = Ended::from(diff.arg(&file).output().expect("kubectl runs"));
        assert!(ended.code == Some(0) || !ended.stdout.is_empty(), "{ended:?}");
        ended.stdout
    }

    /// Which pod PostgreSQL is.
    fn postgres(&self) -> String {
        self.namespace.kubectl(&["get", "pod", "postgres-0", "--output", "jsonpath={.metadata.uid}"])
    }

    fn revision(&self) -> u64 {
        let text = self.good(&["helm", "status", NAME, "--namespace", NAME, "--output", "json"]);
        let status: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(status["info"]["status"], "deployed", "{}", status["info"]);
        status["version"].as_u64().expect("a number")
    }

    /// The hooks were done before anything that needs the certificates was there.
    fn hooks_came_first(&self) {
        let done = self.object("job", "newleaf-bootstrap")["status"]["completionTime"]
            .as_str()
            .expect("it is done")
            .to_owned();
        for (kind, name) in [("statefulset", "postgres"), ("deployment", "backstage"), ("cronjob", "newleaf")] {
            let made = self.object(kind, name)["metadata"]["creationTimestamp"].as_str().expect("a time").to_owned();
            assert!(done <= made, "{kind} {name} was made at {made}, and the bootstrap done at {done}");
        }
        let manifest = self.good(&["helm", "get", "manifest", NAME, "--namespace", NAME]);
        assert!(documents(&manifest).iter().all(|object| object["kind"] != "Secret"), "no Secret is in the release");
    }

    /// New leaves, and a new authority with new leaves: neither is drift of the release.
    fn rotates_and_rolls_over(&self) {
        let authority = self.object("secret", "newleaf-authority")["data"].clone();
        self.good(&["newleaf", "rotate", "--now", "--namespace", NAME]);
        assert_eq!(self.object("secret", "newleaf-authority")["data"], authority);
        self.good(&["newleaf", "rotate", "--now", "--authority", "--namespace", NAME]);
        assert_ne!(self.object("secret", "newleaf-authority")["data"], authority);
        assert_eq!(self.difference(), "", "a rotation is no drift");
    }

    /// An upgrade whose pods never start goes back by itself, and the next one works again.
    fn survives_a_failed_upgrade(&self) {
        let words = ["helm", "upgrade", NAME, "chart", "--namespace", NAME, "--reset-then-reuse-values"];
        let failing = ["--set", "backstage.image=localhost/nothing:1", "--rollback-on-failure", "--timeout", "25s"];
        let ended = self.run(&[&words[..], &failing].concat());
        assert_ne!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stderr.contains("rolled back"), "{ended:?}");
        let image = self.object("deployment", NAME)["spec"]["template"]["spec"]["containers"][0]["image"].clone();
        assert_eq!(image, json!("localhost/backstage:1"), "{ended:?}");
        self.revision();
    }
}

#[test]
fn the_guide_of_helm_holds_while_clients_log_in_without_end() {
    let Some(release) = Release::ground() else { return };
    let mut component = String::new();
    let mut leaf = String::new();
    let mut postgres = String::new();
    for words in commands() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["newleaf-deploy", "export", ..] => {
                release.good(&words);
                let again = release.good(&words);
                assert!(again.contains("0 written, 0 removed"), "the same stack gives the same bytes: {again}");
            }
            ["helm", "install", ..] => {
                release.good(&words);
                release.hooks_came_first();
                component = release.namespace.component();
                release.logins();
                leaf = release.object("secret", "postgres-tls")["data"]["tls.crt"].to_string();
            }
            ["newleaf", "rotate", ..] => {
                release.good(&words);
                assert_ne!(release.object("secret", "postgres-tls")["data"]["tls.crt"].to_string(), leaf);
                assert_eq!(release.difference(), "", "a rotation is no drift");
            }
            ["newleaf-deploy", "handover", "--from", ..] => {
                release.good(&words);
                postgres = release.postgres();
            }
            ["helm", "upgrade", .., "--take-ownership", "--wait", "--timeout", _] => {
                release.good(&words);
                assert_eq!(release.postgres(), postgres, "neither tool restarts what the other one made");
                println!("{:?}", Logins::all_succeeded(&release.namespace));
            }
            ["helm", "upgrade", ..] => {
                release.good(&words);
                assert_eq!(release.object("deployment", NAME)["status"]["readyReplicas"], 2);
                release.survives_a_failed_upgrade();
            }
            ["helm", "rollback", ..] => {
                release.good(&words);
                assert_eq!(release.object("deployment", NAME)["spec"]["replicas"], 1);
                release.rotates_and_rolls_over();
                println!("{:?}", Logins::all_succeeded(&release.namespace));
            }
            ["helm", "uninstall", ..] => {
                release.good(&words);
                let left = release.namespace.kubectl(&[
                    "get",
                    "statefulsets,cronjobs,services,networkpolicies",
                    "--output",
                    "name",
                ]);
                assert_eq!(left, "");
                release.namespace.has_what_cannot_be_made_again();
                release.good(&["helm", "install", NAME, "chart", "--namespace", NAME, "--wait", "--timeout", "10m"]);
                assert_eq!(release.namespace.component(), component, "the data are still there");
                release.good(&words);
            }
            words => {
                release.good(words);
            }
        }
    }
    assert!(!component.is_empty() && !leaf.is_empty(), "{GUIDE} installs");
}
