//! A machine with the program, a PostgreSQL of its own, and a configuration of the test's own.

use std::fs;
use std::path::Path;

use nix::unistd::geteuid;
use rotation::document::Database;
use tempfile::TempDir;

use crate::support::load::login;
use crate::support::program::{Ended, Newleaf};
use crate::support::server::{Account, PostgresServer, readable_directory};
use crate::support::site::{SERVER_NAME, bootstrap_arguments, database};

/// Clients with a certificate, and no other.
pub(crate) const CERTIFICATES_ONLY: &str = "hostssl all all 127.0.0.1/32 cert clientcert=verify-full";

/// The machine.
pub(crate) struct Place {
    /// The program.
    pub(crate) newleaf: Newleaf,
    /// The server. Before the directory, so that it is stopped before its files are gone.
    pub(crate) server: PostgresServer,
    directory: TempDir,
}

impl Place {
    /// Bootstraps with further lines of the configuration, and starts the server; `None` where there is no PostgreSQL.
    pub(crate) async fn set_up(lines: &str) -> Option<Self> {
        Self::set_up_with(lines, |_| {}).await
    }

    /// The same after something has been put into the directory.
    pub(crate) async fn set_up_with(lines: &str, prepare: impl FnOnce(&Path)) -> Option<Self> {
        if !PostgresServer::is_available() {
            return None;
        }
        let directory = readable_directory().expect("a temporary directory can be made");
        prepare(directory.path());
        fs::write(directory.path().join("newleaf.yaml"), header(lines)).expect("it can be written");
        let newleaf = Newleaf::new(project::program(), directory.path());
        let arguments = bootstrap_arguments();
        let bootstrap = newleaf.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let bootstrap = bootstrap.expect("the program starts");
        assert_eq!(bootstrap.code(), 0, "{}", bootstrap.errors);
        let files = directory.path().join("server");
        let server = PostgresServer::start_as(&files, "", CERTIFICATES_ONLY).expect("PostgreSQL starts");
        let place = Self { newleaf, server, directory };
        place.configure(lines, &place.pid_file());
        Some(place)
    }

    /// Writes the configuration: the consumers `postgres` (reloaded by a signal, with this pid file) and `app` (restarted by
    /// a command that counts), the endpoint, and further lines.
    pub(crate) fn configure(&self, lines: &str, pid_file: &str) {
        self.configure_endpoints(lines, pid_file, &[self.endpoint()]);
    }

    /// The same with other endpoints.
    pub(crate) fn configure_endpoints(&self, lines: &str, pid_file: &str, endpoints: &[String]) {
        let restarts = self.directory.path().join("restarts").display().to_string();
        let text = format!(
            "{}consumers:\n- {{name: postgres, loads: server, pickup: reload, signal: true, pidFile: {pid_file}}}\n\
             - {{name: app, loads: client, pickup: restart, command: [sh, -c, \"echo x >> {restarts}\"]}}\n\
             database: {{endpoints: {endpoints:?}, serverName: {SERVER_NAME}}}\n\
             deadlines: {{step: 6s, run: 40s}}\n",
            header(lines)
        );
        fs::write(self.directory.path().join("newleaf.yaml"), text).expect("it can be written");
    }

    /// The same with other clients.
    pub(crate) fn configure_consumers(&self, clients: &str) {
        self.configure("", &self.pid_file());
        let path = self.directory.path().join("newleaf.yaml");
        let text = fs::read_to_string(&path).expect("it is there");
        let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("- {name: app,"));
        let (before, after): (Vec<_>, Vec<_>) =
            lines.partition(|line| !line.starts_with("database:") && !line.starts_with("deadlines:"));
        fs::write(&path, [&before.concat(), clients, &after.concat()].concat()).expect("it can be written");
    }

    /// Where the server listens.
    pub(crate) fn endpoint(&self) -> String {
        let endpoint = self.server.endpoint();
        format!("{}:{}", endpoint.host, endpoint.port)
    }

    /// The server's pid file.
    pub(crate) fn pid_file(&self) -> String {
        self.server.pid_file().display().to_string()
    }

    /// How often the application was restarted.
    pub(crate) fn restarts(&self) -> usize {
        fs::read_to_string(self.directory.path().join("restarts")).unwrap_or_default().lines().count()
    }

    /// Runs the program to its end, whatever that is.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        self.newleaf.run(arguments).await.expect("the program starts")
    }

    /// Where clients log in.
    pub(crate) fn database(&self) -> Database {
        database(&self.server)
    }

    /// Whether a client with what is stored, or with other files, is let in.
    pub(crate) async fn lets_in(&self, files: &Path) -> bool {
        login(&self.database(), files, "client").await.is_ok()
    }

    /// The stored client's files.
    pub(crate) fn client(&self) -> std::path::PathBuf {
        self.newleaf.directory().join("client")
    }

    /// A copy of the stored client's files that stays as it is.
    pub(crate) fn copy_of_client(&self, name: &str) -> std::path::PathBuf {
        let copy = self.directory.path().join(name);
        fs::create_dir(&copy).expect("it can be made");
        for file in ["tls.crt", "tls.key", "ca.crt"] {
            fs::copy(self.client().join(file), copy.join(file)).expect("it can be copied");
        }
        copy
    }

    /// The serial of the stored leaf of a peer, as `status` tells it.
    pub(crate) async fn serial(&self, peer: &str) -> String {
        let status = self.newleaf.ask(&["status"]).await.expect("status ends well");
        status["facts"][peer]["present"]["serial"].as_str().expect("a leaf is stored").to_owned()
    }

    /// How many generations of the authority are stored.
    pub(crate) async fn generations(&self) -> usize {
        let status = self.newleaf.ask(&["status"]).await.expect("status ends well");
        status["facts"]["authorities"]["present"].as_array().expect("an authority is stored").len()
    }
}

fn header(lines: &str) -> String {
    let files = geteuid().is_root().then(Account::find).flatten().map(|account| account.name);
    let files = files.map(|owner| format!(", files: {{owner: {owner}}}")).unwrap_or_default();
    format!("apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nserver: {{names: [{SERVER_NAME}]{files}}}\n{lines}\n")
}

/// The run ended with this code, and said this.
pub(crate) fn assert_ended(ended: &Ended, code: i32, words: &[&str]) {
    let text = format!("{}{}", ended.output, ended.errors);
    assert_eq!(ended.code(), code, "{}: {text}", ended.arguments.join(" "));
    for word in words {
        assert!(text.contains(word), "{word:?} is missing in: {text}");
    }
}
