//! The stack by Flux, from a folder that `export flux` wrote: synchronised, changed, rotated, meddled with, removed, and
//! synchronised again on the old volume.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::audit::Audit;
use crate::deployed::{Deployed, STACK};
use crate::ended::Ended;
use crate::flux_controller::{FLUX, Flux};
use crate::flux_marks;
use crate::guide::{self, Guide};
use crate::load::Load;
use crate::tools::tool;

/// What Flux does to a text that it may change, if nothing keeps it from it.
const TITLE: &str = "${PORTAL_TITLE}";
/// The Kustomizations, in their order.
const NAMES: [&str; 5] = [
    "backstage-configuration",
    "backstage-certificates",
    "backstage-database",
    "backstage-backstage",
    "backstage-rest",
];
/// The Kustomization of the guide, which has the others.
const PORTAL: &str = "portal";
/// How often Flux compares the cluster with the files, for an impatient test.
const INTERVAL: &str = "20s";
/// An object of a kind that this cluster does not have.
const EXTERNAL: &str =
    "externalSecrets={store: {name: vault}, secrets: [{name: theirs, data: [{key: a, remoteKey: b}]}]}";
/// Clients of the test connect to every pod of the stack.
const OPENING: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}
";
/// What outlives the Kustomizations, and by what it is known again.
const KEPT: [(&str, &str); 2] =
    [("pvc/data-postgres-0", ".metadata.uid"), ("secret/newleaf-authority", ".data.authority-1\\.crt")];

/// The stack, and the folder that is in Git.
struct Synced {
    stack: Deployed,
    flux: Flux,
    audit: Audit,
    begun: Instant,
}

impl Synced {
    /// What a person writes into the folder of the cluster, with a change that many make there: substitution in every Kustomization.
    fn begin(&self) {
        let text = guide::block("flux.md", "# clusters/production/portal.yaml");
        let mut portal: Value = serde_saphyr::from_str(&text).expect("YAML");
        let change = json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": { "name": "any" },
            "spec": { "interval": INTERVAL, "postBuild": { "substitute": { "PORTAL_TITLE": "substituted" } } },
        });
        portal["spec"]["patches"] = json!([{ "patch": change.to_string(), "target": { "kind": "Kustomization" } }]);
        self.flux.apply(&portal);
    }

    /// Commits the folder, and waits until Flux has applied all of it.
    fn synchronise(&self, number: u32) {
        self.synchronised(&self.flux.commit(self.stack.folder(), number));
    }

    fn synchronised(&self, revision: &str) {
        self.flux.applied(&[PORTAL], revision);
        self.flux.applied(&NAMES, revision);
    }

    fn field(&self, object: &str, path: &str) -> String {
        self.stack.namespace.kubectl(&["get", object, "--output", &format!("jsonpath={{{path}}}")])
    }

    fn rollouts(&self) -> Rollouts {
        let selector = "app.kubernetes.io/name=postgres";
        let revisions =
            self.stack.namespace.kubectl(&["get", "controllerrevisions", "--selector", selector, "--output", "name"]);
        Rollouts { backstage: self.stack.revision(), postgres: revisions.lines().count() }
    }

    /// What Flux has written to objects of the stack: verb, resource and name of each request that was no dry run.
    fn written(&self) -> Vec<String> {
        self.audit.catch_up();
        let mut all = Vec::new();
        for line in self.audit.lines("kustomize-controller/") {
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let is_write = ["create", "update", "patch", "delete"].contains(&text("/verb"));
            let is_real = text("/stage") == "ResponseComplete" && !text("/requestURI").contains("dryRun=All");
            if is_write && is_real && text("/objectRef/namespace") == self.stack.namespace.name() {
                all.push(format!("{} {}/{}", text("/verb"), text("/objectRef/resource"), text("/objectRef/name")));
            }
        }
        all
    }

    fn took(&self, what: &str) {
        println!("{:6.1} s: {what}", self.begun.elapsed().as_secs_f64());
    }
}

/// How often the pods of both workloads were replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rollouts {
    backstage: u32,
    postgres: usize,
}

/// What the Kustomizations say of themselves, from each change to the next.
struct Watched {
    kubectl: Child,
}

impl Watched {
    fn start() -> Self {
        let columns = "custom-columns=NAME:.metadata.name,READY:.status.conditions[?(@.type=='Ready')].status,\
                       WHY:.status.conditions[?(@.type=='Ready')].reason";
        let mut command = Command::new("kubectl");
        command.args(["--namespace", FLUX, "get", "kustomizations", "--watch", "--no-headers", "--output", columns]);
        Self { kubectl: command.stdout(Stdio::piped()).spawn().expect("kubectl runs") }
    }

    /// How often each Kustomization was ready, unknown or not ready, with the reason.
    fn end(mut self) -> Vec<String> {
        self.kubectl.kill().expect("it runs");
        let output = self.kubectl.wait_with_output().expect("it ends");
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }
}

#[test]
fn flux_synchronises_the_stack_and_rotations_restarts_and_people_make_it_no_second_one() {
    let document = STACK
        .replace("replicas: 2", "replicas: 1\n  drainSeconds: 3")
        .replace("rotation: {", "rotation: {nudge: true, ")
        .replace("  - inline:\n", &format!("  - inline:\n      app: {{title: '{TITLE}'}}\n"));
    let Some(stack) = Deployed::ground("flux", &document) else { return };
    stack.names_its_namespace();
    let (Some(audit), Some(flux)) = (Audit::find(), Flux::start()) else { return };
    let synced = Synced { stack, flux, audit, begun: Instant::now() };
    let guide = synced.stack.guide("flux.md");
    symlink(&synced.flux.program, synced.stack.folder().join("bin/flux")).expect("a link");

    guide.run("Export");
    what_flux_builds_is_the_stack(&synced);
    let revision = synced.flux.commit(synced.stack.folder(), 1);
    synced.begin();
    guide.run("Install");
    synced.synchronised(&revision);
    synced.took("installed");
    follows_the_order(&synced);
    releases_are_what_flux_takes(&synced);
    let component = synced.stack.component();
    let kept = KEPT.map(|(object, path)| synced.field(object, path));

    synced.stack.namespace.apply(OPENING);
    let load = Load::start(&synced.stack.namespace, 2);
    rotates_without_a_second_rollout(&synced, &guide);
    one_setting_changes_one_object(&synced, &guide);
    drift_is_repaired(&synced);
    a_restart_by_kubectl_alone_is_undone(&synced, &guide);
    what_a_phase_waits_for_is_named(&synced, &guide);
    let seen = load.answered(1);
    let (logins, catalog) = (&seen.logins, &seen.catalog);
    println!("{} logins, {} of the catalog; Flux: {:?} MiB", logins.succeeded, catalog.succeeded, synced.flux.memory());
    assert_eq!([logins.failed, catalog.failed], [0, 0], "{seen:?}");
    drop(load);

    synced.stack.namespace.kubectl(&["delete", "pod/load", "configmap/load", "networkpolicy/open", "--grace-period=1"]);
    guide.run("Remove");
    only_what_cannot_be_made_again_is_left(&synced);
    synced.begin();
    synced.synchronise(5);
    synced.took("installed again");
    assert_eq!(
        KEPT.map(|(object, path)| synced.field(object, path)),
        kept,
        "the volume and the authority are the old ones"
    );
    assert_eq!(synced.stack.component(), component, "the data are still there");
    let before = synced.rollouts();
    guide.run("Hand over");
    // Once, for the checksum of what the stack refers to.
    assert_eq!(synced.rollouts(), Rollouts { backstage: before.backstage + 1, ..before });
    synced.took("handed over");
}

/// What a program said, wherever it said it.
fn said(ended: &Ended) -> String {
    format!("{}{}", ended.stdout, ended.stderr)
}

/// Without a cluster: what `flux build` makes of each phase are together the objects that `render` shows, but for the labels that
/// Flux gives to all that it applies, and what the export tells it.
fn what_flux_builds_is_the_stack(synced: &Synced) {
    let mut built = BTreeMap::new();
    for name in NAMES {
        let phase = name.trim_start_matches("backstage-");
        let (path, file) = (format!("portal/{phase}"), format!("portal/clusters/backstage/{name}.yaml"));
        let mut command = Command::new(&synced.flux.program);
        command.args(["build", "kustomization", name, "--dry-run", "--path", &path, "--kustomization-file", &file]);
        let ended = Ended::from(command.current_dir(synced.stack.folder()).output().expect("it starts"));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let objects: Vec<Value> = serde_saphyr::from_multiple(&ended.stdout).expect("YAML");
        for mut object in objects.into_iter().map(flux_marks::plain) {
            flux_marks::without(&mut object, "labels");
            built.insert(name_of(&object), object);
        }
    }
    let ended = synced.stack.deploy(&["render", "--output", "json"]);
    let list: Value = serde_json::from_str(&ended.stdout).expect("a document");
    let rendered = list["items"].as_array().expect("a list").iter().cloned().map(flux_marks::plain);
    let rendered: BTreeMap<String, Value> = rendered.map(|object| (name_of(&object), object)).collect();
    assert_eq!(built, rendered);
}

fn name_of(object: &Value) -> String {
    format!("{}/{}", object["kind"], object["metadata"]["name"])
}

/// Charts are tried against the kinds only: the helm-controller cannot be built here.
fn releases_are_what_flux_takes(synced: &Synced) {
    for (name, options) in [
        ("of-folder", ["--chart", "charts/portal"]),
        ("of-registry", ["--chart", "oci://registry.invalid/charts/portal:1.0.0"]),
        ("expressions", ["--set", EXTERNAL]),
    ] {
        let folder = synced.stack.folder().join("tried").join(name);
        let path = folder.display().to_string();
        let ended = synced.stack.deploy(&[&["export", "flux", &path][..], &options].concat());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let clusters = folder.join("clusters/backstage").display().to_string();
        synced.flux.namespace.kubectl(&["apply", "--dry-run=server", "--namespace", FLUX, "--filename", &clusters]);
    }
}

/// Three rotations, while Flux compares the cluster with the files again and again.
fn rotates_without_a_second_rollout(synced: &Synced, guide: &Guide) {
    let wrote = synced.written().len();
    let job = synced.field("job/newleaf-bootstrap", ".metadata.uid");
    let before = synced.rollouts();
    let watched = Watched::start();
    for number in 1..=3 {
        std::thread::scope(|scope| {
            let rotation = scope.spawn(|| guide.run("Rotate"));
            synced.flux.reconcile(&NAMES[2..4], &format!("during-{number}"));
            rotation.join().expect("it ends");
        });
        synced.took("rotated");
    }
    synced.flux.reconcile(&NAMES, "after");
    let ended = guide.run("Preview");
    assert!(!said(&ended).contains('►'), "a rotation is no drift to `flux diff` either: {ended:?}");
    synced.took("compared");
    let seen = watched.end();
    let since = synced.written().split_off(wrote);
    assert!(since.is_empty(), "a rotation is no drift: {since:?}");
    assert_eq!(synced.rollouts(), Rollouts { backstage: before.backstage + 3, ..before }, "one a rotation");
    assert_eq!(synced.field("job/newleaf-bootstrap", ".metadata.uid"), job, "the Job stays, and is not run again");
    let states: BTreeSet<&String> = seen.iter().collect();
    for state in states {
        println!("{} x {state}", seen.iter().filter(|other| *other == state).count());
        // A Kustomization that begins to compare is unknown for a moment; one that asks for it just then looks again later.
        let is_good = state.contains(" True ") || state.contains(" Unknown ") || state.contains("DependencyNotReady");
        assert!(is_good, "{state}");
    }
}

fn one_setting_changes_one_object(synced: &Synced, guide: &Guide) {
    let wrote = synced.written().len();
    let exported = guide.run("Upgrade");
    assert!(exported.stdout.starts_with("wrote rest/objects.yaml\n1 written, 0 removed"), "{exported:?}");
    let (_, previewed) = guide.attempt("Preview");
    let text = said(&previewed);
    let changed: Vec<&str> =
        text.lines().filter_map(|line| line.split_once('►')).map(|(_, what)| what.trim()).collect();
    let job = format!("CronJob/{}/newleaf drifted", synced.stack.namespace.name());
    assert_eq!((previewed.code, changed), (Some(1), vec![job.as_str()]), "{previewed:?}");
    synced.synchronise(2);
    assert_eq!(synced.written()[wrote..], ["patch cronjobs/newleaf"]);
    assert_eq!(synced.field("cronjob/newleaf", ".spec.schedule"), "5 4 * * *");
    synced.took("upgraded");
}

fn drift_is_repaired(synced: &Synced) {
    let before = synced.rollouts();
    let change = ["--type=merge", "--patch", r#"{"spec":{"revisionHistoryLimit":7}}"#, "--field-manager=person"];
    synced.stack.namespace.kubectl(&[&["patch", "deployment/backstage"][..], &change].concat());
    synced.flux.reconcile(&NAMES[3..4], "drift");
    assert_eq!(synced.field("deployment/backstage", ".spec.revisionHistoryLimit"), "3");
    assert_eq!(synced.rollouts(), before);
    synced.took("repaired");
}

/// Flux takes away what kubectl's own field managers wrote, and so also the mark of a restart: that is a second rollout.
fn a_restart_by_kubectl_alone_is_undone(synced: &Synced, guide: &Guide) {
    let before = synced.rollouts();
    let again = |token| {
        synced.stack.namespace.rolled_out("deployment/backstage");
        synced.flux.reconcile(&NAMES[3..4], token);
        synced.stack.namespace.rolled_out("deployment/backstage");
    };
    guide.run("Restart");
    again("restarted");
    assert_eq!(synced.rollouts(), Rollouts { backstage: before.backstage + 1, ..before });
    synced.stack.namespace.kubectl(&["rollout", "restart", "deployment/backstage"]);
    again("undone");
    again("settled");
    assert_eq!(synced.rollouts(), Rollouts { backstage: before.backstage + 3, ..before });
    synced.took("restarted");
}

/// A kind that the cluster lacks is named by the phase that has it. Once it is there, the phases after it wait until its object
/// says that it is ready; without the expressions of the export, Flux would not.
fn what_a_phase_waits_for_is_named(synced: &Synced, guide: &Guide) {
    let (before, phase) = (synced.rollouts(), &NAMES[..1]);
    let folder = synced.stack.folder().join("portal").display().to_string();
    let ended = synced.stack.deploy(&["export", "flux", &folder, "--path", "portal", "--set", EXTERNAL]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let revision = synced.flux.commit(synced.stack.folder(), 3);
    synced.flux.until(phase, "--for=jsonpath={.status.conditions[?(@.type==\"Ready\")].reason}=ReconciliationFailed");
    let said = guide.run("See what is wrong");
    assert!(said.stdout.contains("no matches for kind \"ExternalSecret\""), "{said:?}");

    let kind = tool("crds").expect("Flux has started with it").join("external-secrets.io_externalsecrets.yaml");
    let kind = kind.display().to_string();
    synced.flux.namespace.kubectl(&["apply", "--server-side", "--filename", &kind]);
    synced.flux.ask(phase[0], "kind");
    synced.stack.namespace.kubectl(&["wait", "--for=create", "externalsecret/theirs", "--timeout=60s"]);
    let applied = format!("--for=jsonpath={{.status.lastAppliedRevision}}={revision}");
    // It looks every five seconds.
    let waited = synced.flux.namespace.attempt(&["wait", "kustomization", phase[0], &applied, "--timeout=6s"], "");
    assert!(waited.as_ref().is_err_and(|why| why.contains("timed out")), "it says nothing yet: {waited:?}");
    let ready = r#"{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#;
    let patch = ["patch", "externalsecret", "theirs", "--subresource=status", "--type=merge", "--patch", ready];
    synced.stack.namespace.kubectl(&patch);
    synced.flux.applied(&NAMES, &revision);

    guide.run("Roll back");
    synced.synchronise(4);
    assert_eq!(synced.stack.namespace.kubectl(&["get", "externalsecrets", "--output", "name"]), "", "it is pruned");
    synced.flux.namespace.kubectl(&["delete", "--filename", &kind]);
    assert_eq!(synced.rollouts(), before);
    synced.took("mended");
}

fn only_what_cannot_be_made_again_is_left(synced: &Synced) {
    let namespace = &synced.stack.namespace;
    let kinds =
        "deployments,statefulsets,cronjobs,jobs,services,networkpolicies,roles,rolebindings,poddisruptionbudgets";
    let left = namespace.kubectl(&["get", kinds, "--output", "name"]);
    assert_eq!(left, "", "only what cannot be made again is left");
    namespace.has_what_cannot_be_made_again();
    namespace.kubectl(&["wait", "--for=delete", "pod/postgres-0", "--timeout=60s"]);
    synced.took("removed");
}

/// Each phase begins after the one before is ready, by the API server's own times.
fn follows_the_order(synced: &Synced) {
    let moments = [
        synced.field("job/newleaf-bootstrap", ".status.completionTime"),
        synced.field("statefulset/postgres", ".metadata.creationTimestamp"),
        synced.field("pod/postgres-0", ".status.conditions[?(@.type==\"Ready\")].lastTransitionTime"),
        synced.field("deployment/backstage", ".metadata.creationTimestamp"),
        synced.field("deployment/backstage", ".status.conditions[?(@.type==\"Available\")].lastTransitionTime"),
        synced.field("cronjob/newleaf", ".metadata.creationTimestamp"),
    ];
    assert!(moments.is_sorted() && !moments.contains(&String::new()), "{moments:?}");
    let texts = synced.stack.namespace.kubectl(&["get", "configmaps", "--output", "yaml"]);
    assert!(texts.contains(TITLE), "Backstage reads the variable itself: {texts}");
}
