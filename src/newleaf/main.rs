//! The program newleaf.

use std::process::ExitCode;

fn main() -> ExitCode {
    // If a sandbox forbids it, rotate anyway.
    let _protected = newleaf::host::memory::protect();
    newleaf::cli::main_with(std::env::args_os())
}
