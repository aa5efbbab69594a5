//! The PostgreSQL that servers are started from: Debian's newest, or the version that `NEWLEAF_POSTGRES` names, say 14.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, OnceLock};

use nix::unistd::geteuid;

use super::tools::tool;

/// Its programs.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    /// The folder of `bin`, `lib` and `share`, or of `bin` alone.
    root: PathBuf,
    /// Whether the user that servers run as may lack the right to reach it.
    in_our_cache: bool,
}

impl Installation {
    /// It, or why there is none.
    pub(crate) fn find() -> Result<Self, String> {
        static FOUND: LazyLock<Result<Installation, String>> = LazyLock::new(|| {
            let version = std::env::var_os("NEWLEAF_POSTGRES").filter(|value| !value.is_empty());
            version.map_or_else(Installation::of_debian, |version| Installation::of_version(&version.to_string_lossy()))
        });
        FOUND.clone()
    }

    fn of_debian() -> Result<Self, String> {
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let newest = versions
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())))
            .filter(|(_, root)| root.join("bin/initdb").exists())
            .max();
        let (_, root) = newest.ok_or("no PostgreSQL under /usr/lib/postgresql/*/bin")?;
        Ok(Self { root, in_our_cache: false })
    }

    fn of_version(version: &str) -> Result<Self, String> {
        let root = tool("postgres-servers")?.join(format!("node_modules/postgres-{version}/native"));
        if !root.is_dir() {
            return Err(format!("tests/tools/postgres-servers names no PostgreSQL {version}"));
        }
        Ok(Self { root, in_our_cache: true })
    }

    /// The same in a directory that the server's user reaches: root's home, which holds the cache, may be closed to it.
    pub(crate) fn reachable_in(self, directory: &Path) -> io::Result<Self> {
        if !(self.in_our_cache && geteuid().is_root()) {
            return Ok(self);
        }
        let root = directory.join("programs");
        link_all(&self.root, &root)?;
        Ok(Self { root, ..self })
    }

    /// Where an empty cluster of databases of this very version is kept, for the user that servers run as; `None` outside of
    /// tests.
    pub(crate) fn template(&self) -> Option<PathBuf> {
        // One process starts servers of one version.
        static VERSION: OnceLock<String> = OnceLock::new();
        let kept = Path::new(option_env!("CARGO_TARGET_TMPDIR")?);
        let version = VERSION.get_or_init(|| {
            let said = Command::new(self.program("initdb")).arg("--version").output().map(|output| output.stdout);
            said.unwrap_or_default().into_iter().map(char::from).filter(char::is_ascii_alphanumeric).collect()
        });
        let is_known = !version.is_empty();
        is_known.then(|| kept.join(format!("{version}-{}", geteuid())))
    }

    /// The path of one of its programs. What its packages leave out, such as `psql`, talks to every version: Debian's.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let own = self.root.join("bin").join(name);
        if own.exists() { own } else { name.into() }
    }
}

/// The same files under another directory, without their contents being copied where that can be.
fn link_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to, kind) = (entry.path(), to.join(entry.file_name()), entry.file_type()?);
        if kind.is_dir() {
            link_all(&from, &to)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(&from)?, &to)?;
        } else if fs::hard_link(&from, &to).is_err() {
            fs::copy(&from, &to)?; // another file system
        }
    }
    Ok(())
}
