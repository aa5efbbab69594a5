//! The pages of the command lines, walked from clap's own definitions.

use std::fmt::Write;

use clap::{Arg, Command};

/// A program and what its page says besides.
pub(super) struct Program {
    /// Its definition.
    pub(super) command: Command,
    /// The file with the definition.
    pub(super) source: &'static str,
    /// What stands below the global options.
    pub(super) note: &'static str,
}

/// The page of a program.
pub(super) fn page(program: Program) -> String {
    let Program { command: mut root, source, note } = program;
    root.build();
    let mut text = format!(
        "<!-- made by `make docs`; change {source} instead -->\n# {}\n\n{}\n\n## Global options\n\n",
        root.get_name(),
        long_about(&root)
    );
    text.push_str(&arguments(root.get_arguments().filter(|argument| is_global(argument))));
    write!(text, "\n{note}\n\n## Commands\n").unwrap_or_default();
    let shown = root.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
    for command in shown {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim();
        write!(text, "\n### {}\n\n{}\n\n    {usage}\n\n", command.get_name(), long_about(command)).unwrap_or_default();
        text.push_str(&arguments(command.get_arguments().filter(|argument| !argument.is_global_set())));
        if let Some(examples) = command.get_after_long_help() {
            let examples: Vec<String> =
                examples.to_string().lines().skip(1).map(|line| format!("    {}", line.trim_start())).collect();
            write!(text, "\nExamples:\n\n{}\n", examples.join("\n")).unwrap_or_default();
        }
    }
    text.push_str("\nExit codes: [exit-codes.md](exit-codes.md). Errors: [all codes](../errors/README.md).\n");
    text
}

fn long_about(command: &Command) -> String {
    command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default()
}

fn is_global(argument: &Arg) -> bool {
    argument.is_global_set() && argument.get_help_heading() == Some("Global options")
}

fn arguments<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let rows: Vec<String> = arguments.filter(|argument| argument.get_id() != "help").map(row).collect();
    if rows.is_empty() { String::new() } else { format!("| Option | What |\n|---|---|\n{}\n", rows.join("\n")) }
}

fn row(argument: &Arg) -> String {
    let mut names = Vec::new();
    names.extend(argument.get_short().map(|short| format!("`-{short}`")));
    let value = match argument.get_value_names() {
        Some(values) if argument.get_action().takes_values() => {
            let values: Vec<&str> = values.iter().map(clap::builder::Str::as_str).collect();
            format!(" {}", values.join(" "))
        }
        _ => String::new(),
    };
    match argument.get_long() {
        Some(long) => names.push(format!("`--{long}{value}`")),
        None => names.push(format!("`{}`", value.trim())),
    }
    let mut what = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let possible: Vec<String> =
        argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if !possible.is_empty() && argument.get_action().takes_values() {
        write!(what, " ({})", possible.join(", ")).unwrap_or_default();
    }
    if let Some(variable) = argument.get_env() {
        write!(what, " (`{}`)", variable.to_string_lossy()).unwrap_or_default();
    }
    format!("| {} | {what} |", names.join(", "))
}
