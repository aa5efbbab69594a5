//! The memory of a process that holds private keys: no core of it, and no look at it from outside.

use std::io;
use std::sync::OnceLock;

use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// The limit of cores that the process was started with.
static CORE_LIMIT: OnceLock<Rlimit> = OnceLock::new();

/// Sees to it that no core is written and that no other process of the same user, unless privileged, reads the memory
/// (prctl(2), `PR_SET_DUMPABLE`). The first thing that a process does. An error where a sandbox forbids it.
pub fn protect() -> io::Result<()> {
    let found = *CORE_LIMIT.get_or_init(|| getrlimit(Resource::Core));
    setrlimit(Resource::Core, Rlimit { current: Some(0), ..found })?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Starts a process that shall have the limit of cores that this one was started with: a database that a command
/// restarts keeps it. For that moment this process is still not dumpable.
pub(crate) fn with_core_limit_of_caller<T>(start: impl FnOnce() -> T) -> T {
    let Some(found) = CORE_LIMIT.get() else { return start() };
    // A limit that cannot be changed is one that the command does not need.
    let _raised = setrlimit(Resource::Core, *found);
    let started = start();
    let _lowered = setrlimit(Resource::Core, Rlimit { current: Some(0), ..*found });
    started
}
