//! Every configuration value as a flag and a variable: made from the same table as the file's keys.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::configuration::error::{ConfigurationError, Origin};
use crate::configuration::keys::Key;
use crate::configuration::layers::Layers;

/// The configuration values that flags and variables give.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    given: Vec<(Key, String, Origin)>,
}

impl Overrides {
    /// As a layer above the file.
    pub fn layers(&self) -> Result<Layers, ConfigurationError> {
        let mut layers = Layers::default();
        for (key, text, origin) in &self.given {
            layers.set_text(*key, text, origin.clone())?;
        }
        Ok(layers)
    }

    /// The text of one value.
    pub fn text(&self, key: Key) -> Option<&str> {
        self.given.iter().find(|(given, ..)| *given == key).map(|(_, text, _)| text.as_str())
    }
}

fn argument(key: Key) -> Arg {
    let default = match key.default() {
        "" => String::new(),
        default => format!(" [default: {default}]"),
    };
    let argument = Arg::new(key.path())
        .long(key.flag())
        .env(key.variable())
        .hide_env_values(true)
        .value_name(key.form())
        .help(format!("{}{default}", key.help()))
        .help_heading("Configuration")
        .global(true);
    let short = [(Key::Directory, 'd'), (Key::Namespace, 'n')].into_iter().find(|(known, _)| *known == key);
    match short {
        Some((_, short)) => argument.short(short).help_heading("Global options").display_order(0),
        None => argument.hide_short_help(true),
    }
}

impl Args for Overrides {
    fn augment_args(command: Command) -> Command {
        Key::ALL.iter().fold(command, |command, key| command.arg(argument(*key)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Overrides {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Vec::new();
        for key in Key::ALL {
            let Some(text) = matches.get_one::<String>(key.path()) else { continue };
            match matches.value_source(key.path()) {
                // An empty variable is how a container says "not set".
                Some(ValueSource::EnvVariable) if text.is_empty() => {}
                Some(ValueSource::EnvVariable) => given.push((*key, text.clone(), Origin::Variable(key.variable()))),
                _ => given.push((*key, text.clone(), Origin::Flag(format!("--{}", key.flag())))),
            }
        }
        Ok(Self { given })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
