//! A machine as an operator sets it up: the directory, PostgreSQL that loads from it, and `newleaf.yaml` that says so.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;
use rotation::document::{Database, Endpoint};
use tempfile::TempDir;

use crate::support::program::Newleaf;
use crate::support::server::{Account, PostgresServer, readable_directory};

/// The name that clients verify the server by. It need not resolve: they connect to its address.
pub(crate) const SERVER_NAME: &str = "db.newleaf.example";

/// How PostgreSQL is made to load a new leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerPickup {
    /// SIGHUP: sessions live on.
    Reload,
    /// Stopped and started.
    Restart,
}

/// A directory with leaves, the server that loads them, and the program that renews them.
pub(crate) struct Site {
    /// The program.
    pub(crate) newleaf: Newleaf,
    /// The server. Before the directory, so that it is stopped before its files are gone.
    pub(crate) server: PostgresServer,
    _directory: TempDir,
}

impl Site {
    /// Sets everything up with the program, in the order of the README.
    pub(crate) async fn set_up(program: &Path, pickup: ServerPickup) -> io::Result<Self> {
        let directory = readable_directory()?;
        let newleaf = Newleaf::new(program, directory.path());
        newleaf.ask(&bootstrap_arguments().iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let server = PostgresServer::start_with_tls(&directory.path().join("server"))?;
        fs::write(directory.path().join("newleaf.yaml"), configuration(&server, pickup))?;
        Ok(Self { newleaf, server, _directory: directory })
    }

    /// The client's files.
    pub(crate) fn client(&self) -> PathBuf {
        self.newleaf.directory().join("client")
    }

    /// Where clients log in, and the name that they verify.
    pub(crate) fn database(&self) -> Database {
        database(&self.server)
    }

    /// How often an object (`server`, `client`, `authority`) has been written, by the number of its generation.
    pub(crate) fn writes(&self, object: &str) -> io::Result<u64> {
        let target = fs::read_link(self.newleaf.directory().join(object))?;
        let name = target.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number =
            name.strip_prefix(object).and_then(|rest| rest.split('-').nth(1)).and_then(|text| text.parse().ok());
        number.ok_or_else(|| io::Error::other(format!("{object} points to {}", target.display())))
    }
}

/// Where the clients of a server log in.
pub(crate) fn database(server: &PostgresServer) -> Database {
    let endpoint = Endpoint { server_name: Some(SERVER_NAME.to_owned()), ..server.endpoint() };
    Database { endpoints: vec![endpoint], ..server.database() }
}

/// The first command of an operator.
pub(crate) fn bootstrap_arguments() -> Vec<String> {
    let mut arguments = vec!["bootstrap".to_owned(), "--set".to_owned(), format!("server.names={SERVER_NAME}")];
    arguments.extend(owner().into_iter().flat_map(|owner| ["--set".to_owned(), format!("server.files.owner={owner}")]));
    arguments
}

/// The account that the server's files belong to, where it is not our own.
fn owner() -> Option<String> {
    geteuid().is_root().then(Account::find).flatten().map(|account| account.name)
}

/// What `newleaf.yaml` says of this server and of clients that read their files at each login.
pub(crate) fn configuration(server: &PostgresServer, pickup: ServerPickup) -> String {
    let endpoint = server.endpoint();
    let files = owner().map(|owner| format!(", files: {{owner: {owner}}}")).unwrap_or_default();
    let pid_file = server.pid_file().display().to_string();
    let how = match pickup {
        ServerPickup::Reload => format!("pickup: reload, signal: true, pidFile: {pid_file}"),
        ServerPickup::Restart => {
            format!("pickup: restart, command: [{}], pidFile: {pid_file}", server.restart_command().join(", "))
        }
    };
    format!(
        "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nserver: {{names: [{SERVER_NAME}]{files}}}\n\
         consumers:\n- {{name: postgres, loads: server, {how}}}\n- {{name: clients, loads: client, pickup: login}}\n\
         database: {{endpoints: [\"{}:{}\"], serverName: {SERVER_NAME}}}\n",
        endpoint.host, endpoint.port
    )
}
