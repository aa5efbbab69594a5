//! The demo within the cluster: what is installed, who is let in, and what is rotated under load.

use std::process::ExitCode;
use std::time::Instant;

use crate::installed::{CONSUMERS, Installed, LOAD, projection};
use crate::load::Load;
use crate::paper::Paper;
use crate::refusals;
use crate::rotations::Rotations;
use crate::{Problem, STOPPED};

/// Clients that ask Backstage for its catalog, besides those that log in to PostgreSQL.
const CATALOG_CLIENTS: usize = 2;

/// Demonstrates; 0 when everything was as it must be, 1 when not, and 2 when it came to no end.
pub(crate) fn main(mut paper: Paper) -> ExitCode {
    // The parts of the tests say by a panic what kept them from going on.
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload().downcast_ref::<String>().cloned();
        Paper::of_process().failed(&text.unwrap_or_else(|| panic.to_string()));
    }));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| demonstrate(&mut paper)));
    match result {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        Ok(Ok(false)) => ExitCode::FAILURE,
        Ok(Err(problem)) => {
            paper.failed(&problem.to_string());
            ExitCode::from(STOPPED)
        }
        Err(_) => ExitCode::from(STOPPED),
    }
}

/// Whether everything was as it must be.
fn demonstrate(paper: &mut Paper) -> Result<bool, Problem> {
    paper.section("newleaf, by its own manifests");
    let installed = install(paper)?;

    paper.section("PostgreSQL and two Backstages, mutual TLS only");
    add_workloads(paper, &installed);

    paper.section("Who is let in");
    let refused = refusals::show(paper, &installed.namespace)?;

    let load = Load::start(&installed.namespace, CATALOG_CLIENTS);
    let mut rotations = Rotations::begin(&installed, &load);
    paper.section("New leaves, by a Job, while clients in a pod log in and ask Backstage for its catalog");
    rotations.rotate(paper, &["rotate", "--now"])?;
    paper.section("A new authority, while they do");
    rotations.rotate(paper, &["rotate", "--now", "--authority"])?;
    paper.section("The proof, on demand");
    verify(paper, &installed)?;

    paper.section("Result");
    let unharmed = rotations.conclude(paper)?;
    Ok(refused && unharmed)
}

/// newleaf's own objects, and the Secrets that its bootstrap Job makes.
fn install(paper: &mut Paper) -> Result<Installed, Problem> {
    let (consumers, settings) = (format!("{CONSUMERS}{LOAD}"), projection());
    paper.waiting("manifests applied, a Job makes authority and leaves");
    let begin = Instant::now();
    let installed = Installed::alone("demo", &consumers, &settings).ok_or("there is no cluster")?;
    let took = begin.elapsed();
    paper.file("newleaf.yaml", &installed.document(&consumers, &settings));
    paper.pause();
    paper.command("newleaf manifests --config newleaf.yaml --image localhost/newleaf:local | kubectl apply -f -");
    paper.command("kubectl wait --for=condition=complete job/newleaf-bootstrap");
    paper.step("a CronJob, accounts, rights; Secrets made by the Job", took.as_secs_f64());
    Ok(installed)
}

fn add_workloads(paper: &mut Paper, installed: &Installed) {
    let mut add = |what: &str, add: &dyn Fn()| {
        paper.waiting(what);
        let begin = Instant::now();
        add();
        paper.step(what, begin.elapsed().as_secs_f64());
    };
    add("statefulset/postgres is ready", &|| installed.add_postgres());
    add("deployment/backstage, 2 replicas, answers from its catalog", &|| installed.add_backstage());
    paper.pause();
    let access = installed.field("configmap/postgres", ".data.pg_hba\\.conf");
    paper.file("pg_hba.conf", access.trim_end());
}

fn verify(paper: &mut Paper, installed: &Installed) -> Result<(), Problem> {
    paper.command(&format!("newleaf verify --namespace {}", installed.namespace.name()));
    let ended = installed.newleaf(&["verify", "-o", "json"]);
    if ended.code != Some(0) {
        return Err(format!("newleaf verify failed:\n{}", ended.stderr).into());
    }
    let document: serde_json::Value = serde_json::from_str(&ended.stdout)?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("?").to_owned();
    let proofs = document["proofs"].as_array().cloned().unwrap_or_default();
    let rows: Vec<[String; 2]> = proofs.iter().map(|proof| [text(&proof["subject"]), text(&proof["shown"])]).collect();
    paper.rows(&rows);
    Ok(())
}
