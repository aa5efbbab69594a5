//! Users and groups by name and by number.

use nix::unistd::{Gid, Group, Uid, User};

use crate::configuration::Account;
use crate::host::error::HostError;

/// A user whom files are given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) user: u32,
    /// The user's own group; `None` for a number that this machine has no user for.
    pub(crate) group: Option<u32>,
}

/// Looks a user up.
pub(crate) fn owner(account: &Account) -> Result<Owner, HostError> {
    let found = match account {
        Account::Name(name) => User::from_name(name).ok().flatten(),
        Account::Number(number) => {
            let user = User::from_uid(Uid::from_raw(*number)).ok().flatten();
            return Ok(Owner { user: *number, group: user.map(|user| user.gid.as_raw()) });
        }
    };
    let unknown = || HostError::OwnerUnknown { kind: "user", name: account.to_string() };
    found.map(|user| Owner { user: user.uid.as_raw(), group: Some(user.gid.as_raw()) }).ok_or_else(unknown)
}

/// Looks a group up.
pub(crate) fn group(account: &Account) -> Result<u32, HostError> {
    match account {
        Account::Number(number) => Ok(*number),
        Account::Name(name) => {
            let unknown = || HostError::OwnerUnknown { kind: "group", name: name.clone() };
            Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw()).ok_or_else(unknown)
        }
    }
}

/// A user for messages: the name where there is one, else the number.
pub(crate) fn user_name(user: u32) -> String {
    User::from_uid(Uid::from_raw(user)).ok().flatten().map_or_else(|| format!("user {user}"), |user| user.name)
}

/// A group for messages.
pub(crate) fn group_name(group: u32) -> String {
    let found = Group::from_gid(Gid::from_raw(group)).ok().flatten();
    found.map_or_else(|| format!("group {group}"), |group| format!("group {}", group.name))
}
