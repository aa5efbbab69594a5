//! The guide of Helm on a real cluster: each section of it in its order, while clients log in without end.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::audit::Audit;
use crate::chart::{documents, helm};
use crate::ended::Ended;
use crate::guide::Guide;
use crate::kubectl::Namespace;
use crate::logins::Logins;
use crate::program::Helm;
use crate::wait;

/// The release of the guide.
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
check: {image: 'localhost/newleaf-deploy:local'}
";

struct Release {
    namespace: Namespace,
    folder: TempDir,
    guide: Guide,
    helm: Helm,
}

impl Release {
    /// A namespace with what the stack refers to.
    fn ground() -> Option<Self> {
        let program = helm("a release on a cluster")?;
        let namespace = Namespace::restricted("helm")?;
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("stack.yaml"), STACK).expect("a file");
        fs::write(folder.path().join("entities.yaml"), ENTITIES).expect("a file");
        let file = format!("--from-file={}", folder.path().join("entities.yaml").display());
        namespace.kubectl(&["create", "configmap", "entities", &file]);
        let helm = Helm::at_home(program, folder.path());
        let guide = helm.guide(folder.path()).in_namespace(namespace.name());
        Some(Self { namespace, folder, guide, helm })
    }

    /// Helm in the namespace of the test.
    fn helm(&self, arguments: &[&str]) -> Ended {
        let all = [arguments, &["--namespace", self.namespace.name()]].concat();
        self.helm.run(self.folder.path(), &all)
    }

    fn manifest(&self) -> Vec<Value> {
        let ended = self.helm(&["get", "manifest", NAME]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        documents(&ended.stdout)
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

    /// The release as Helm applies it, in a file. Helm puts its label and its annotations on each object itself, after the templates.
    fn applied(&self) -> String {
        let mut objects = self.manifest();
        for object in &mut objects {
            let metadata = &mut object["metadata"];
            metadata["labels"]["app.kubernetes.io/managed-by"] = json!("Helm");
            metadata["annotations"]["meta.helm.sh/release-name"] = json!(NAME);
            metadata["annotations"]["meta.helm.sh/release-namespace"] = json!(self.namespace.name());
        }
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string();
        let file = self.folder.path().join("release.json");
        fs::write(&file, list).expect("a file");
        file.display().to_string()
    }

    /// What the API server would change if the release were applied once more.
    fn difference(&self) -> String {
        let file = self.applied();
        let mut diff = Command::new("kubectl");
        diff.args(["diff", "--server-side", "--field-manager=helm", "--filename", &file]);
        let diff = diff.args(["--namespace", self.namespace.name()]).output().expect("kubectl runs");
        let ended = Ended::from(diff);
        assert!(ended.code == Some(0) || !ended.stdout.is_empty(), "{ended:?}");
        ended.stdout
    }

    /// `helm test` with the logs of its pods.
    fn tested(&self) -> Ended {
        self.helm(&["test", NAME, "--logs"])
    }

    /// The check fails when something of the release is gone, says what, and succeeds when it is back.
    fn check_finds_what_is_broken(&self) {
        self.namespace.kubectl(&["delete", "networkpolicy", "postgres"]);
        let ended = self.tested();
        assert_ne!(ended.code, Some(0), "{ended:?}");
        let missing = format!("NL1110 NetworkPolicy {}/postgres", self.namespace.name());
        assert!(ended.stdout.contains(&missing), "{ended:?}");
        assert!(ended.stdout.contains("Helm (release backstage) keeps the stack"), "the way out is Helm's: {ended:?}");
        let file = self.applied();
        self.namespace.kubectl(&["apply", "--server-side", "--field-manager=helm", "--filename", &file]);
        let ended = self.tested();
        assert!(ended.code == Some(0) && ended.stdout.contains(" 0 failed"), "{ended:?}");
    }

    /// The account of the check is there only during a test. It read, no Secret, and nothing that was denied.
    fn check_only_reads(&self) {
        let of_check = "serviceaccounts,roles,rolebindings,configmaps,pods";
        let left = self.namespace.kubectl(&["get", of_check, "--output", "name"]);
        assert!(!left.contains("newleaf-check"), "{left}");
        let Some(audit) = Audit::find() else { return };
        let account = format!("system:serviceaccount:{}:newleaf-check", self.namespace.name());
        let asked = audit.asked_by(&account);
        assert!(asked.iter().any(|asked| asked.resource == "deployments" && asked.name == NAME), "{asked:?}");
        for asked in asked {
            assert!(["get", "list"].contains(&asked.verb.as_str()) && asked.resource != "secrets", "{asked:?}");
        }
        let denied = audit.lines(&account).into_iter().filter(|line| line.contains("\"code\":403"));
        assert_eq!(denied.collect::<Vec<_>>(), Vec::<String>::new());
    }

    /// Which pod PostgreSQL is.
    fn postgres(&self) -> String {
        self.namespace.kubectl(&["get", "pod", "postgres-0", "--output", "jsonpath={.metadata.uid}"])
    }

    fn is_deployed(&self) {
        let ended = self.helm(&["status", NAME, "--output", "json"]);
        let status: Value = serde_json::from_str(&ended.stdout).expect("JSON");
        assert_eq!(status["info"]["status"], "deployed", "{}", status["info"]);
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
        assert!(self.manifest().iter().all(|object| object["kind"] != "Secret"), "no Secret is in the release");
    }

    fn authority(&self) -> Value {
        self.object("secret", "newleaf-authority")["data"].clone()
    }

    fn leaf(&self) -> String {
        self.object("secret", "postgres-tls")["data"]["tls.crt"].to_string()
    }

    /// New leaves, and a new authority with new leaves: neither is drift of the release.
    fn rotates_and_rolls_over(&self) {
        let authority = self.authority();
        self.guide.run("Rotate");
        assert_eq!(self.authority(), authority);
        let rolled = Command::new(project::program())
            .args(["rotate", "--now", "--authority", "--namespace", self.namespace.name()])
            .output();
        let ended = Ended::from(rolled.expect("newleaf starts"));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_ne!(self.authority(), authority);
        assert_eq!(self.difference(), "", "a rotation is no drift");
    }

    /// An upgrade whose pods never start goes back by itself, and the next one works again.
    fn survives_a_failed_upgrade(&self) {
        let words = ["upgrade", NAME, "chart", "--reset-then-reuse-values"];
        let failing = ["--set", "backstage.image=localhost/nothing:1", "--rollback-on-failure", "--timeout", "25s"];
        let ended = self.helm(&[&words[..], &failing].concat());
        assert_ne!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stderr.contains("rolled back"), "{ended:?}");
        let image = self.object("deployment", NAME)["spec"]["template"]["spec"]["containers"][0]["image"].clone();
        assert_eq!(image, json!("localhost/backstage:1"), "{ended:?}");
        self.is_deployed();
    }

    /// Objects that are written whole lose the mark of a rotation: Backstage's pods are replaced once more. The next upgrade, again
    /// by server-side apply, changes nothing.
    fn survives_objects_that_are_replaced(&self) {
        let (before, postgres, leaf) = (self.namespace.revision(), self.postgres(), self.leaf());
        for method in [&["--force-replace", "--server-side=false"][..], &["--server-side=true"]] {
            let words = ["upgrade", NAME, "chart", "--reset-then-reuse-values", "--wait", "--timeout", "5m"];
            let ended = self.helm(&[&words[..], method].concat());
            assert_eq!(ended.code, Some(0), "{method:?}: {ended:?}");
            assert_eq!(self.namespace.revision(), before + 1, "{method:?}");
            assert_eq!((self.postgres(), self.leaf()), (postgres.clone(), leaf.clone()), "{method:?}");
        }
        let ended = self.tested();
        assert_eq!(ended.code, Some(0), "each consumer has the stored leaf: {ended:?}");
    }
}

#[test]
fn the_guide_of_helm_holds_while_clients_log_in_without_end() {
    let Some(release) = Release::ground() else { return };
    let guide = &release.guide;
    guide.run("Export");
    let again = guide.run("Export");
    assert!(again.stdout.contains("0 written, 0 removed"), "the same stack gives the same bytes: {again:?}");
    guide.run("Install");
    release.hooks_came_first();
    let tested = guide.run("Test");
    assert!(tested.stdout.contains(" 0 failed"), "{tested:?}");
    release.check_finds_what_is_broken();
    release.check_only_reads();
    let component = release.namespace.component();
    release.logins();
    let leaf = release.leaf();
    guide.run("Rotate");
    assert_ne!(release.leaf(), leaf);
    assert_eq!(release.difference(), "", "a rotation is no drift");
    guide.run("Upgrade");
    assert_eq!(release.object("deployment", NAME)["status"]["readyReplicas"], 2);
    let ended = release.tested();
    assert_eq!(ended.code, Some(0), "the check knows the values of the release: {ended:?}");
    release.survives_a_failed_upgrade();
    guide.run("Roll back");
    assert_eq!(release.object("deployment", NAME)["spec"]["replicas"], 1);
    release.rotates_and_rolls_over();
    release.survives_objects_that_are_replaced();
    println!("{:?}", Logins::all_succeeded(&release.namespace));
    let postgres = release.postgres();
    guide.run("Hand over");
    assert_eq!(release.postgres(), postgres, "neither tool restarts what the other one made");
    println!("{:?}", Logins::all_succeeded(&release.namespace));
    release.namespace.kubectl(&["delete", "deployment/logins", "configmap/logins", "--ignore-not-found"]);
    guide.run("Remove");
    let kinds = "statefulsets,cronjobs,services,networkpolicies,jobs,pods,roles";
    // Pods end a while after what has made them.
    wait::until("nothing of the release is left", || {
        release.namespace.kubectl(&["get", kinds, "--output", "name"]).is_empty()
    });
    release.namespace.has_what_cannot_be_made_again();
    guide.run("Install");
    assert_eq!(release.namespace.component(), component, "the data are still there");
    guide.run("Remove");
}
