//! Protects the memory of a process with private keys: no core dump, and no access by other processes.

use std::io;
use std::sync::OnceLock;

use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// The core limit with which this process started.
static CORE_LIMIT: OnceLock<Rlimit> = OnceLock::new();

/// Forbids core dumps, and access to the memory by unprivileged processes of the same user (prctl(2), `PR_SET_DUMPABLE`). A
/// process calls it first. Fails if a sandbox forbids it.
pub fn protect() -> io::Result<()> {
    let found = *CORE_LIMIT.get_or_init(|| getrlimit(Resource::Core));
    setrlimit(Resource::Core, Rlimit { current: Some(0), ..found })?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Starts a process with the core limit with which this process started, so that a database restarted by a command keeps it.
/// This process stays non-dumpable meanwhile.
pub(crate) fn with_core_limit_of_caller<T>(start: impl FnOnce() -> T) -> T {
    let Some(found) = CORE_LIMIT.get() else { return start() };
    // If the limit cannot be changed, the command does not need it.
    let _raised = setrlimit(Resource::Core, *found);
    let started = start();
    let _lowered = setrlimit(Resource::Core, Rlimit { current: Some(0), ..*found });
    started
}
