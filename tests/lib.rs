//! Where the project is, and the program that is tested.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| build("newleaf"));
static DEPLOYER: LazyLock<PathBuf> = LazyLock::new(|| build("newleaf-deploy"));

/// The program, as a path: built of the present sources, so that no test runs one of yesterday.
pub fn program() -> &'static Path {
    &PROGRAM
}

/// The deployer, in the same way.
pub fn deployer() -> &'static Path {
    &DEPLOYER
}

/// The folder of the project.
pub fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// Has cargo build a program as the tests themselves were built. Nothing is to be done where it is up to date; the crates are
/// there, for the tests are made of the same.
#[expect(clippy::expect_used, reason = "a test without the program that it tests fails")]
fn build(name: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--workspace", "--bin", name, "--locked", "--offline", "--quiet"]);
    command.arg("--message-format=json-render-diagnostics").current_dir(root());
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.output().expect("cargo can be started");
    assert!(output.status.success(), "cargo: {}", String::from_utf8_lossy(&output.stderr));
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let mut executables = lines.filter_map(|line| {
        let message: Value = serde_json::from_slice(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    });
    executables.next_back().expect("cargo names the program that it has built")
}
