//! The pages of codes and exit codes.

use std::fmt::Write;

use base::diagnosis::exit_codes::{EXIT_CODES, JobAction};
use base::diagnosis::{Class, Code};

const NOTICE: &str = "<!-- made by `make docs`; change src/base/diagnosis/codes.rs instead -->\n";

/// The page of a code.
pub(super) fn page(code: Code) -> String {
    let exit = code.class().exit_code();
    format!(
        "{NOTICE}# {code}: {}\n\n{}\n\n**What to do.** {}\n\nClass: {}. Exit code: [{exit}](../reference/exit-codes.md).\n",
        code.title(),
        code.meaning(),
        code.remedy(),
        class(code.class()),
    )
}

/// The list of all codes.
pub(super) fn list() -> String {
    let mut text = format!(
        "{NOTICE}# Errors\n\nEvery error has a code that never changes its meaning. `newleaf explain CODE` shows the same page.\n\n\
         | Code | What | Exit code |\n|---|---|---|\n"
    );
    for code in Code::ALL {
        writeln!(text, "| [{code}]({code}.md) | {} | {} |", code.title(), code.class().exit_code()).unwrap_or_default();
    }
    text
}

/// The exit codes, and the codes behind each.
pub(super) fn exit_codes() -> String {
    let mut text = "<!-- made by `make docs`; change src/base/diagnosis/exit_codes.rs instead -->\n# Exit codes\n\n\
         They are an interface: scripts, systemd and a Kubernetes Job's `podFailurePolicy` (with `restartPolicy: Never`) read them.\n\n\
         | Exit code | Meaning | `podFailurePolicy` | Errors |\n|---|---|---|---|\n"
        .to_owned();
    for exit in &EXIT_CODES {
        let codes: Vec<String> = Code::ALL
            .iter()
            .filter(|code| code.class().exit_code() == exit.code)
            .map(|code| format!("[{code}](../errors/{code}.md)"))
            .collect();
        let codes = if codes.is_empty() { "-".to_owned() } else { codes.join(" ") };
        let policy = exit.action.map_or("-", JobAction::as_str);
        writeln!(text, "| {} | {} | {policy} | {codes} |", exit.code, exit.meaning).unwrap_or_default();
    }
    text
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Usage => "usage",
        Class::Refused => "refused",
        Class::ProofFailed => "proof failed",
        Class::Temporary => "temporary",
        Class::Conflict => "conflict",
        Class::Denied => "denied",
        Class::Configuration => "configuration",
        Class::Interrupted => "interrupted",
        Class::Bug => "bug",
    }
}
