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

use base::diagnosis::{Code, Diagnose, Failure};
use clap::Parser;
use terminal::console::{Console, Format};
use terminal::exit::Verdict;
use terminal::signals::Signals;
use terminal::style::Terminal;
use terminal::{exit, logging, report};

use crate::cli::arguments::{DeployArguments, DeployCommand};

/// The process cannot start its runtime.
#[derive(Debug, thiserror::Error)]
#[error("failed to start the runtime")]
struct NoRuntime(#[source] std::io::Error);

impl Diagnose for NoRuntime {
    fn code(&self) -> Code {
        Code::RuntimeFailed
    }
}

/// The whole program: parses the arguments, runs the command, reports the result.
pub fn main_with(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match DeployArguments::try_parse_from(line) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let global = &arguments.global;
    let console = Console::of_process(Terminal::detect(global.color), global.output, global.quiet);
    logging::install(global.log_format, global.verbose, None, console.error_style());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = NoRuntime(error).into();
            report::report(&console, &failure);
            return exit::of_failure(&failure, false);
        }
    };
    let code = runtime.block_on(finish(&arguments, &console));
    runtime.shutdown_background();
    code
}

/// Runs the command to its end, or to the second signal.
async fn finish(arguments: &DeployArguments, console: &Console) -> ExitCode {
    let signals = Signals::listen();
    match signals.guard(Box::pin(dispatch(arguments, console)), console).await {
        Ok(verdict) => verdict.into(),
        Err(failure) => {
            report::report(console, &failure);
            exit::of_failure(&failure, signals.by_keyboard())
        }
    }
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
        DeployCommand::Images => commands::images(global, console).await,
        DeployCommand::Version => commands::version(console),
    }
}

/// Help goes to standard output, misuse to standard error.
fn usage(error: &clap::Error) -> ExitCode {
    let console = Console::of_process(Terminal::detect(clap::ColorChoice::Auto), Format::Table, false);
    let style = if error.use_stderr() { console.error_style() } else { console.output_style() };
    let rendered = error.render();
    let text = if style.colour { rendered.ansi().to_string() } else { rendered.to_string() };
    if error.use_stderr() {
        console.tell(&text);
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    match console.print(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => exit::of_failure(&failure, false),
    }
}
