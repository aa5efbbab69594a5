//! Who is let in: each kind of client really tries, with the client that PostgreSQL ships.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use newleaf::rotation::material::Material;
use tokio::process::Command;

use crate::Problem;
use crate::paper::{Paper, Tone};
use crate::support::certificates::Authority;
use crate::support::program::Newleaf;
use crate::support::server::PostgresServer;
use crate::support::site::SERVER_NAME;

/// What a client comes with.
struct Attempt {
    client: &'static str,
    /// Where its `tls.crt`, `tls.key` are, if it presents any.
    files: Option<PathBuf>,
    encrypted: bool,
    welcome: bool,
}

/// Lets every kind of client try and shows the server's answers. Whether each was as it must be.
pub(crate) async fn show(paper: &mut Paper, newleaf: &Newleaf, server: &PostgresServer) -> Result<bool, Problem> {
    let intruders = tempfile::Builder::new().prefix("newleaf-intruders-").tempdir()?;
    let mut rows = Vec::new();
    let mut well = true;
    for attempt in attempts(newleaf, intruders.path())? {
        let (admitted, answer) = attempt.make(server, newleaf.directory()).await?;
        let right = admitted == attempt.welcome;
        well &= right;
        let word = if admitted { "let in" } else { "refused" };
        let tone = if right { Tone::Good } else { Tone::Bad };
        rows.push(vec![(attempt.client.to_owned(), Tone::Plain), (word.to_owned(), tone), (answer, Tone::Plain)]);
    }
    paper.table(&["A CLIENT WITH", "IS", "BECAUSE THE SERVER SAYS"], &rows);
    Ok(well)
}

/// Every kind of client, with the files that it comes with.
fn attempts(newleaf: &Newleaf, intruders: &Path) -> Result<Vec<Attempt>, Problem> {
    let stored = |name: &str| fs::read_to_string(newleaf.directory().join("authority").join(name));
    let authority = Authority::stored(&stored("authority-1.crt")?, &stored("authority-1.key")?);
    let authority = authority.ok_or("the stored authority cannot be read")?;
    let other = Authority::new("another authority");
    let keep = |name: &str, material: &Material| -> Result<Option<PathBuf>, Problem> {
        let directory = intruders.join(name);
        fs::create_dir(&directory)?;
        for (entry, bytes) in &material.entries {
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(directory.join(entry))?;
            std::io::Write::write_all(&mut file, bytes.expose())?;
        }
        Ok(Some(directory))
    };
    let attempt = |client, files| Attempt { client, files, encrypted: true, welcome: false };
    let own = Some(newleaf.directory().join("client"));
    Ok(vec![
        Attempt { welcome: true, ..attempt("the leaf of newleaf", own) },
        Attempt { encrypted: false, ..attempt("no encryption", None) },
        attempt("no certificate", None),
        attempt("another role's leaf", keep("role", &authority.client("mallory", 7, &[]))?),
        attempt("another authority's leaf", keep("foreign", &other.client("postgres", 8, &[]))?),
        attempt("an expired leaf", keep("expired", &authority.expired_client("postgres", 9, &[]))?),
    ])
}

impl Attempt {
    /// Logs in, or tries to. Whether it was let in, and what the server said.
    async fn make(&self, server: &PostgresServer, directory: &Path) -> Result<(bool, String), Problem> {
        let mut words = vec![
            format!("host={SERVER_NAME} hostaddr={} port={}", server.endpoint().host, server.endpoint().port),
            "user=postgres dbname=postgres connect_timeout=5".to_owned(),
        ];
        if self.encrypted {
            words.push(format!("sslmode=verify-full sslrootcert={}", directory.join("client/ca.crt").display()));
        } else {
            words.push("sslmode=disable".to_owned());
        }
        // libpq would otherwise look in the home directory.
        let file = |name: &str| match &self.files {
            Some(files) => files.join(name).display().to_string(),
            None => "/nonexistent".to_owned(),
        };
        words.push(format!("sslcert={} sslkey={}", file("tls.crt"), file("tls.key")));
        let query = "SELECT version || ', ' || client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let mut client = Command::new(server.program("psql"));
        client.args(["-X", "-A", "-t", "-c", query, &words.join(" ")]);
        client
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", std::env::var_os("PATH").as_deref().unwrap_or(OsStr::new("/bin")));
        let output = client.stdin(Stdio::null()).kill_on_drop(true).output().await?;
        let admitted = output.status.success();
        let said = if admitted { &output.stdout } else { &output.stderr };
        Ok((admitted, reason(&String::from_utf8_lossy(said))))
    }
}

/// What the server said, shortened in the middle, without what the client says around it.
fn reason(said: &str) -> String {
    let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let known = ["FATAL:  ", "SSL error: ", "error: "];
    let said = known.iter().find_map(|prefix| line.split_once(prefix).map(|(_, rest)| rest)).unwrap_or(line).trim();
    match said.split(", ").collect::<Vec<_>>()[..] {
        [first, _, .., last] => format!("{first}, ..., {last}"),
        _ => said.to_owned(),
    }
}
