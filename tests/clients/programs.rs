//! The four client programs: where they are, and one login with one of them.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

use crate::skip::skip;
use crate::tools::tool;
use crate::{SERVER_NAME, client};

/// A client library, with its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Psql,
    NodePostgres,
    Psycopg,
    TokioPostgres,
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Psql => "psql",
            Self::NodePostgres => "node-postgres",
            Self::Psycopg => "psycopg",
            Self::TokioPostgres => "tokio-postgres",
        })
    }
}

/// What a client brings to the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Certificate,
    NoCertificate,
    Plaintext,
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::NoCertificate => "no-certificate",
            Self::Plaintext => "plaintext",
        }
    }
}

/// What PostgreSQL says of a session (`pg_stat_ssl`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Session {
    /// The serial number of the client's leaf, decimal.
    pub(crate) serial: String,
    /// The version of TLS.
    pub(crate) version: String,
    /// The cipher suite.
    pub(crate) cipher: String,
    /// The serial number of the server's leaf in hexadecimal, from a client that can tell.
    pub(crate) server: Option<String>,
}

/// The client programs that this machine can run.
pub(crate) struct Programs {
    available: Vec<Client>,
    sources: PathBuf,
    node_modules: PathBuf,
    python: PathBuf,
    /// An empty home: no certificates of a person are found.
    home: TempDir,
}

impl Programs {
    /// Those that were installed. A client that this machine cannot run is named in a line that starts with `SKIPPED`.
    pub(crate) fn find() -> Self {
        let sources = project::root().join("tests/clients");
        let starts = |program: &str| match Command::new(program).arg("--version").output() {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("{program}: {error}")),
        };
        let node_modules =
            starts("node").and_then(|()| tool("node-postgres")).map(|folder| folder.join("node_modules"));
        let python = tool("psycopg").map(|folder| folder.join("bin/python"));
        let mut available = Vec::new();
        for (client, found) in [
            (Client::Psql, starts("psql")),
            (Client::NodePostgres, node_modules.as_ref().map(drop).map_err(Clone::clone)),
            (Client::Psycopg, python.as_ref().map(drop).map_err(Clone::clone)),
        ] {
            match found {
                Ok(()) => available.push(client),
                Err(why) => skip(&format!("logins with {client}"), why),
            }
        }
        available.push(Client::TokioPostgres);
        let home = TempDir::new().expect("a temporary directory can be made");
        let (node_modules, python) = (node_modules.unwrap_or_default(), python.unwrap_or_default());
        Self { available, sources, node_modules, python, home }
    }

    /// The clients that can be run.
    pub(crate) fn clients(&self) -> impl Iterator<Item = Client> {
        self.available.iter().copied()
    }

    /// Logs in as `postgres` at a port of this machine, with the files of a directory.
    pub(crate) fn login(&self, client: Client, port: u16, files: &Path, way: Way) -> Result<Session, String> {
        let answer = match client {
            Client::Psql => {
                self.run(Command::new("sh").arg(self.sources.join("client.sh")), SERVER_NAME, port, files, way)
            }
            Client::NodePostgres => {
                let mut command = Command::new("node");
                let command = command.arg(self.sources.join("client.js")).env("NODE_PATH", &self.node_modules);
                // It resolves a name by itself; the name to verify is in the program.
                self.run(command, "127.0.0.1", port, files, way)
            }
            Client::Psycopg => {
                self.run(Command::new(&self.python).arg(self.sources.join("client.py")), SERVER_NAME, port, files, way)
            }
            Client::TokioPostgres => self.call(port, files, way),
        }?;
        serde_json::from_str(answer.trim()).map_err(|error| format!("{error} in {answer:?}"))
    }

    fn run(&self, command: &mut Command, host: &str, port: u16, files: &Path, way: Way) -> Result<String, String> {
        // PG* variables of the caller would change what is tested; those that are not set here must not be.
        for variable in ["PGSSLMODE", "PGSSLCERT", "PGSSLKEY", "PGSSLROOTCERT", "PGPASSWORD", "PGSERVICE", "PGOPTIONS"]
        {
            command.env_remove(variable);
        }
        command.env("PGHOST", host).env("PGHOSTADDR", "127.0.0.1").env("PGPORT", port.to_string());
        command.env("PGUSER", "postgres").env("PGDATABASE", "postgres").env("PGCONNECT_TIMEOUT", "10");
        command.env("HOME", self.home.path()).env("LC_ALL", "C");
        let output = command.arg(files).arg(way.as_str()).output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().replace('\n', " | ");
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    fn call(&self, port: u16, files: &Path, way: Way) -> Result<String, String> {
        let query = std::fs::read_to_string(self.sources.join("session.sql")).map_err(|error| error.to_string())?;
        let parameters = "host=db.example.org user=postgres dbname=postgres sslmode=require";
        let mut config: tokio_postgres::Config =
            parameters.parse().map_err(|error| format!("{parameters}: {error}"))?;
        config.hostaddr([127, 0, 0, 1].into()).port(port).connect_timeout(Duration::from_secs(10));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(client::login(files, &config, way, &query)).map_err(|error| chain(error.as_ref()))
    }
}

/// An error and its causes on one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
