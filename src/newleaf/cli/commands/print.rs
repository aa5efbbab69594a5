//! `completion` and `schema`: files that other programs read.

use base::diagnosis::{Code, Diagnose, Failure};
use clap::CommandFactory;
use clap_complete::Shell;
use rotation::document::shape;
use terminal::console::Console;
use terminal::exit::Verdict;

use crate::cli::arguments::Arguments;

/// newleaf cannot generate the schema.
#[derive(Debug, thiserror::Error)]
#[error("failed to generate the JSON Schema of the configuration")]
struct SchemaFailed(#[source] serde_json::Error);

impl Diagnose for SchemaFailed {
    fn code(&self) -> Code {
        Code::OutputFailed
    }
}

/// Writes the completion script of a shell.
pub fn completion(console: &Console, shell: Shell) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "newleaf", &mut script);
    console.print(&String::from_utf8_lossy(&script))?;
    Ok(Verdict::Done)
}

/// Writes the JSON Schema of the configuration file.
pub fn schema(console: &Console) -> Result<Verdict, Failure> {
    console.print(&shape::schema_text().map_err(SchemaFailed)?)?;
    Ok(Verdict::Done)
}
