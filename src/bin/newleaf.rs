//! The job: `bootstrap`, `rotate`, `plan`, `status`, `verify`.

use std::process::ExitCode;

fn main() -> ExitCode {
    newleaf::cli::main_with(std::env::args_os())
}
