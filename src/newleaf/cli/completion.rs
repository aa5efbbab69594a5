//! Completion for kubectl, which asks its plugins for candidates word by word.

use clap::{Arg, Command};

/// The last line of an answer: kubectl should not add file names.
const NO_FILES: &str = ":4";
/// The same for a value that only the user knows.
const DEFAULT: &str = ":0";

/// The answer in kubectl's form: one candidate per line with its meaning after a tab, then the directive.
pub fn candidates(root: &Command, words: &[String]) -> String {
    let (begun, before) = words.split_last().map_or(("", &[][..]), |(last, before)| (last.as_str(), before));
    let command = before.iter().fold(root, |command, word| command.find_subcommand(word).unwrap_or(command));
    let options = || command.get_arguments().filter(|option| !option.is_hide_set());
    let value_of =
        before.last().and_then(|word| options().find(|option| takes_value(option) && is_named(option, word)));
    let mut lines: Vec<(String, String)> = Vec::new();
    let values = value_of.or_else(|| options().find(|option| option.is_positional()));
    for value in values.iter().flat_map(|option| option.get_possible_values()) {
        lines.push((value.get_name().to_owned(), value.get_help().map(ToString::to_string).unwrap_or_default()));
    }
    let wants_a_value_of_the_users = value_of.is_some() && lines.is_empty();
    if value_of.is_none() {
        for it in command.get_subcommands().filter(|it| !it.is_hide_set()) {
            lines.push((it.get_name().to_owned(), it.get_about().map(ToString::to_string).unwrap_or_default()));
        }
        // There are many options: offer them only after a dash.
        for (name, option) in options().filter_map(|option| Some((option.get_long()?, option))) {
            let help = option.get_help().map(ToString::to_string).unwrap_or_default();
            lines.extend(begun.starts_with('-').then(|| (format!("--{name}"), help)));
        }
    }
    let fitting = lines.iter().filter(|(name, _)| name.starts_with(begun));
    let directive = if wants_a_value_of_the_users { DEFAULT } else { NO_FILES };
    let mut answer: Vec<String> = fitting.map(|(name, help)| format!("{name}\t{help}")).collect();
    answer.push(directive.to_owned());
    answer.join("\n") + "\n"
}

fn takes_value(option: &Arg) -> bool {
    option.get_num_args().is_some_and(|count| count.takes_values())
}

fn is_named(option: &Arg, word: &str) -> bool {
    let long = word.strip_prefix("--");
    let short = word.strip_prefix('-').filter(|_| long.is_none());
    long.is_some_and(|long| option.get_long() == Some(long))
        || short.is_some_and(|short| option.get_short().is_some_and(|letter| short.chars().eq([letter])))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::arguments::Arguments;

    fn offered(words: &[&str]) -> (Vec<String>, String) {
        let mut root = Arguments::command();
        root.build();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let answer = candidates(&root, &words);
        let mut lines: Vec<String> =
            answer.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect();
        let directive = lines.pop().expect("a directive");
        (lines, directive)
    }

    #[test]
    fn commands_options_and_their_values_are_offered() {
        assert_eq!(offered(&["ro"]), (vec!["rotate".to_owned()], ":4".to_owned()));
        assert_eq!(offered(&["rotate", "--aut"]).0.first().map(String::as_str), Some("--authority"));
        assert_eq!(offered(&["status", "-o", ""]).0, ["table", "json", "yaml"]);
        assert_eq!(offered(&["completion", "z"]).0, ["zsh"]);
        assert_eq!(offered(&["status", "--config", ""]), (Vec::new(), ":0".to_owned()));
        assert!(offered(&[""]).0.contains(&"verify".to_owned()));
        assert!(offered(&[]).0.contains(&"status".to_owned()));
    }
}
