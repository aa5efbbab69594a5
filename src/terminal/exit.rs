//! How a command ends, as an exit code.

use std::process::ExitCode;

use base::diagnosis::exit_codes::{CHANGES_PENDING, INTERRUPTED_BY_KEYBOARD};
use base::diagnosis::{Class, Failure};

/// How a command ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Done, or nothing to do.
    Done,
    /// Changes are pending, and the command has `--exit-code`.
    Pending,
    /// A Job in the cluster ended with this exit code and printed the reason.
    Job(u8),
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Done => Self::SUCCESS,
            Verdict::Pending => Self::from(CHANGES_PENDING),
            Verdict::Job(code) => Self::from(code),
        }
    }
}

/// The exit code of an error. `keyboard`: the signal was SIGINT.
pub fn of_failure(failure: &Failure, keyboard: bool) -> ExitCode {
    let class = failure.class();
    if keyboard && class == Class::Interrupted {
        ExitCode::from(INTERRUPTED_BY_KEYBOARD)
    } else {
        ExitCode::from(class.exit_code())
    }
}
