//! Users and groups by name and by number.

use nix::unistd::{Gid, Group, Uid, User};
use rotation::document::Account;

use crate::host::error::HostError;

/// A user that becomes the owner of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) user: u32,
    /// The primary group of the user. `None` for an id without a user on this machine.
    pub(crate) group: Option<u32>,
}

/// Resolves a user.
pub(crate) fn owner(account: &Account) -> Result<Owner, HostError> {
    match account {
        Account::Name(name) => match User::from_name(name) {
            Ok(Some(user)) => Ok(Owner { user: user.uid.as_raw(), group: Some(user.gid.as_raw()) }),
            Ok(None) | Err(_) => Err(HostError::OwnerUnknown { kind: "user", name: name.clone() }),
        },
        Account::Number(number) => {
            let group = match User::from_uid(Uid::from_raw(*number)) {
                Ok(Some(user)) => Some(user.gid.as_raw()),
                Ok(None) | Err(_) => None,
            };
            Ok(Owner { user: *number, group })
        }
    }
}

/// Resolves a group.
pub(crate) fn group(account: &Account) -> Result<u32, HostError> {
    match account {
        Account::Number(number) => Ok(*number),
        Account::Name(name) => match Group::from_name(name) {
            Ok(Some(group)) => Ok(group.gid.as_raw()),
            Ok(None) | Err(_) => Err(HostError::OwnerUnknown { kind: "group", name: name.clone() }),
        },
    }
}

/// The name of a user for messages, or the id if there is no name.
pub(crate) fn user_name(user: u32) -> String {
    match User::from_uid(Uid::from_raw(user)) {
        Ok(Some(user)) => user.name,
        Ok(None) | Err(_) => format!("user {user}"),
    }
}

/// The name of a group for messages, or the id if there is no name.
pub(crate) fn group_name(group: u32) -> String {
    match Group::from_gid(Gid::from_raw(group)) {
        Ok(Some(group)) => format!("group {}", group.name),
        Ok(None) | Err(_) => format!("group {group}"),
    }
}
