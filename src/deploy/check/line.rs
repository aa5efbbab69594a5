//! A check, and what it found.

use base::diagnosis::{Class, Code, Diagnose};
use kubernetes::api::error::KubernetesError;
use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CheckSeverity {
    /// It may be meant; it fails nothing.
    Warning,
    /// The stack does not work, or would not.
    Failure,
}

/// What is wrong, and what mends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckFinding {
    /// The code, which has a page.
    pub code: Code,
    /// How bad it is.
    pub severity: CheckSeverity,
    /// The object.
    pub object: String,
    /// What was seen.
    pub why: String,
    /// What mends it, as an imperative or a command.
    pub mend: String,
}

impl CheckFinding {
    /// Something that does not work.
    pub fn failure(code: Code, object: impl Into<String>, why: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { code, severity: CheckSeverity::Failure, object: object.into(), why: why.into(), mend: mend.into() }
    }

    /// Something that may be meant.
    pub fn warning(code: Code, object: impl Into<String>, why: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: CheckSeverity::Warning, ..Self::failure(code, object, why, mend) }
    }

    /// The same, only as a warning.
    #[must_use]
    pub fn only_warned(self) -> Self {
        Self { severity: CheckSeverity::Warning, ..self }
    }
}

/// What was asked, or why the answer is not known.
pub type Known<T> = Result<T, CheckFinding>;

/// An answer of the API server as something that is known or not.
pub fn known<T>(answer: Result<T, KubernetesError>) -> Known<T> {
    answer.map_err(|error| {
        let mend = error.hint().unwrap_or_else(|| error.code().remedy().to_owned());
        CheckFinding::failure(error.code(), error.object().unwrap_or_default(), error.to_string(), mend)
    })
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckLine {
    /// The group of checks.
    pub category: &'static str,
    /// The good state, in words.
    pub text: String,
    /// What is wrong; nothing where it is good.
    pub findings: Vec<CheckFinding>,
    /// Why it was not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

impl CheckLine {
    /// A check with what it found.
    pub fn new(category: &'static str, text: impl Into<String>, findings: Vec<CheckFinding>) -> Self {
        Self { category, text: text.into(), findings, skipped: None }
    }

    /// A check that was not made.
    pub fn skipped(category: &'static str, text: impl Into<String>, why: impl Into<String>) -> Self {
        Self { skipped: Some(why.into()), ..Self::new(category, text, Vec::new()) }
    }

    /// The worst of its findings.
    pub fn severity(&self) -> Option<CheckSeverity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// The findings that fail something.
pub fn failures(lines: &[CheckLine]) -> Vec<&CheckFinding> {
    let all = lines.iter().flat_map(|line| &line.findings);
    all.filter(|finding| finding.severity == CheckSeverity::Failure).collect()
}

/// The finding that decides the exit code: what a person must change comes before what may heal by itself.
pub fn decisive(lines: &[CheckLine]) -> Option<&CheckFinding> {
    let order = |finding: &&CheckFinding| match finding.code.class() {
        Class::Denied => 0,
        Class::Configuration | Class::Usage => 1,
        Class::Refused | Class::Bug => 2,
        Class::ProofFailed => 3,
        Class::Temporary | Class::Conflict | Class::Interrupted => 4,
    };
    failures(lines).into_iter().min_by_key(order)
}

/// Some checks failed. Its code is that of the finding that decides.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {made} checks failed")]
pub struct ChecksFailed {
    code: Code,
    object: String,
    mend: String,
    failed: usize,
    made: usize,
}

impl ChecksFailed {
    /// The error of the lines, if one of them failed.
    pub fn of(lines: &[CheckLine]) -> Option<Self> {
        let CheckFinding { code, object, mend, .. } = decisive(lines)?.clone();
        let failed = lines.iter().filter(|line| line.severity() == Some(CheckSeverity::Failure)).count();
        let made = lines.iter().filter(|line| line.skipped.is_none()).count();
        Some(Self { code, object, mend, failed, made })
    }
}

impl Diagnose for ChecksFailed {
    fn code(&self) -> Code {
        self.code
    }

    fn object(&self) -> Option<String> {
        Some(self.object.clone())
    }

    fn hint(&self) -> Option<String> {
        Some(self.mend.clone())
    }
}
