//! The demo within the cluster: one section a thing that a person does with the stack.

use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::paper::{Paper, Tone};
use crate::shell::{kubectl, run};
use crate::{CLUSTER_SECONDS, Problem, catalog};

/// What the test cluster has instead of the images that the defaults name.
const IMAGES: [[&str; 2]; 3] = [
    ["localhost/backstage:1", "ghcr.io/backstage/backstage:1.53.1"],
    ["localhost/postgres:15", "docker.io/library/postgres:17.10-bookworm"],
    ["localhost/newleaf:local", "docker.io/library/newleaf:0.1.0"],
];

const ENTITIES: &str = include_str!("../cluster/fixtures/entities.yaml");

const STACK: &str = "\
features: {auth: {guest: true}}
backstage:
  replicas: 2
  files: [{configMap: entities, path: /etc/entities}]
  appConfig:
  - inline:
      catalog:
        rules: [{allow: [Component, Group]}]
        locations: [{type: file, target: /etc/entities/entities.yaml}]
";

/// The sections that are measured, each with its seconds.
struct Times {
    rows: Vec<(&'static str, f64)>,
}

impl Times {
    fn measure<T>(&mut self, what: &'static str, act: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        let begin = Instant::now();
        let result = act()?;
        self.rows.push((what, begin.elapsed().as_secs_f64()));
        Ok(result)
    }

    fn show(&self, paper: &mut Paper) {
        let row = |name: &str, seconds: f64, tone| vec![(name.to_owned(), tone), (format!("{seconds:>6.1} s"), tone)];
        let total = self.rows.iter().map(|(_, seconds)| seconds).sum();
        let rows = self.rows.iter().map(|&(name, seconds)| row(name, seconds, Tone::Plain));
        let rows: Vec<_> = rows.chain([row("all of it", total, Tone::Quiet)]).collect();
        paper.table(&[], &rows);
    }
}

/// Demonstrates; 0 when everything was as it must be.
pub(crate) fn demonstrate(paper: &mut Paper) -> Result<ExitCode, Problem> {
    let cluster = std::env::var(CLUSTER_SECONDS).ok().and_then(|seconds| seconds.parse().ok());
    let mut times =
        Times { rows: cluster.map(|seconds| ("a Kubernetes, from nothing", seconds)).into_iter().collect() };
    let directory = TempDir::new()?;
    let stack = directory.path().join("stack.yaml");
    fs::write(&stack, STACK)?;
    fs::write(directory.path().join("entities.yaml"), ENTITIES)?;
    std::env::set_current_dir(directory.path())?;

    paper.section("Install, without a file");
    times.measure("images under their official names", || name_images(paper))?;
    times.measure("install, without a file", || deploy(paper, &["install"]))?;
    ask_unknown(paper)?;

    paper.section("A change");
    paper.file("stack.yaml", STACK);
    times.measure("a change: guests, a catalog, two replicas", || change(paper))?;
    let before = ask(paper)?;

    paper.section("New leaves");
    let old = serials()?;
    times.measure("a rotation of both leaves", || {
        run(paper, "newleaf", project::program(), &["rotate", "--now", "--namespace", "backstage"])
    })?;
    let new = serials()?;
    let changed = show_serials(paper, &old, &new);

    paper.section("What is wrong");
    let lines = times.measure("check", || deploy(paper, &["check", "-f", "stack.yaml"]))?;
    for line in lines.lines() {
        paper.note(line);
    }

    paper.section("Remove, and install again on the old volume");
    times.measure("uninstall", || deploy(paper, &["uninstall", "-f", "stack.yaml", "--yes"]))?;
    show_kept(paper)?;
    times.measure("install, on the old volume", || deploy(paper, &["install", "-f", "stack.yaml"]))?;
    let after = ask(paper)?;

    paper.section("Result");
    let same = before == after;
    paper.table(
        &["", "before", "after"],
        &[
            vec![cell("the component's uid in the catalog"), cell(&before), verdict(&after, same)],
            vec![cell("server's leaf"), cell(&old[0]), verdict(&new[0], changed)],
            vec![cell("client's leaf"), cell(&old[1]), verdict(&new[1], changed)],
        ],
    );
    paper.pause();
    times.show(paper);
    Ok(if same && changed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cell(text: &str) -> (String, Tone) {
    (text.to_owned(), Tone::Plain)
}

fn verdict(text: &str, well: bool) -> (String, Tone) {
    (text.to_owned(), if well { Tone::Good } else { Tone::Bad })
}

fn deploy(paper: &mut Paper, arguments: &[&str]) -> Result<String, Problem> {
    run(paper, "newleaf-deploy", project::deployer(), arguments)
}

/// No registry is reached: what this machine has made stands under the names that the defaults have.
fn name_images(paper: &mut Paper) -> Result<(), Problem> {
    let script = project::root().join("tests/cluster/cluster");
    for [own, official] in IMAGES {
        run(paper, "tests/cluster/cluster", &script, &["tag", own, official])?;
    }
    paper.note("PostgreSQL of Debian, and a Backstage backend with a catalog: they behave like the official images");
    paper.pause();
    Ok(())
}

/// Backstage answers, and a client that has not signed in learns nothing.
fn ask_unknown(paper: &mut Paper) -> Result<(), Problem> {
    paper.command("curl http://backstage.backstage.svc:7007/api/catalog/entities");
    let answer = catalog::get("/api/catalog/entities", None)?;
    let why = answer.document["error"]["message"].as_str().unwrap_or("?").to_owned();
    paper.note(&format!("{} {why}", answer.status));
    if answer.status == 401 { Ok(()) } else { Err("the catalog answered without a sign-in".into()) }
}

fn change(paper: &mut Paper) -> Result<(), Problem> {
    paper.command("kubectl create configmap entities --namespace backstage --from-file=entities.yaml");
    kubectl(&["create", "configmap", "entities", "--namespace", "backstage", "--from-file=entities.yaml"])?;
    deploy(paper, &["install", "-f", "stack.yaml"])?;
    Ok(())
}

/// The catalog's answer to a guest: the identity of the component.
fn ask(paper: &mut Paper) -> Result<String, Problem> {
    paper.command(
        "curl --header \"Authorization: Bearer $GUEST\" .../api/catalog/entities/by-name/component/default/newleaf",
    );
    let uid = catalog::component()?;
    paper.note(&format!("component:default/newleaf, uid {uid}"));
    Ok(uid)
}

/// The serials of the stored leaves: the server's and the client's.
fn serials() -> Result<[String; 2], Problem> {
    let status =
        std::process::Command::new(project::program()).args(["status", "-n", "backstage", "-o", "json"]).output()?;
    let status: Value = serde_json::from_slice(&status.stdout)?;
    let serial = |leaf: &str| {
        let serial = status["facts"][leaf]["present"]["serial"].as_str().unwrap_or("?");
        serial.get(..12).unwrap_or(serial).to_owned()
    };
    Ok([serial("server"), serial("client")])
}

/// Whether both leaves are new.
fn show_serials(paper: &mut Paper, old: &[String; 2], new: &[String; 2]) -> bool {
    paper.pause();
    let changed = old.iter().zip(new).all(|(old, new)| old != new);
    paper.table(
        &["", "before", "after"],
        &[
            vec![cell("server's leaf"), cell(&old[0]), verdict(&new[0], changed)],
            vec![cell("client's leaf"), cell(&old[1]), verdict(&new[1], changed)],
        ],
    );
    changed
}

fn show_kept(paper: &mut Paper) -> Result<(), Problem> {
    let kinds = "persistentvolumeclaims,secrets,deployments,statefulsets,cronjobs,services";
    paper.command(&format!("kubectl get {kinds} --namespace backstage"));
    for name in kubectl(&["get", kinds, "--namespace", "backstage", "--output", "name"])?.lines() {
        paper.note(name);
    }
    paper.pause();
    Ok(())
}
