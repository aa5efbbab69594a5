//! `PgBouncer` before PostgreSQL: it ends the TLS of the clients, names no authorities, and hides the sessions behind it.

use std::fs;
use std::process::{Child, Command, Stdio};

use nix::unistd::geteuid;

use crate::place::{Place, assert_ended};
use crate::support::port::free_port;
use crate::support::server::Account;
use crate::support::skip::skip;
use crate::support::wait::until;

/// Where Debian puts it.
const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A running `PgBouncer` that loads the server's leaf. Ends when dropped.
struct Pooler {
    child: Child,
    port: u16,
    pid_file: String,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It is ours, and may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Pooler {
    /// Starts one that lets clients in by their certificate, with these further settings.
    fn start(place: &Place, settings: &str) -> Self {
        let directory = place.newleaf.directory();
        let work = directory.join("pooler");
        fs::create_dir(&work).expect("it can be made");
        let account = Account::find().expect("there is a user for PostgreSQL");
        if geteuid().is_root() {
            std::os::unix::fs::chown(&work, Some(account.uid), Some(account.gid)).expect("we are root");
        }
        let port = free_port().expect("a port is free");
        let (work, files) = (work.display(), directory.join("server"));
        let (server, files) = (place.server.endpoint(), files.display());
        let text = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = cert\nauth_file = {work}/users\nclient_tls_sslmode = verify-full\n\
             client_tls_ca_file = {files}/ca.crt\nclient_tls_cert_file = {files}/tls.crt\n\
             client_tls_key_file = {files}/tls.key\npidfile = {work}/pid\n{settings}\n",
            place.server.socket_directory().display(),
            server.port
        );
        let configuration = directory.join("pooler.ini");
        fs::write(&configuration, text).expect("it can be written");
        fs::write(directory.join("pooler/users"), "\"postgres\" \"\"\n").expect("it can be written");
        let mut command = Command::new(PROGRAM);
        if geteuid().is_root() {
            command.args(["-u", &account.name]);
        }
        command.arg(&configuration).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("PgBouncer starts");
        let pooler = Self { child, port, pid_file: format!("{work}/pid") };
        until("PgBouncer listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        pooler
    }
}

#[tokio::test]
async fn a_pooler_is_not_taken_for_a_server_that_refused_its_files() {
    if !std::path::Path::new(PROGRAM).exists() {
        return skip("PgBouncer as the endpoint", "it is not installed");
    }
    // As it comes; and as people let it pass what it does not know.
    for (settings, reason) in
        [("", "unsupported startup parameter"), ("ignore_startup_parameters = options", "search_path")]
    {
        let Some(place) = Place::set_up("").await else { return };
        let pooler = Pooler::start(&place, settings);
        place.configure_endpoints("", &pooler.pid_file, &[format!("127.0.0.1:{}", pooler.port)]);
        let before = (place.serial("server").await, place.serial("client").await);
        let rotate = place.run(&["rotate", "--now", "--id", "one"]).await;
        assert_ended(&rotate, 4, &["NL0403", reason, "name PostgreSQL itself as the endpoint"]);
        assert!(!rotate.errors.contains("NL0407") && !rotate.errors.contains("refused to load"), "{}", rotate.errors);
        let after = (place.serial("server").await, place.serial("client").await);
        assert_eq!(before.1, after.1, "a client leaf that no login has proved is not written");
        assert_ended(&place.run(&["verify"]).await, 4, &["NL0403"]);
        assert_eq!(place.restarts(), 0);
    }
}
