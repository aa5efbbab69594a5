//! Errors on standard error: code, chain of causes, object, hint.

use std::fmt::Write;

use base::diagnosis::{Code, Failure};
use serde::Serialize;

use crate::console::{Console, Format};
use crate::paint::{BOLD, RED, YELLOW, paint};
use crate::style::{Style, sanitise};

/// An error as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorReport {
    code: Code,
    exit_code: u8,
    message: String,
    causes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    hint: String,
}

impl ErrorReport {
    fn new(failure: &Failure) -> Self {
        let mut chain = failure.chain().into_iter();
        Self {
            code: failure.code(),
            exit_code: failure.class().exit_code(),
            message: chain.next().unwrap_or_default(),
            causes: chain.collect(),
            object: failure.object(),
            hint: failure.hint(),
        }
    }
}

/// Writes an error to standard error.
pub fn report(console: &Console, failure: &Failure) {
    match console.format() {
        Format::Json => console.tell_document("Error", &ErrorReport::new(failure)),
        Format::Table | Format::Yaml => console.tell(&text(console.program(), failure, console.error_style())),
    }
}

fn text(program: &str, failure: &Failure, style: Style) -> String {
    let report = ErrorReport::new(failure);
    let mut text = String::new();
    let label = paint(style, RED, &format!("error[{}]", report.code));
    let mut line = |label: &str, rest: &str| {
        // Writing to a String never fails.
        writeln!(text, "{label}: {}", sanitise(rest)).unwrap_or_default();
    };
    line(&label, &report.message);
    for cause in &report.causes {
        line("  caused by", cause);
    }
    if let Some(object) = &report.object {
        line("  object", object);
    }
    line(&paint(style, YELLOW, "  hint"), &report.hint);
    line(&paint(style, BOLD, "  more"), &format!("{program} explain {}", report.code));
    text
}

#[cfg(test)]
mod tests {
    use base::diagnosis::Diagnose;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("failed to read {0}")]
    struct Outer(String, #[source] std::io::Error);

    impl Diagnose for Outer {
        fn code(&self) -> Code {
            Code::FileRead
        }

        fn object(&self) -> Option<String> {
            Some(self.0.clone())
        }
    }

    fn failure() -> Failure {
        Outer("a\u{1b}[31m".to_owned(), std::io::Error::other("disk on fire")).into()
    }

    #[test]
    fn an_error_is_told_with_cause_object_and_hint_and_cannot_steer_the_terminal() {
        let text = text("newleaf-deploy", &failure(), Style::PLAIN);
        assert_eq!(
            text,
            "error[NL0302]: failed to read a\\u{1b}[31m\n  caused by: disk on fire\n  object: a\\u{1b}[31m\n  \
             hint: Check the file and its disk.\n  more: newleaf-deploy explain NL0302\n"
        );
    }

    #[test]
    fn machines_get_the_same_fields() {
        let value = serde_json::to_value(ErrorReport::new(&failure())).expect("a report is JSON");
        assert_eq!(value["code"], "NL0302");
        assert_eq!(value["exitCode"], 75);
        assert_eq!(value["causes"][0], "disk on fire");
    }
}
