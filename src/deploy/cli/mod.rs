//! The command line: arguments in, results and exit codes out.
//!
//! [`arguments`] defines the command line, [`commands`] do one thing each, `output` formats results, [`progress`] tells what
//! happens meanwhile.

pub mod arguments;
mod check;
pub mod commands;
mod explain;
mod output;
pub mod progress;

use std::ffi::OsString;
use std::process::ExitCode;

use base::diagnosis::Failure;
use clap::Parser;
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::style::Terminal;
use terminal::{logging, program};

use crate::cli::arguments::{DeployArguments, DeployCommand};

/// The name of the program.
const NAME: &str = "newleaf-deploy";

/// The whole program: parses the arguments, runs the command, reports the result.
pub fn main_with(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match DeployArguments::try_parse_from(line) {
        Ok(arguments) => arguments,
        Err(error) => return program::usage(NAME, &error),
    };
    if let DeployCommand::Export(wanted) = &arguments.command
        && let Err(error) = wanted.checked()
    {
        return program::usage(NAME, &error);
    }
    let global = &arguments.global;
    let console = Console::of_process(NAME, Terminal::detect(global.color), global.output, global.quiet);
    logging::install(global.log_format, global.verbose, None, console.error_style());
    program::run(&console, async |_signals| dispatch(&arguments, &console).await)
}

async fn dispatch(arguments: &DeployArguments, console: &Console) -> Result<Verdict, Failure> {
    let global = &arguments.global;
    match &arguments.command {
        DeployCommand::Install(wanted) => Box::pin(commands::install(global, console, wanted)).await,
        DeployCommand::Diff(wanted) => Box::pin(commands::diff(global, console, wanted)).await,
        DeployCommand::Status => Box::pin(commands::status(global, console)).await,
        DeployCommand::Render => commands::render(global, console).await,
        DeployCommand::Uninstall(wanted) => Box::pin(commands::uninstall(global, console, wanted)).await,
        DeployCommand::Check(wanted) => Box::pin(check::check(global, console, wanted)).await,
        DeployCommand::Explain(wanted) => Box::pin(explain::explain(global, console, wanted)).await,
        DeployCommand::Init(wanted) => commands::init(console, wanted),
        DeployCommand::Import(wanted) => commands::import(console, wanted),
        DeployCommand::Export(wanted) => commands::export(global, console, wanted).await,
        DeployCommand::Handover(wanted) => Box::pin(commands::handover(global, console, wanted)).await,
        DeployCommand::Images => commands::images(global, console).await,
        DeployCommand::Version => commands::version(console),
    }
}
