//! `verify`: the proof on demand.

use base::diagnosis::Failure;
use rotation::engine::verify::{self, Proof};
use serde::Serialize;
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::table::table;

use crate::cli::context::CommandContext;
use crate::cli::progress::Progress;

/// The proved claims.
#[derive(Debug, Serialize)]
struct Verification {
    proofs: Vec<Proof>,
}

/// Proves that the stored certificates work and are in use. Fails at the first claim that does not hold.
pub async fn verify(context: &CommandContext, console: &Console) -> Result<Verdict, Failure> {
    let progress = Progress::new(console);
    let proofs = verify::verify(context.ports(&progress), &context.configuration.deadlines).await?;
    let verification = Verification { proofs };
    console.show("Verification", &verification, |_| draw(&verification.proofs))?;
    Ok(Verdict::Done)
}

fn draw(proofs: &[Proof]) -> String {
    let rows: Vec<[String; 2]> = proofs.iter().map(|proof| [proof.subject.clone(), proof.shown.clone()]).collect();
    table(["SUBJECT", "PROVED"], &rows)
}
