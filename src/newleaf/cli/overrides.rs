//! Configuration values that override the file: `-d`, `-n` and `--set`, and one variable for each key of the file.

use std::env::VarError;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use rotation::document::error::{ConfigurationError, Origin};
use rotation::document::keys::Key;
use rotation::document::layers::Layers;

/// The option that sets a value by its path.
const SET: &str = "set";

/// The keys that have their own flag, with its letter.
const FLAGS: [(Key, char); 2] = [(Key::Directory, 'd'), (Key::Namespace, 'n')];

/// The configuration values from variables and flags, lowest priority first.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    given: Vec<(Key, String, Origin)>,
}

impl Overrides {
    /// The values as a layer above the file.
    pub fn layers(&self) -> Result<Layers, ConfigurationError> {
        let mut layers = Layers::default();
        for (key, text, origin) in &self.given {
            layers.set_text(*key, text, origin.clone())?;
        }
        Ok(layers)
    }

    /// The text of one value.
    pub fn text(&self, key: Key) -> Option<&str> {
        self.given.iter().rfind(|(given, ..)| *given == key).map(|(_, text, _)| text.as_str())
    }
}

fn flag(key: Key, letter: char) -> Arg {
    let default = match key.default() {
        "" => String::new(),
        default => format!(" [default: {default}]"),
    };
    Arg::new(key.path())
        .short(letter)
        .long(key.path())
        .env(key.variable())
        .hide_env_values(true)
        .value_name(key.form())
        .help(format!("{}{default}", key.help()))
        .help_heading("Global options")
        .display_order(0)
        .global(true)
}

fn set() -> Arg {
    Arg::new(SET)
        .long(SET)
        .value_name("KEY=VALUE")
        .action(ArgAction::Append)
        .value_parser(setting)
        .help(
            "Set a key of the configuration, as in leaf.lifetime=20d; may be repeated. NEWLEAF_LEAF_LIFETIME=20d does the \
             same; `newleaf config` lists the keys",
        )
        .help_heading("Global options")
        .display_order(1)
        .global(true)
}

/// Parses `KEY=VALUE`. The error for an unknown key names the most similar one.
fn setting(text: &str) -> Result<(Key, String), String> {
    let Some((path, value)) = text.split_once('=') else {
        return Err("write KEY=VALUE, for example leaf.lifetime=20d".to_owned());
    };
    if let Some(key) = Key::of_path(path) {
        return Ok((key, value.to_owned()));
    }
    let similarity = |key: &&Key| strsim::jaro_winkler(key.path(), path);
    let nearest = Key::ALL.iter().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
    let near = nearest.map(|key| format!("; the nearest is {}", key.path())).unwrap_or_default();
    Err(format!("there is no key {path}{near}"))
}

impl Args for Overrides {
    fn augment_args(command: Command) -> Command {
        FLAGS.iter().fold(command, |command, (key, letter)| command.arg(flag(*key, *letter))).arg(set())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Overrides {
    #[expect(clippy::disallowed_methods, reason = "this is the command line, which reads the environment")]
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Vec::new();
        for key in Key::ALL {
            let variable = key.variable();
            match std::env::var(&variable) {
                // In a container an empty variable means "not set".
                Ok(text) if text.is_empty() => {}
                Ok(text) => given.push((*key, text, Origin::Variable(variable))),
                Err(VarError::NotPresent) => {}
                Err(VarError::NotUnicode(_)) => {
                    let message = format!("the value of {variable} is not valid UTF-8\n");
                    return Err(clap::Error::raw(ErrorKind::InvalidUtf8, message));
                }
            }
        }
        for (key, text) in matches.get_many::<(Key, String)>(SET).into_iter().flatten() {
            given.push((*key, text.clone(), Origin::Flag(format!("--{SET} {}", key.path()))));
        }
        for (key, _) in FLAGS {
            if let (Some(text), Some(ValueSource::CommandLine)) =
                (matches.get_one::<String>(key.path()), matches.value_source(key.path()))
            {
                given.push((key, text.clone(), Origin::Flag(format!("--{}", key.path()))));
            }
        }
        Ok(Self { given })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_does_not_exist_is_answered_with_the_nearest() {
        assert_eq!(setting("leaf.lifetime=20d"), Ok((Key::LeafLifetime, "20d".to_owned())));
        assert_eq!(setting("database.endpoints=a=b"), Ok((Key::DatabaseEndpoints, "a=b".to_owned())));
        assert_eq!(
            setting("leaf.lifetme=20d"),
            Err("there is no key leaf.lifetme; the nearest is leaf.lifetime".to_owned())
        );
        assert!(setting("leaf.lifetime").is_err());
    }
}
