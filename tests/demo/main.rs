//! `make demo`: a real PostgreSQL that admits no login without a certificate, clients that log in all the time, and the
//! real program that replaces leaves and authority under them. Ends with the numbers, and with 1 when one is wrong.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "shares the parts of tests; measures time; serde_json gives null where a document has nothing"
)]
mod attempts;
#[expect(dead_code, reason = "make demo-cluster uses the rest")]
mod paper;
mod refusals;
mod result;
mod rotations;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each tier uses its part")]
mod support;

use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use crate::paper::Paper;
use crate::rotations::Rotations;
use crate::support::program::{Done, Newleaf};
use crate::support::server::{PostgresServer, readable_directory};
use crate::support::site::{ServerPickup, bootstrap_arguments, configuration};

type Problem = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut paper = Paper::of_process();
    // Whichever ends first, the other is dropped, and with it processes and files.
    let result = tokio::select! {
        result = demonstrate(&mut paper) => result,
        signal = interrupted() => Err(signal),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            paper.failed(&problem.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn interrupted() -> Problem {
    let (Ok(mut keyboard), Ok(mut end)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        return std::future::pending().await;
    };
    tokio::select! { _ = keyboard.recv() => (), _ = end.recv() => () }
    "interrupted; PostgreSQL is stopped and everything is removed".into()
}

/// Whether everything was as it must be.
async fn demonstrate(paper: &mut Paper) -> Result<bool, Problem> {
    let begin = Instant::now();
    let directory = readable_directory()?;
    let newleaf = Newleaf::new(&program()?, directory.path());

    paper.title("newleaf", "rotate certificates between PostgreSQL and its clients, under load");
    paper.section("An authority and two leaves");
    bootstrap(paper, &newleaf).await?;

    paper.section("PostgreSQL, mutual TLS only");
    let server = start(paper, &newleaf, &directory)?;

    paper.section("Who is let in");
    let refused = refusals::show(paper, &newleaf, &server).await?;

    let mut rotations = Rotations::begin(&newleaf, &server).await?;
    paper.section("New leaves, while eight clients log in for every query");
    rotations.rotate(paper, &["rotate", "--now"]).await?;
    paper.section("A new authority, while they do");
    rotations.rotate(paper, &["rotate", "--now", "--authority"]).await?;
    paper.section("The proof, on demand");
    verify(paper, &newleaf).await?;

    paper.section("Result");
    let unharmed = rotations.conclude(paper).await?;
    let well = refused && unharmed;
    paper.verdict(well, begin.elapsed());
    Ok(well)
}

/// The program that was built beside this one.
fn program() -> Result<std::path::PathBuf, Problem> {
    let own = std::env::current_exe()?;
    let program = own.ancestors().nth(2).map(|target| target.join("newleaf")).filter(|program| program.exists());
    program.ok_or_else(|| "the program is not built: run `make demo`, or `cargo build` first".into())
}

async fn bootstrap(paper: &mut Paper, newleaf: &Newleaf) -> Result<(), Problem> {
    let arguments = bootstrap_arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let document = rotations::command(paper, newleaf, &arguments).await?;
    paper.steps(&Done::of(document).steps());
    Ok(())
}

fn start(paper: &mut Paper, newleaf: &Newleaf, directory: &TempDir) -> Result<PostgresServer, Problem> {
    let server = PostgresServer::start_with_tls(&directory.path().join("server"))?;
    let file = configuration(&server, ServerPickup::Reload);
    fs::write(newleaf.directory().join("newleaf.yaml"), &file)?;
    let endpoint = server.endpoint();
    paper.rows(&[
        ["PostgreSQL", &format!("{} on {}:{}", server.version()?, endpoint.host, endpoint.port)],
        ["pg_hba.conf", server.access().trim_end()],
    ]);
    paper.file("newleaf.yaml", &file);
    Ok(server)
}

async fn verify(paper: &mut Paper, newleaf: &Newleaf) -> Result<(), Problem> {
    let document = rotations::command(paper, newleaf, &["verify"]).await?;
    let proofs = document["proofs"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("?").to_owned();
    let rows: Vec<[String; 2]> = proofs.iter().map(|proof| [text(&proof["subject"]), text(&proof["shown"])]).collect();
    paper.rows(&rows);
    Ok(())
}
