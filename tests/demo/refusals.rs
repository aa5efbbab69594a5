//! Who is let in: each kind of client really tries, with the client that PostgreSQL ships.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Stdio;

use rotation::engine::material::Material;
use tokio::process::Command;

use crate::Problem;
use crate::attempts::{Answer, Attempt, attempts, draw};
use crate::paper::Paper;
use crate::support::certificates::Authority;
use crate::support::program::Newleaf;
use crate::support::server::PostgresServer;
use crate::support::site::SERVER_NAME;

/// Lets every kind of client try and shows the server's answers. Whether each was as it must be.
pub(crate) async fn show(paper: &mut Paper, newleaf: &Newleaf, server: &PostgresServer) -> Result<bool, Problem> {
    let stored = |name: &str| fs::read_to_string(newleaf.directory().join("authority").join(name));
    let authority = Authority::stored(&stored("authority-1.crt")?, &stored("authority-1.key")?);
    let authority = authority.ok_or("the stored authority cannot be read")?;
    let intruders = tempfile::Builder::new().prefix("newleaf-intruders-").tempdir()?;
    let mut answers = Vec::new();
    for attempt in attempts(&authority) {
        let answer = knock(&attempt, server, newleaf.directory(), intruders.path()).await?;
        answers.push((attempt, answer));
    }
    Ok(draw(paper, &answers))
}

/// Logs in, or tries to.
async fn knock(
    attempt: &Attempt,
    server: &PostgresServer,
    directory: &Path,
    intruders: &Path,
) -> Result<Answer, Problem> {
    let files = match (attempt.leaf, &attempt.made) {
        (Some(name), Some(material)) => Some(keep(&intruders.join(name), material)?),
        (Some(_), None) => Some(directory.join("client")),
        (None, _) => None,
    };
    let leaf = files.map(|files| ["tls.crt", "tls.key"].map(|name| files.join(name).display().to_string()));
    let place = format!("host={SERVER_NAME} hostaddr={} port={}", server.endpoint().host, server.endpoint().port);
    let bundle = directory.join("client/ca.crt").display().to_string();
    let mut client = Command::new(server.program("psql"));
    client.args(attempt.arguments(&place, &bundle, leaf));
    client
        .env_clear()
        .env("LC_ALL", "C")
        .env("PATH", std::env::var_os("PATH").as_deref().unwrap_or(OsStr::new("/bin")));
    let output = client.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    let admitted = output.status.success();
    let said = if admitted { &output.stdout } else { &output.stderr };
    Ok(Answer { admitted, said: String::from_utf8_lossy(said).into_owned() })
}

fn keep(directory: &Path, material: &Material) -> Result<std::path::PathBuf, Problem> {
    fs::create_dir(directory)?;
    for (entry, bytes) in &material.entries {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(directory.join(entry))?;
        std::io::Write::write_all(&mut file, bytes.expose())?;
    }
    Ok(directory.to_path_buf())
}
