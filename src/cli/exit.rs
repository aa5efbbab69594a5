//! Exit codes. They are an interface: `podFailurePolicy`, systemd and scripts read them.

use std::process::ExitCode;

use crate::diagnosis::{Class, Failure};

/// Changes are pending. Only commands with `--exit-code` return it.
pub const CHANGES_PENDING: u8 = 3;
/// The exit code of shells for SIGINT.
pub const INTERRUPTED_BY_KEYBOARD: u8 = 130;

/// Every exit code with its meaning, for the reference.
pub const MEANINGS: &[(u8, &str, &str)] = &[
    (0, "done, or nothing to do", "-"),
    (1, "a defect of newleaf: report it", "Count"),
    (2, "the command line is wrong", "FailJob"),
    (3, "changes are pending; only with `--exit-code`", "not for Jobs"),
    (4, "refused: a person must decide or repair something", "FailJob"),
    (5, "the proof failed: a consumer does not show the stored certificate", "Count"),
    (75, "temporary: unreachable, lease held, out of time; try again", "Count"),
    (77, "permission denied", "FailJob"),
    (78, "the configuration is wrong", "FailJob"),
    (130, "interrupted by Ctrl-C, between two steps", "Ignore"),
    (143, "interrupted by SIGTERM, between two steps", "Ignore"),
];

/// The end of a command without an error.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Code;

    #[test]
    fn every_exit_code_of_an_error_is_documented() {
        for code in Code::ALL {
            let exit = code.class().exit_code();
            assert!(MEANINGS.iter().any(|(known, ..)| *known == exit), "{code}: {exit}");
        }
    }
}
