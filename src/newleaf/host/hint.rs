//! Hints for errors of this host that say more than the page of the code.

use std::io;
use std::path::Path;

use crate::host::error::HostError;

/// The hint for an error. `None` if the remedy of the code suffices.
pub(super) fn of(error: &HostError) -> Option<String> {
    match error {
        HostError::LinkReplaced { path, newest } => Some(link_again(path, newest.as_deref(), true)),
        HostError::LinkMissing { path, newest } => Some(link_again(path, Some(newest), false)),
        HostError::Exposed { owner, mend, .. } => Some(format!(
            "Run `{mend}`{}: newleaf runs as {} and relies on nothing that another user can change.",
            if mend.starts_with("chown") { format!(", or run newleaf as {owner}") } else { String::new() },
            super::walk::own_name()
        )),
        HostError::Read { path, source } | HostError::Write { path, source } | HostError::Lock { path, source } => {
            of_disk(path, source)
        }
        HostError::ReadsElsewhere { written, .. } => Some(format!(
            "Make PostgreSQL's settings name {}, through the link; if it is a mount, mount all of {}. newleaf keeps the \
             files that PostgreSQL reads now until then.",
            written.display(),
            written.parent().and_then(Path::parent).unwrap_or(written).display()
        )),
        HostError::Unusable { .. }
        | HostError::Slow { .. }
        | HostError::DirectoryAbsent { .. }
        | HostError::TooLarge { .. }
        | HostError::OwnerUnknown { .. }
        | HostError::Conflict { .. }
        | HostError::AuthorityForeign { .. }
        | HostError::LeaseHeld { .. }
        | HostError::Interrupted(_)
        | HostError::ConsumerUnknown { .. }
        | HostError::CommandFailed { .. }
        | HostError::CommandTimeout { .. }
        | HostError::SignalFailed { .. }
        | HostError::PidFile { .. }
        | HostError::PidForeign { .. }
        | HostError::PidOfContainer { .. }
        | HostError::ReloadRefused { .. }
        | HostError::Stale { .. }
        | HostError::Unobserved { .. } => None,
    }
}

/// How to restore a link that a copy has lost. The command deletes only duplicates, and no key leaves the directory.
fn link_again(path: &Path, newest: Option<&str>, is_occupied: bool) -> String {
    let (Some(newest), Some(directory), Some(name)) = (newest, path.parent(), path.file_name()) else {
        return "Name an empty directory. If this one is a copy, restore it with its links: `cp -a` or `rsync -a`."
            .to_owned();
    };
    let (name, target) = (name.to_string_lossy(), format!(".generations/{newest}"));
    let same = if is_occupied { format!("diff -r {name} {target} && rm -r {name} && ") } else { String::new() };
    format!(
        "Restore the directory with its links: `cp -a` or `rsync -a` from the backup. Or create the link again: \
         `cd {} && {same}ln -s {target} {name}`.",
        quoted(directory)
    )
}

/// The hint for a reason of the file system.
fn of_disk(path: &Path, source: &io::Error) -> Option<String> {
    let place = path.display();
    let kind = source.kind();
    if kind == io::ErrorKind::ReadOnlyFilesystem {
        Some(format!("Mount {place} writable instead of read-only, or run newleaf where it is writable."))
    } else if kind == io::ErrorKind::StorageFull || kind == io::ErrorKind::QuotaExceeded {
        Some(format!("Free space on the file system of {place}."))
    } else {
        None
    }
}

/// A path, quoted for a shell.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@".contains(&byte);
    if text.bytes().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_commands_are_quoted_where_a_shell_would_read_them_otherwise() {
        assert_eq!(quoted(Path::new("/etc/newleaf")), "/etc/newleaf");
        assert_eq!(quoted(Path::new("/srv/it's here")), r"'/srv/it'\''s here'");
    }
}
