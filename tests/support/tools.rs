//! What was installed before tests run, by `.ci/setup` and `tests/cluster`. Tests install nothing: two would do so at once.

use std::path::PathBuf;
use std::process::Command;

/// The folder of a tool of tests/tools; why there is none.
pub(crate) fn tool(name: &str) -> Result<PathBuf, String> {
    part("tests/tools/tools", name)
}

/// The folder of a part that a script has made; why there is none.
pub(crate) fn part(script: &str, name: &str) -> Result<PathBuf, String> {
    let program = project::root().join(script);
    let output = Command::new(program).args(["where", name]).output().map_err(|error| format!("{script}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().into());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
