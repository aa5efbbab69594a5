//! A real PostgreSQL server of the installed version: its own data, port and socket, gone when dropped.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use rotation::document::{Database, Endpoint};
use tempfile::TempDir;

use super::installation::Installation;
use super::port::free_port;
use super::skip::skip;
use super::wait::until;

/// Why there is no server where there is no user for it.
const WITHOUT_USER: &str = "no user to run PostgreSQL as";

/// The user that the server runs as: it refuses to run as root.
pub(crate) struct Account {
    /// Its name.
    pub(crate) name: String,
    /// Its number.
    pub(crate) uid: u32,
    /// Its group's number.
    pub(crate) gid: u32,
}

impl Account {
    /// Our own user, or an unprivileged one when we are root.
    pub(crate) fn find() -> Option<Self> {
        let user = if geteuid().is_root() {
            ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten())
        } else {
            User::from_uid(geteuid()).ok().flatten()
        };
        user.map(|user| Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() })
    }
}

/// A running server. Stopped and removed when dropped.
pub(crate) struct PostgresServer {
    programs: Installation,
    account: Account,
    directory: TempDir,
    port: u16,
}

impl PostgresServer {
    /// Whether this machine has PostgreSQL; says so when it has not, so that a skipped test is seen.
    pub(crate) fn is_available() -> bool {
        let found = Installation::find().and_then(|_| Account::find().ok_or(WITHOUT_USER.to_owned()));
        if let Err(why) = &found {
            skip("a real server", why);
        }
        found.is_ok()
    }

    /// A server that loads `tls.crt`, `tls.key` and `ca.crt` from this directory and refuses a login without a client
    /// certificate. The directory must be readable to [`Account::find`].
    pub(crate) fn start_with_tls(files: &Path) -> io::Result<Self> {
        Self::start_with_curve(files, "prime256v1")
    }

    /// The same with another group for the key exchange than PostgreSQL's default.
    pub(crate) fn start_with_curve(files: &Path, curve: &str) -> io::Result<Self> {
        let settings = format!("{}ssl_ecdh_curve = '{curve}'\n", tls(files));
        Self::create(&settings, "hostssl all all 127.0.0.1/32 cert clientcert=verify-full\n")
    }

    /// The same with further settings and lines of `pg_hba.conf` of a test's own. The operator gets in through the socket:
    /// see [`Self::admin`].
    pub(crate) fn start_as(files: &Path, settings: &str, access: &str) -> io::Result<Self> {
        Self::create(&format!("{}{settings}\n", tls(files)), &format!("local all all trust\n{access}\n"))
    }

    /// What the operator gets for a query, row by row, as the superuser at the machine itself.
    pub(crate) fn admin(&self, query: &str) -> io::Result<String> {
        let mut command = Command::new(self.programs.program("psql"));
        let port = self.port.to_string();
        command.args(["-qAtX", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-p", &port, "-c", query, "-h"]);
        let output = command.arg(self.directory.path()).arg("postgres").env_clear().stdin(Stdio::null()).output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
        }
    }

    /// Where it listens for the machine itself.
    pub(crate) fn socket_directory(&self) -> &Path {
        self.directory.path()
    }

    /// Replaces `pg_hba.conf`, and makes the server read it. The operator still gets in.
    pub(crate) fn set_access(&self, access: &str) -> io::Result<()> {
        fs::write(self.data().join("pg_hba.conf"), format!("local all all trust\n{access}\n"))?;
        self.reload()
    }

    /// Adds settings that stand above the former ones; they count from the next start or reload.
    pub(crate) fn add_settings(&self, settings: &str) -> io::Result<()> {
        let path = self.data().join("postgresql.conf");
        fs::write(&path, format!("{}\n{settings}\n", fs::read_to_string(&path)?))
    }

    /// A server that offers no TLS.
    pub(crate) fn start_without_tls() -> io::Result<Self> {
        Self::create("ssl = off\n", "host all all 127.0.0.1/32 reject\n")
    }

    fn create(settings: &str, access: &str) -> io::Result<Self> {
        let programs = Installation::find().map_err(io::Error::other)?;
        let account = Account::find().ok_or_else(|| io::Error::other(WITHOUT_USER))?;
        let directory = tempfile::Builder::new().prefix("newleaf-postgres-").tempdir()?;
        if geteuid().is_root() {
            chown(directory.path(), Some(account.uid), Some(account.gid))?;
        }
        let programs = programs.reachable_in(directory.path())?;
        let port = free_port()?;
        let server = Self { programs, account, directory, port };
        let data = server.data().display().to_string();
        server.make_data(&data)?;
        let sockets = server.directory.path().display();
        let common = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{sockets}'\nfsync = off\n\
             shared_buffers = 16MB\nmax_connections = 60\nlog_connections = off\n"
        );
        fs::write(server.data().join("postgresql.conf"), common + settings)?;
        fs::write(server.data().join("pg_hba.conf"), access)?;
        server.start()?;
        Ok(server)
    }

    /// An empty cluster of databases. `initdb` takes half a second of a processor, and a copy of what it made nearly none.
    fn make_data(&self, data: &str) -> io::Result<()> {
        let initdb = ["-D", data, "-U", "postgres", "-A", "reject", "--no-sync", "-E", "UTF8", "--locale=C"];
        let Some(template) = self.programs.template() else { return self.run("initdb", &initdb) };
        if template.is_dir() {
            return copy(&template, Path::new(data));
        }
        self.run("initdb", &initdb)?;
        // Made aside and moved whole: other tests look at the same time. What another one has made is as good.
        let own = template.with_extension(self.port.to_string());
        copy(Path::new(data), &own)?;
        if fs::rename(&own, &template).is_err() {
            fs::remove_dir_all(&own)?;
        }
        Ok(())
    }

    /// Starts a server that was stopped, and waits until it lets clients in. The error holds the end of its log.
    pub(crate) fn start(&self) -> io::Result<()> {
        self.control(&["start", "-w", "-l", &self.log_file().display().to_string()])
            .map_err(|error| io::Error::other(format!("{error}\n{}", self.log())))
    }

    /// Ends all sessions and stops the server.
    pub(crate) fn stop(&self) -> io::Result<()> {
        self.control(&["stop", "-w", "-m", "fast"])
    }

    /// Stops and starts it.
    pub(crate) fn restart(&self) -> io::Result<()> {
        self.stop()?;
        self.start()
    }

    /// Makes it read its files again, as an operator would: SIGHUP.
    pub(crate) fn reload(&self) -> io::Result<()> {
        self.control(&["reload"])
    }

    /// Kills the server as a power cut would, and waits until it is dead.
    pub(crate) fn kill(&self) -> io::Result<()> {
        let pid = self.pid()?;
        kill(Pid::from_raw(pid), Signal::SIGKILL)?;
        until("the killed server is dead", || !is_alive(pid));
        // Where no process reaps orphans the pid stays taken, and the next server would take it for a living one.
        if kill(Pid::from_raw(pid), None).is_ok() {
            fs::remove_file(self.pid_file())?;
            fs::remove_file(self.directory.path().join(format!(".s.PGSQL.{}.lock", self.port)))?;
        }
        Ok(())
    }

    /// The pid of the server's first process.
    pub(crate) fn pid(&self) -> io::Result<i32> {
        let text = fs::read_to_string(self.pid_file())?;
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        pid.ok_or_else(|| io::Error::other("postmaster.pid holds no pid"))
    }

    /// The file that holds its pid while it runs.
    pub(crate) fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    /// The command that restarts it from any account that may become its own, and returns when it is up.
    pub(crate) fn restart_command(&self) -> Vec<String> {
        let Account { uid, gid, .. } = &self.account;
        let become_it =
            ["setpriv".to_owned(), format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()];
        let become_it = if geteuid().is_root() { &become_it[..] } else { &[] };
        let data = self.data().display().to_string();
        let log = self.log_file().display().to_string();
        let program = self.programs.program("pg_ctl").display().to_string();
        let restart = [&program, "restart", "-w", "-m", "fast", "-D", &data, "-l", &log].map(str::to_owned);
        become_it.iter().cloned().chain(restart).collect()
    }

    /// Its version, as it says itself.
    pub(crate) fn version(&self) -> io::Result<String> {
        fs::read_to_string(self.data().join("PG_VERSION")).map(|text| text.trim().to_owned())
    }

    /// What `pg_hba.conf` says.
    pub(crate) fn access(&self) -> String {
        fs::read_to_string(self.data().join("pg_hba.conf")).unwrap_or_default()
    }

    /// The file of its settings.
    pub(crate) fn settings_file(&self) -> PathBuf {
        self.data().join("postgresql.conf")
    }

    /// The path of a program of its version, for example `psql`.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.program(name)
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint { host: "127.0.0.1".to_owned(), port: self.port, server_name: Some("localhost".to_owned()) }
    }

    /// Where and as whom to log in.
    pub(crate) fn database(&self) -> Database {
        Database { endpoints: vec![self.endpoint()], user: "postgres".to_owned(), name: "postgres".to_owned() }
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn log_file(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    fn control(&self, arguments: &[&str]) -> io::Result<()> {
        let data = self.data().display().to_string();
        self.run("pg_ctl", &[&["-D", &data, "-t", "60"], arguments].concat())
    }

    fn run(&self, program: &str, arguments: &[&str]) -> io::Result<()> {
        let output = self.directory.path().join(format!("{program}.out"));
        let file = fs::File::create(&output)?;
        let mut command = Command::new(self.programs.program(program));
        command.args(arguments).current_dir(self.directory.path()).env_clear().env("LC_ALL", "C").stdin(Stdio::null());
        command.stdout(file.try_clone()?).stderr(file);
        if geteuid().is_root() {
            command.uid(self.account.uid).gid(self.account.gid);
        }
        let status = command.status()?;
        let said = || fs::read_to_string(&output).unwrap_or_default();
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("{program} failed ({status}): {}", said())))
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.pid_file().exists() {
            let _stopped = self.control(&["stop", "-w", "-m", "immediate"]);
        }
    }
}

/// A directory that the server's user may search, for the files that it loads.
pub(crate) fn readable_directory() -> io::Result<TempDir> {
    let directory = tempfile::Builder::new().prefix("newleaf-test-").tempdir()?;
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))?;
    Ok(directory)
}

/// The settings that make a server load its TLS files from a directory.
fn tls(files: &Path) -> String {
    let file = |name: &str| files.join(name).display().to_string();
    format!(
        "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\nssl_ca_file = '{}'\n",
        file("tls.crt"),
        file("tls.key"),
        file("ca.crt")
    )
}

/// Copies a directory with its owners and modes.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let status = Command::new("cp").args(["-a", "-T"]).args([from, to]).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("cp {} ended with {status}", from.display()))) }
}

fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}
