//! The command line: arguments in, results and exit codes out.
//!
//! [`arguments`] defines the command line, [`context`] turns it into a configuration and its ports, [`commands`] do one
//! thing each, [`output`] formats results, [`progress`] and [`terminal::report`] write the rest to standard error.

pub mod arguments;
pub mod commands;
pub mod completion;
pub mod configuration_file;
pub mod consent;
pub mod context;
pub mod effective;
mod hooks;
pub mod invocation;
pub mod output;
pub mod overrides;
pub mod platform;
pub mod progress;

use std::ffi::OsString;
use std::process::ExitCode;

use base::diagnosis::Failure;
use clap::{CommandFactory, FromArgMatches};
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::signals::Signals;
use terminal::style::Terminal;
use terminal::{logging, program};

use crate::cli::arguments::{Arguments, Command, Global};
use crate::cli::commands::rotate::Caller;
use crate::cli::commands::{
    bootstrap, config, explain, manifests, metrics, plan, print, probe, rotate, status, verify,
};
use crate::cli::context::{CommandContext, Opening};
use crate::cli::invocation::Invocation;

/// The whole program: parses the arguments, runs the command, reports the result.
pub fn main_with(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut line: Vec<OsString> = line.into_iter().collect();
    // The help of the whole program fits on one screen in both forms; each command has more.
    if let [_, only] = line.as_mut_slice()
        && *only == "--help"
    {
        *only = "-h".into();
    }
    let invocation = Invocation::new(&line);
    let mut command = Arguments::command().bin_name(invocation.program());
    if let Some(words) = invocation.completion() {
        command.build();
        return program::show(invocation.program(), &completion::candidates(&command, words));
    }
    let program = invocation.program();
    let parsed = command.try_get_matches_from_mut(line).and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => Arguments { invocation, ..arguments },
        Err(error) => return program::usage(program, &error.format(&mut command)),
    };
    let Global { output, color, quiet, verbose, log_format, ref log_filter, .. } = arguments.global;
    let terminal = Terminal::detect(color);
    let console = Console::of_process(program, terminal, output, quiet);
    logging::install(log_format, verbose, log_filter.as_deref(), console.error_style());
    program::run(&console, async |signals| dispatch(&arguments, &console, signals).await)
}

async fn dispatch(arguments: &Arguments, console: &Console, signals: &Signals) -> Result<Verdict, Failure> {
    let context = |opening| CommandContext::open(&arguments.global, opening);
    let look = Opening::default();
    match &arguments.command {
        Command::Bootstrap(wanted) => {
            let opening = Opening { adopt: wanted.adopt, makes_directory: true };
            bootstrap::bootstrap(&context(opening).await?, console).await
        }
        Command::Rotate(wanted) => {
            let caller = Caller { console, signals, invocation: &arguments.invocation };
            Box::pin(rotate::rotate(&context(Opening { adopt: wanted.adopt, ..look }).await?, caller, wanted)).await
        }
        Command::Plan(wanted) => plan::plan(&context(look).await?, console, wanted).await,
        Command::Status(wanted) => status::status(&context(look).await?, console, wanted).await,
        Command::Verify => verify::verify(&context(look).await?, console).await,
        Command::Metrics(wanted) => metrics::metrics(console, signals, wanted).await,
        Command::Manifests(wanted) => manifests::manifests(&arguments.global, console, wanted).await,
        Command::Config => config::config(&arguments.global, console).await,
        Command::Probe(wanted) => probe::probe(console, wanted).await,
        Command::Explain { code } => explain::explain(console, code.as_deref()),
        Command::Completion { shell } => print::completion(console, *shell),
        Command::Schema => print::schema(console),
    }
}
