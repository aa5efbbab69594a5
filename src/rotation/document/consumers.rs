//! Consumers: turns the entries of the file into valid pick-ups.

use std::collections::BTreeSet;
use std::path::PathBuf;

use base::layers::origin::Origin;

use crate::document::error::ConfigurationError;
use crate::document::shape::{ConsumerFile, FallbackRestartFile, LoadsFile, PickupFile};
use crate::document::{Consumer, Pickup, Trigger};
use crate::engine::facts::Peer;
use crate::engine::request::RotationId;

/// Checks every consumer, and that all names differ.
pub(super) fn resolve(
    files: &[ConsumerFile],
    origin: &Origin,
    has_database: bool,
) -> Result<Vec<Consumer>, ConfigurationError> {
    let mut names = BTreeSet::new();
    let mut consumers = Vec::with_capacity(files.len());
    for file in files {
        let refuse =
            |problem: String| ConfigurationError::Consumer { name: file.name.clone(), origin: origin.clone(), problem };
        if !names.insert(file.name.as_str()) {
            return Err(refuse("the name is used twice".to_owned()));
        }
        consumers.push(consumer(file, has_database).map_err(refuse)?);
    }
    Ok(consumers)
}

fn consumer(file: &ConsumerFile, has_database: bool) -> Result<Consumer, String> {
    if RotationId::parse(&file.name).is_none() || file.name.starts_with(['.', '-']) {
        return Err(
            "a name is 1 to 63 letters, digits, `.`, `_` and `-`, and starts with a letter, digit or `_`".into()
        );
    }
    if file.workload.is_some() || file.selector.is_some() || file.namespace.is_some() || file.nudge {
        return Err(
            "`workload`, `selector`, `namespace` and `nudge` belong to a cluster, not to a directory".to_owned()
        );
    }
    let peer = match file.loads {
        LoadsFile::Server => Peer::Server,
        LoadsFile::Client => Peer::Client,
    };
    let pid_file = file.pid_file.as_deref().map(pid_file).transpose()?;
    let pickup = match file.pickup {
        PickupFile::Reload => reload(file, peer, has_database)?,
        PickupFile::Restart => restart(file)?,
        PickupFile::Login => login(file)?,
    };
    Ok(Consumer { name: file.name.clone(), peer, pickup, pid_file })
}

fn reload(file: &ConsumerFile, peer: Peer, has_database: bool) -> Result<Pickup, String> {
    let trigger = match (file.signal, &file.command, file.database) {
        (true, None, false) if file.pid_file.is_none() => return Err("`signal` needs `pidFile`".to_owned()),
        (true, None, false) => Trigger::Signal,
        (false, Some(words), false) => Trigger::Command(command("command", words)?),
        (false, None, true) if !has_database => return Err("`database: true` needs database.endpoints".to_owned()),
        (false, None, true) if peer == Peer::Client => {
            return Err("`database: true` reloads the server; this consumer loads the client's leaf".to_owned());
        }
        (false, None, true) => Trigger::Database,
        (false, None, false) => {
            return Err("`reload` needs a trigger: `signal: true`, `command` or `database: true`".to_owned());
        }
        _ => return Err("`reload` takes one trigger: `signal`, `command` or `database`".to_owned()),
    };
    let fallback = match file.fallback.as_ref().map(|fallback| &fallback.restart) {
        None => None,
        Some(FallbackRestartFile::Command(words)) => Some(command("fallback.restart", words)?),
        Some(FallbackRestartFile::Rollout(_)) => {
            return Err("`fallback.restart` is a program and its arguments".to_owned());
        }
    };
    Ok(Pickup::Reload { trigger, fallback })
}

fn restart(file: &ConsumerFile) -> Result<Pickup, String> {
    if file.signal || file.database || file.fallback.is_some() {
        return Err("`restart` takes `command` only; `signal`, `database` and `fallback` belong to `reload`".to_owned());
    }
    match &file.command {
        Some(words) => Ok(Pickup::Restart { command: command("command", words)? }),
        None => Err("`restart` needs `command`, a program and its arguments".to_owned()),
    }
}

fn login(file: &ConsumerFile) -> Result<Pickup, String> {
    if file.signal || file.database || file.command.is_some() || file.fallback.is_some() || file.pid_file.is_some() {
        return Err("`login` reads the files by itself; it takes nothing else".to_owned());
    }
    Ok(Pickup::Login)
}

fn command(key: &str, words: &[String]) -> Result<Vec<String>, String> {
    match words.first() {
        None => Err(format!("`{key}` is empty; it is a program and its arguments")),
        Some(program) if program.trim().is_empty() => Err(format!("the program of `{key}` is an empty text")),
        Some(program) if program.contains('/') && !program.starts_with('/') => {
            Err(format!("the program of `{key}` is {program:?}; it is a name or an absolute path"))
        }
        Some(_) if words.iter().any(|word| word.contains('\0')) => Err(format!("`{key}` holds a NUL character")),
        Some(_) => Ok(words.to_vec()),
    }
}

fn pid_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_absolute() && !super::values::climbs(&path) {
        Ok(path)
    } else {
        Err(format!("`pidFile` is {text:?}; it is an absolute path without `..`"))
    }
}
