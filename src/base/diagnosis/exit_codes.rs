//! Exit codes. They are an interface: `podFailurePolicy`, systemd and scripts read them.

/// Something is to be done; only with `--exit-code`.
pub const CHANGES_PENDING: u8 = 3;
/// SIGINT, as shells count it.
pub const INTERRUPTED_BY_KEYBOARD: u8 = 130;

/// What a Kubernetes Job does when its pod ends with a code (Kubernetes, Concepts, Jobs, "Pod failure policy").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobAction {
    /// It tries again, and the failed pod does not count.
    Ignore,
    /// It fails: another try would end in the same way.
    FailJob,
    /// It tries again until its `backoffLimit`.
    Count,
}

impl JobAction {
    /// As `podFailurePolicy` names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "Ignore",
            Self::FailJob => "FailJob",
            Self::Count => "Count",
        }
    }
}

/// One exit code.
#[derive(Debug, Clone, Copy)]
pub struct ExitMeaning {
    /// The number.
    pub code: u8,
    /// A clause without a full stop.
    pub meaning: &'static str,
    /// What a Job does about it; `None` for a success, and for what no Job ends with.
    pub action: Option<JobAction>,
}

/// Every exit code.
pub const EXIT_CODES: [ExitMeaning; 11] = [
    ExitMeaning { code: 0, meaning: "done, or nothing to do", action: None },
    ExitMeaning { code: 1, meaning: "a defect of newleaf: report it", action: Some(JobAction::Count) },
    ExitMeaning { code: 2, meaning: "the command line is wrong", action: Some(JobAction::FailJob) },
    ExitMeaning { code: CHANGES_PENDING, meaning: "changes are pending; only with `--exit-code`", action: None },
    ExitMeaning {
        code: 4,
        meaning: "refused: a person must decide or repair something",
        action: Some(JobAction::FailJob),
    },
    ExitMeaning {
        code: 5,
        meaning: "the proof failed: a consumer does not show the stored certificate",
        action: Some(JobAction::Count),
    },
    ExitMeaning {
        code: 75,
        meaning: "temporary: unreachable, lease held, out of time; try again",
        action: Some(JobAction::Count),
    },
    ExitMeaning { code: 77, meaning: "permission denied", action: Some(JobAction::FailJob) },
    ExitMeaning { code: 78, meaning: "the configuration is wrong", action: Some(JobAction::FailJob) },
    ExitMeaning {
        code: INTERRUPTED_BY_KEYBOARD,
        meaning: "interrupted by Ctrl-C, between two steps",
        action: Some(JobAction::Ignore),
    },
    ExitMeaning { code: 143, meaning: "interrupted by SIGTERM, between two steps", action: Some(JobAction::Ignore) },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Code;

    #[test]
    fn every_exit_code_of_an_error_is_documented() {
        for code in Code::ALL {
            let exit = code.class().exit_code();
            assert!(EXIT_CODES.iter().any(|known| known.code == exit), "{code}: {exit}");
        }
    }
}
