//! Results as text for people.

use std::fmt::Write;

use terminal::style::sanitise;
use terminal::table::table;

use crate::difference::ObjectDifference;
use crate::export::ExportReport;
use crate::handover::{Handover, HandoverReport};
use crate::plan::changes::FieldChange;
use crate::remove::Kept;
use crate::run::InstallReport;
use crate::state::StackState;

/// What an installation did.
pub(super) fn installed(report: &InstallReport, namespace: &str) -> String {
    let counts = [
        (report.created.len(), "created"),
        (report.changed.len(), "changed"),
        (report.repaired.len(), "repaired"),
        (report.replaced.len(), "replaced"),
        (report.pruned.len(), "pruned"),
        (report.unchanged, "unchanged"),
    ];
    let told: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let mut text = format!("installed in namespace {namespace}: {}\n", told.join(", "));
    for object in &report.kept {
        writeln!(text, "kept, though it is no longer part of the stack: {}", sanitise(object)).unwrap_or_default();
    }
    text
}

/// Who goes on, and what to do next.
pub(super) fn handed_over(handover: Handover, report: &HandoverReport) -> String {
    let counts = format!("{} moved, {} unchanged", report.moved.len(), report.unchanged);
    match handover {
        Handover::To(tool) => format!(
            "handed over to {tool}: {counts}\nnext: let {tool} apply what `newleaf-deploy export {}` writes\n",
            tool.name()
        ),
        Handover::From(tool) => format!("taken back from {tool}: {counts}\nnext: `newleaf-deploy install`\n"),
    }
}

/// What an export wrote.
pub(super) fn exported(report: &ExportReport) -> String {
    let mut text = String::new();
    let mut tell = |what: &str, paths: &[String]| {
        for path in paths {
            writeln!(text, "{what} {}", sanitise(path)).unwrap_or_default();
        }
    };
    tell("wrote", &report.written);
    tell("removed", &report.removed);
    tell("left alone, as it is yours:", &report.left);
    writeln!(
        text,
        "{} written, {} removed, {} unchanged",
        report.written.len(),
        report.removed.len(),
        report.unchanged
    )
    .unwrap_or_default();
    text
}

/// What an installation would change.
pub(super) fn differences(differences: &[ObjectDifference]) -> String {
    let mut text = String::new();
    for difference in differences {
        writeln!(text, "{} {}", difference.action, sanitise(&difference.object)).unwrap_or_default();
        for change in &difference.fields {
            writeln!(text, "  {}", sanitise(&field(change))).unwrap_or_default();
        }
        if let Some(problem) = &difference.problem {
            writeln!(text, "  {}", sanitise(problem)).unwrap_or_default();
        }
    }
    if text.is_empty() { "no changes\n".to_owned() } else { text }
}

fn field(change: &FieldChange) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("~ {}: {before} -> {after}", change.path),
        (Some(before), None) => format!("- {}: {before}", change.path),
        (None, after) => format!("+ {}: {}", change.path, after.as_deref().unwrap_or_default()),
    }
}

/// Every object, and how far it is.
pub(super) fn state(state: &StackState) -> String {
    if !state.installed {
        return format!("the stack {} is not installed in namespace {}\n", state.stack, state.namespace);
    }
    let rows: Vec<[String; 4]> = state
        .objects
        .iter()
        .map(|it| [it.component.to_owned(), it.object.clone(), it.state.to_owned(), it.why.clone()])
        .collect();
    table(["COMPONENT", "OBJECT", "STATE", "WHY"], &rows)
}

/// What a removal deletes and keeps.
pub(super) fn removal(deleted: &[String], kept: &[Kept], is_done: bool) -> String {
    let mut text = String::new();
    let (delete_word, keep_word) = if is_done { ("deleted", "kept") } else { ("would delete", "would keep") };
    for object in deleted {
        writeln!(text, "{delete_word} {}", sanitise(object)).unwrap_or_default();
    }
    for object in kept {
        writeln!(text, "{keep_word} {} ({} deletes it)", sanitise(&object.object), object.flag).unwrap_or_default();
    }
    if text.is_empty() { "nothing is installed\n".to_owned() } else { text }
}
