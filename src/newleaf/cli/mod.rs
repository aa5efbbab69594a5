//! The command line: arguments in, results and exit codes out.
//!
//! [`arguments`] defines the command line, [`context`] turns it into a configuration and its ports, [`commands`] do one
//! thing each, [`output`] formats results, [`progress`] and [`report`] write the rest to standard error.

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

use base::diagnosis::{Code, Diagnose, Failure};
use clap::{CommandFactory, FromArgMatches};
use terminal::console::{Console, Format};
use terminal::exit::Verdict;
use terminal::signals::Signals;
use terminal::style::Terminal;
use terminal::{exit, logging, report};

use crate::cli::arguments::{Arguments, Command, Global};
use crate::cli::commands::rotate::Caller;
use crate::cli::commands::{bootstrap, config, explain, manifests, plan, print, rotate, status, verify};
use crate::cli::context::{CommandContext, Opening};
use crate::cli::invocation::Invocation;

/// The process cannot start its runtime.
#[derive(Debug, thiserror::Error)]
#[error("failed to start the runtime")]
struct RuntimeFailed(#[source] std::io::Error);

impl Diagnose for RuntimeFailed {
    fn code(&self) -> Code {
        Code::RuntimeFailed
    }
}

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
        return show(&completion::candidates(&command, words));
    }
    let parsed = command.try_get_matches_from_mut(line).and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => Arguments { invocation, ..arguments },
        Err(error) => return usage(&error.format(&mut command)),
    };
    let Global { output, color, quiet, verbose, log_format, ref log_filter, .. } = arguments.global;
    let terminal = Terminal::detect(color);
    let console = Console::of_process(terminal, output, quiet);
    logging::install(log_format, verbose, log_filter.as_deref(), console.error_style());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = RuntimeFailed(error).into();
            report::report(&console, &failure);
            return exit::of_failure(&failure, false);
        }
    };
    let code = runtime.block_on(finish(&arguments, &console));
    // A pending name resolution that no command waits for must not delay the end of the process.
    runtime.shutdown_background();
    code
}

/// Runs the command to its end, or to the second signal.
async fn finish(arguments: &Arguments, console: &Console) -> ExitCode {
    let signals = Signals::listen();
    match signals.guard(Box::pin(dispatch(arguments, console, &signals)), console).await {
        Ok(verdict) => verdict.into(),
        Err(failure) => {
            report::report(console, &failure);
            exit::of_failure(&failure, signals.by_keyboard())
        }
    }
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
        Command::Manifests(wanted) => manifests::manifests(&arguments.global, console, wanted).await,
        Command::Config => config::config(&arguments.global, console).await,
        Command::Explain { code } => explain::explain(console, code.as_deref()),
        Command::Completion { shell } => print::completion(console, *shell),
        Command::Schema => print::schema(console),
    }
}

/// Help and version go to standard output, misuse to standard error.
fn usage(error: &clap::Error) -> ExitCode {
    let console = plain_console();
    let style = if error.use_stderr() { console.error_style() } else { console.output_style() };
    let rendered = error.render();
    let text = if style.colour { rendered.ansi().to_string() } else { rendered.to_string() };
    if error.use_stderr() {
        console.tell(&text);
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    show(&text)
}

/// Writes text to standard output and ends.
fn show(text: &str) -> ExitCode {
    let console = plain_console();
    match console.print(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::report(&console, &failure);
            exit::of_failure(&failure, false)
        }
    }
}

fn plain_console() -> Console {
    Console::of_process(Terminal::detect(clap::ColorChoice::Auto), Format::Table, false)
}
