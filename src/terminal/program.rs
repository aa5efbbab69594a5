//! The frame of every program: its runtime, its signals, and the exit code of what it did.

use std::process::ExitCode;

use base::diagnosis::{Code, Diagnose, Failure};

use crate::console::{Console, Format};
use crate::exit::{self, Verdict};
use crate::report;
use crate::signals::Signals;
use crate::style::Terminal;

/// The process cannot start its runtime.
#[derive(Debug, thiserror::Error)]
#[error("failed to start the runtime")]
struct RuntimeFailed(#[source] std::io::Error);

impl Diagnose for RuntimeFailed {
    fn code(&self) -> Code {
        Code::RuntimeFailed
    }
}

/// Runs the work to its end, or to the second signal, and reports its error.
pub fn run(console: &Console, work: impl AsyncFnOnce(&Signals) -> Result<Verdict, Failure>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(console, &RuntimeFailed(error).into(), false),
    };
    let signals = Signals::listen();
    let ended = runtime.block_on(signals.guard(Box::pin(work(&signals)), console));
    // A pending name resolution that no command waits for must not delay the end of the process.
    runtime.shutdown_background();
    match ended {
        Ok(verdict) => verdict.into(),
        Err(failure) => failed(console, &failure, signals.by_keyboard()),
    }
}

/// Help and version go to standard output, misuse to standard error.
pub fn usage(program: &'static str, error: &clap::Error) -> ExitCode {
    let console = plain_console(program);
    let style = if error.use_stderr() { console.error_style() } else { console.output_style() };
    let rendered = error.render();
    let text = if style.colour { rendered.ansi().to_string() } else { rendered.to_string() };
    if error.use_stderr() {
        console.tell(&text);
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    show(program, &text)
}

/// Writes text to standard output and ends.
pub fn show(program: &'static str, text: &str) -> ExitCode {
    let console = plain_console(program);
    match console.print(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&console, &failure, false),
    }
}

fn failed(console: &Console, failure: &Failure, keyboard: bool) -> ExitCode {
    report::report(console, failure);
    exit::of_failure(failure, keyboard)
}

fn plain_console(program: &'static str) -> Console {
    Console::of_process(program, Terminal::detect(clap::ColorChoice::Auto), Format::Table, false)
}
