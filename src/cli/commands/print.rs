//! `completion` and `schema`: files that other programs read.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::arguments::Arguments;
use crate::cli::console::Console;
use crate::cli::exit::Verdict;
use crate::cli::reference;
use crate::diagnosis::Failure;

/// Writes the completion script of a shell.
pub fn completion(console: &Console, shell: Shell) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "newleaf", &mut script);
    console.print(&String::from_utf8_lossy(&script))?;
    Ok(Verdict::Done)
}

/// Writes the JSON Schema of the configuration file.
pub fn schema(console: &Console) -> Result<Verdict, Failure> {
    console.print(&reference::configuration_schema()?)?;
    Ok(Verdict::Done)
}
