//! Configuration values that override the file: `-d`, `-n` and `--set`, and one variable for each key of the file.

use std::env::VarError;

use base::layers::nearest::nearest;
use base::layers::origin::Origin;
use base::layers::tree::Tree;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use rotation::document::error::ConfigurationError;
use rotation::document::file;
use rotation::document::keys::{self, KEYS, Key};

/// The option that sets a value by its path.
const SET: &str = "set";

/// The keys that have their own flag, with its letter.
const FLAGS: [(&str, char); 2] = [("directory", 'd'), ("namespace", 'n')];

/// The configuration values from variables and flags, lowest priority first.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    given: Vec<(&'static str, String, Origin)>,
}

impl Overrides {
    /// The values as a layer above the file.
    pub fn layer(&self) -> Result<Tree, ConfigurationError> {
        file::settings(&self.given)
    }
}

fn flag(key: &'static Key, letter: char) -> Arg {
    let default = match key.default {
        "" => String::new(),
        default => format!(" [default: {default}]"),
    };
    Arg::new(key.path)
        .short(letter)
        .long(key.path)
        .env(key.variable())
        .hide_env_values(true)
        .value_name(key.form)
        .help(format!("{}{default}", key.help))
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
fn setting(text: &str) -> Result<(&'static str, String), String> {
    let Some((path, value)) = text.split_once('=') else {
        return Err("write KEY=VALUE, for example leaf.lifetime=20d".to_owned());
    };
    match (keys::of_path(path), nearest(path, KEYS.iter().map(|key| key.path))) {
        (Some(key), _) => Ok((key.path, value.to_owned())),
        (None, Some(nearest)) => Err(format!("there is no key {path}; the nearest is {nearest}")),
        (None, None) => Err(format!("there is no key {path}")),
    }
}

impl Args for Overrides {
    fn augment_args(mut command: Command) -> Command {
        for (path, letter) in FLAGS {
            if let Some(key) = keys::of_path(path) {
                command = command.arg(flag(key, letter));
            }
        }
        command.arg(set())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Overrides {
    #[expect(clippy::disallowed_methods, reason = "this is the command line, which reads the environment")]
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Vec::new();
        for key in KEYS {
            let variable = key.variable();
            match std::env::var(&variable) {
                // In a container an empty variable means "not set".
                Ok(text) if text.is_empty() => {}
                Ok(text) => given.push((key.path, text, Origin::Variable(variable))),
                Err(VarError::NotPresent) => {}
                Err(VarError::NotUnicode(_)) => {
                    let message = format!("the value of {variable} is not valid UTF-8\n");
                    return Err(clap::Error::raw(ErrorKind::InvalidUtf8, message));
                }
            }
        }
        for (key, text) in matches.get_many::<(&'static str, String)>(SET).into_iter().flatten() {
            given.push((*key, text.clone(), Origin::Flag(format!("--{SET} {key}"))));
        }
        for (key, _) in FLAGS {
            if let (Some(text), Some(ValueSource::CommandLine)) =
                (matches.get_one::<String>(key), matches.value_source(key))
            {
                given.push((key, text.clone(), Origin::Flag(format!("--{key}"))));
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
        assert_eq!(setting("leaf.lifetime=20d"), Ok(("leaf.lifetime", "20d".to_owned())));
        assert_eq!(setting("database.endpoints=a=b"), Ok(("database.endpoints", "a=b".to_owned())));
        assert_eq!(
            setting("leaf.lifetme=20d"),
            Err("there is no key leaf.lifetme; the nearest is leaf.lifetime".to_owned())
        );
        assert!(setting("leaf.lifetime").is_err());
    }
}
