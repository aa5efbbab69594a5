//! The program newleaf-deploy.

use std::process::ExitCode;

fn main() -> ExitCode {
    deploy::cli::main_with(std::env::args_os())
}
