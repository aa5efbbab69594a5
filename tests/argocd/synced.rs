//! The whole stack from Git: installed, rotated, changed, disturbed, deleted, and installed again on its volume.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use crate::application::{Application, History};
use crate::argo::Argo;
use crate::audit::Audit;
use crate::ended::Ended;
use crate::guide::Guide;
use crate::kubectl::Namespace;
use crate::logins::Logins;
use crate::repository::Repository;

/// The stack's name, its namespace, and so the name of the Application.
pub(crate) const NAME: &str = "backstage";
/// The images of the test cluster. One replica: two lock each other out of an empty database, and Argo CD starts them together.
pub(crate) const STACK: &str = "
backstage: {image: 'localhost/backstage:1', command: [node, index.js]}
database: {version: 15, image: 'localhost/postgres:15'}
rotation: {image: 'localhost/newleaf:local'}
";
/// The clients of the fixture with the labels by which PostgreSQL's network policy lets Backstage in.
const PASSING: (&str, &str) = (
    "metadata: {labels: {app: logins}}",
    "metadata: {labels: {app: logins, app.kubernetes.io/name: backstage, app.kubernetes.io/instance: backstage}}",
);
/// How the program of Argo CD names itself to the API server, in an entry of the audit log.
const ARGO_CD: &str = "\"userAgent\":\"argocd";
/// What a person would miss: the objects that no deletion of the Application takes.
const KEPT: [&str; 4] = [
    "persistentvolumeclaim/data-postgres-0",
    "secret/backstage-tls",
    "secret/newleaf-authority",
    "secret/postgres-tls",
];

struct Synced<'a> {
    argo: &'a Argo,
    application: Application<'a>,
    repository: &'a Repository,
    guide: Guide,
    namespace: &'a Namespace,
    audit: Audit,
}

#[test]
fn argo_cd_installs_the_stack_rotates_with_it_heals_it_and_leaves_its_data() {
    let Some(argo) = Argo::start() else { return };
    let Some(audit) = Audit::find() else { return };
    let (repository, namespace) = (Repository::new(&[]), Namespace::absent(NAME));
    let guide = repository.guide();
    let application = Application { argo: &argo, name: NAME };
    let synced = Synced { argo: &argo, application, repository: &repository, guide, namespace: &namespace, audit };
    synced.install();
    synced.rotate();
    synced.upgrade_and_roll_back();
    synced.change();
    synced.restart();
    synced.heal();
    synced.turn_red();
    println!("resident memory, now and at its peak, MiB: {:?}", argo.memory());
    synced.remove_and_install_again();
}

impl Synced<'_> {
    fn install(&self) {
        self.repository.write(STACK);
        let begin = Instant::now();
        self.guide.run("Install");
        self.application.until_good(&self.repository.revision());
        println!("installed after {:.0} s", begin.elapsed().as_secs_f64());
        assert_eq!(self.argo.syncs(), 1, "an installation is one sync: the waves are ordered");
        self.namespace.apply(&include_str!("../cluster/fixtures/logins.yaml").replace(PASSING.0, PASSING.1));
        self.namespace.rolled_out("deployment/logins");
    }

    /// Rotations and a rollover are no drift, and Argo CD does nothing about them.
    fn rotate(&self) {
        let (history, syncs, before) = (History::begin(NAME), self.argo.syncs(), self.generations());
        let (rollouts, mark) = (self.rollouts(), self.writes().len());
        for arguments in [&["rotate", "--now"][..], &["rotate", "--now"], &["rotate", "--now", "--authority"]] {
            let mut command = Command::new(project::program());
            command.args(arguments).args(["--namespace", NAME]);
            let ended = Ended::from(command.output().expect("it starts"));
            assert_eq!(ended.code, Some(0), "{ended:?}");
        }
        self.guide.run("Rotate");
        self.application.until_good(&self.repository.revision());
        let states = history.states();
        println!("states during three rotations and a rollover: {states:?}");
        // A rollout is `Progressing` by Argo CD's own rule.
        let is_good = |state: &String| ["Synced Healthy", "Synced Progressing"].contains(&state.as_str());
        assert!(states.len() > 1 && states.iter().all(is_good), "{states:?}");
        assert_eq!(self.argo.syncs(), syncs, "a rotation is nothing to sync");
        assert_eq!(self.writes()[mark..], Vec::<String>::new()[..], "Argo CD writes nothing");
        let rollouts = self.rollouts() - rollouts;
        let changes = self.generations()["Deployment backstage"] - before["Deployment backstage"];
        println!("{rollouts} rollouts of Backstage");
        assert_eq!(rollouts, changes, "each change of the rotation rolls once, none twice");
        let logins = Logins::all_succeeded(self.namespace);
        println!("{logins:?}");
        assert!(logins.leaves >= 4, "{logins:?}");
    }

    /// Another title, and the former one again: each rolls Backstage once.
    fn upgrade_and_roll_back(&self) {
        for section in ["Upgrade", "Roll back"] {
            let (rollouts, syncs) = (self.rollouts(), self.argo.syncs());
            self.guide.run(section);
            self.application.until_good(&self.repository.revision());
            assert_eq!((self.rollouts(), self.argo.syncs()), (rollouts + 1, syncs + 1), "{section}");
        }
    }

    /// One setting changes one object: in Git, and in the cluster.
    fn change(&self) {
        let before = self.generations();
        let (syncs, mark) = (self.argo.syncs(), self.writes().len());
        let changed = self.repository.push(&scheduled());
        assert_eq!(changed, [".newleaf-export.json", "objects/rest.yaml"], "the file, and the record of the export");
        self.application.refresh();
        self.application.until_good(&self.repository.revision());
        let mut after = self.generations();
        let former = before["CronJob newleaf"];
        assert_eq!(after.insert("CronJob newleaf".to_owned(), former), Some(former + 1));
        assert_eq!(after, before, "one object has changed");
        assert_eq!(self.argo.syncs(), syncs + 1);
        let mut written = self.writes().split_off(mark);
        written.sort();
        written.dedup();
        println!("what a sync of one change applies: {written:?}");
        assert!(written.contains(&"patch cronjobs newleaf".to_owned()), "the audit log shows what Argo CD does");
    }

    /// A person restarts Backstage: once, and Argo CD leaves it at that.
    fn restart(&self) {
        let (rollouts, syncs) = (self.rollouts(), self.argo.syncs());
        self.namespace.kubectl(&["rollout", "restart", "deployment/backstage"]);
        self.namespace.rolled_out("deployment/backstage");
        self.application.refresh();
        self.application.until_good(&self.repository.revision());
        assert_eq!(self.rollouts(), rollouts + 1, "one rollout");
        assert_eq!(self.argo.syncs(), syncs, "Argo CD takes no restart back");
    }

    /// What a person changes or deletes is put back, by one sync each.
    fn heal(&self) {
        let syncs = self.argo.syncs();
        self.namespace.kubectl(&["scale", "deployment/backstage", "--replicas=2"]);
        self.namespace.until(&["get", "deployment/backstage", "--output", "jsonpath={.spec.replicas}"], "1");
        self.namespace.kubectl(&["delete", "service/backstage"]);
        self.namespace.until(&["get", "service/backstage", "--output", "name"], "service/backstage");
        self.application.until_good(&self.repository.revision());
        println!("{} syncs healed two changes", self.argo.syncs() - syncs);
        assert!((syncs + 1..=syncs + 2).contains(&self.argo.syncs()), "no endless sync");
    }

    /// A rotation that fails shows in Argo CD, and one that succeeds again, too.
    fn turn_red(&self) {
        let status = ["get", "cronjob/newleaf", "--output", "jsonpath={.status.lastSuccessfulTime}"];
        self.namespace.until(&status, "T");
        let authority: Value = self.object("secret/newleaf-authority");
        let key = "authority-2.key";
        assert!(authority["data"][key].is_string(), "the rollover has left the second generation");
        let patch = |value: &Value| json!({ "data": { key: value } }).to_string();
        let damage = |value: &Value| {
            self.namespace.kubectl(&["patch", "secret/newleaf-authority", "--type=merge", "--patch", &patch(value)]);
        };
        damage(&json!(null));
        self.application.until("a failing rotation is seen", |status| status["health"]["status"] == "Degraded");
        damage(&authority["data"][key]);
        self.application.until_good(&self.repository.revision());
    }

    /// The deletion of the Application leaves what cannot be made again, and a new one works on it.
    fn remove_and_install_again(&self) {
        let seen = Logins::all_succeeded(self.namespace);
        self.namespace.kubectl(&["delete", "deployment/logins", "--wait"]);
        let begin = Instant::now();
        self.guide.run("Remove");
        println!("removed after {:.0} s", begin.elapsed().as_secs_f64());
        let kinds = "deployments,statefulsets,cronjobs,jobs,services,networkpolicies,roles,configmaps,serviceaccounts";
        let ours = ["--selector", "app.kubernetes.io/part-of"];
        let left = self.namespace.kubectl(&[&["get", kinds, "--output", "name"][..], &ours].concat());
        assert_eq!(left, "", "only what cannot be made again is left");
        self.namespace.kubectl(&[&["get"][..], &KEPT].concat());
        self.argo.namespace.kubectl(&["apply", "--filename", &self.repository.applications()]);
        self.application.until_good(&self.repository.revision());
        let rows = "SELECT count(*) FROM logins";
        let rows = self.namespace.until(&["exec", "postgres-0", "--", "psql", "-Atc", rows], "\n");
        let rows: u32 = rows.trim().parse().expect("a number");
        assert!(rows >= seen.succeeded, "the data are still there: {rows}");
    }

    fn object(&self, name: &str) -> Value {
        serde_json::from_str(&self.namespace.kubectl(&["get", name, "--output", "json"])).expect("an object")
    }

    /// Of each object of the stack that counts its changes, how often it has changed.
    fn generations(&self) -> BTreeMap<String, u64> {
        let kinds = "deployments,statefulsets,cronjobs,networkpolicies,poddisruptionbudgets";
        let list =
            self.namespace.kubectl(&["get", kinds, "--output", "json", "--selector", "app.kubernetes.io/part-of"]);
        let list: Value = serde_json::from_str(&list).expect("a list");
        let item = |item: &Value| {
            let name = format!("{} {}", item["kind"].as_str()?, item["metadata"]["name"].as_str()?);
            Some((name, item["metadata"]["generation"].as_u64()?))
        };
        list["items"].as_array().expect("items").iter().filter_map(item).collect()
    }

    /// How many rollouts Backstage has had.
    fn rollouts(&self) -> u64 {
        let revision = r"jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}";
        self.namespace.kubectl(&["get", "deployment/backstage", "--output", revision]).parse().expect("a number")
    }

    /// What Argo CD has written in the namespace of the stack, by the API server's own word; dry runs are no writes.
    fn writes(&self) -> Vec<String> {
        self.audit.catch_up();
        let entries = self.audit.lines(ARGO_CD);
        let entries = entries.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let written = entries.filter(|entry| {
            let of_stack = entry["objectRef"]["namespace"] == NAME;
            let is_write = ["create", "update", "patch", "delete"].iter().any(|verb| entry["verb"] == *verb);
            let is_dry = entry["requestURI"].as_str().is_some_and(|uri| uri.contains("dryRun"));
            entry["stage"] == "ResponseComplete" && of_stack && is_write && !is_dry
        });
        written
            .map(|entry| {
                let (verb, object) = (&entry["verb"], &entry["objectRef"]);
                format!("{verb} {} {}", object["resource"], object["name"]).replace('"', "")
            })
            .collect()
    }
}

/// The same stack with a rotation each minute.
fn scheduled() -> String {
    STACK.replace("rotation: {", "rotation: {schedule: '* * * * *', ")
}
