//! The job: `bootstrap`, `rotate`, `plan`, `status`, `verify`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A sandbox that forbids it is no reason not to rotate.
    let _protected = newleaf::host::memory::protect();
    newleaf::cli::main_with(std::env::args_os())
}
