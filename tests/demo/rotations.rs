//! Rotations under load, and what the load and the server saw of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rotation::document::Database;
use serde_json::Value;

use crate::Problem;
use crate::paper::Paper;
use crate::result::{self, Count, Serials};
use crate::support::load::{Load, digits, serials};
use crate::support::program::{Done, Newleaf};
use crate::support::server::PostgresServer;
use crate::support::site::database;
use crate::support::tally::Tally;

/// How many clients log in at once.
const CLIENTS: usize = 8;
/// How many logins go before and after each rotation.
const CALM: u64 = 100;
/// How long a busy machine may take for them.
const LIMIT: Duration = Duration::from_secs(30);

/// Clients at work, and what is rotated under them.
pub(crate) struct Rotations<'a> {
    newleaf: &'a Newleaf,
    database: Database,
    files: PathBuf,
    load: Load,
    /// At the start and after each rotation.
    seen: Vec<Serials>,
}

impl<'a> Rotations<'a> {
    /// Starts the clients.
    pub(crate) async fn begin(newleaf: &'a Newleaf, server: &PostgresServer) -> Result<Self, Problem> {
        let (database, files) = (database(server), newleaf.directory().join("client"));
        let first = look(&database, &files).await?;
        let load = Load::start(CLIENTS, &database, &files);
        Ok(Self { newleaf, database, files, load, seen: vec![first] })
    }

    /// Runs one command under load and shows what it did and what the clients saw meanwhile.
    pub(crate) async fn rotate(&mut self, paper: &mut Paper, arguments: &[&str]) -> Result<(), Problem> {
        self.load.answered(CALM, LIMIT).await?;
        let before = self.load.tally();
        let document = command(paper, self.newleaf, arguments).await?;
        let after = self.load.tally();
        self.load.answered(CALM, LIMIT).await?;
        paper.steps(&Done::of(document).steps());
        let (logins, failed) = (after.succeeded - before.succeeded, after.failed - before.failed);
        paper.sentence(&format!("meanwhile {logins} logins, {failed} failed"));
        self.seen.push(look(&self.database, &self.files).await?);
        Ok(())
    }

    /// Stops the clients and shows the table. Whether no login failed and every serial that must change did.
    pub(crate) async fn conclude(self, paper: &mut Paper) -> Result<bool, Problem> {
        let tally = self.load.stop().await;
        let [start, leaves, rollover] = &self.seen[..] else { return Err("two rotations were to be seen".into()) };
        let all_new = result::serials(paper, [start, leaves, rollover]);
        let Tally { succeeded, failed, longest_gap, errors } = &tally;
        let count = Count { name: "logins", succeeded: *succeeded, failed: *failed, longest_gap: *longest_gap, errors };
        Ok(result::counts(paper, &[count]) && all_new)
    }
}

/// Shows a command, runs it, and gives its document.
pub(crate) async fn command(paper: &mut Paper, newleaf: &Newleaf, arguments: &[&str]) -> Result<Value, Problem> {
    let arguments = [arguments, &["-o", "json"]].concat();
    paper.command(&format!("newleaf {}", newleaf.arguments(&arguments).join(" ")));
    Ok(newleaf.run(&arguments).await?.document()?)
}

/// The serials in use now.
async fn look(database: &Database, files: &Path) -> Result<Serials, Problem> {
    let (server, client) = serials(database, files).await?;
    let bundle = fs::read(files.join("ca.crt"))?;
    let (rest, pem) = x509_parser::pem::parse_x509_pem(&bundle)?;
    if x509_parser::pem::parse_x509_pem(rest).is_ok() {
        return Err("the trust bundle holds more than one authority".into());
    }
    let (_, authority) = x509_parser::parse_x509_certificate(&pem.contents)?;
    Ok(Serials { server, client, authority: digits(authority.raw_serial()) })
}
