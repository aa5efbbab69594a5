//! Rotations under load, and what the load and the server saw of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use newleaf::configuration::Database;
use serde_json::Value;

use crate::Problem;
use crate::paper::{Paper, Tone};
use crate::support::load::{Load, Tally, digits, serials};
use crate::support::program::{Done, Newleaf};
use crate::support::server::PostgresServer;
use crate::support::site::database;

/// How many clients log in at once.
const CLIENTS: usize = 8;
/// How many logins go before and after each rotation.
const CALM: u64 = 100;
/// How long a busy machine may take for them.
const LIMIT: Duration = Duration::from_secs(30);

/// Serial numbers as the running peers show them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Serials {
    server: String,
    client: String,
    authority: String,
}

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
        let new_leaves = start.server != leaves.server && start.client != leaves.client;
        let new_again = leaves.server != rollover.server && leaves.client != rollover.client;
        let new_authority = leaves.authority != rollover.authority;
        let row = |name: &str, of: fn(&Serials) -> &str| {
            let cell = |before: Option<&Serials>, now: &Serials| {
                let changed = before.is_some_and(|before| of(before) != of(now));
                (short(of(now)), if changed { Tone::Good } else { Tone::Quiet })
            };
            vec![
                (name.to_owned(), Tone::Plain),
                cell(None, start),
                cell(Some(start), leaves),
                cell(Some(leaves), rollover),
            ]
        };
        paper.table(
            &["SERIAL", "AT FIRST", "NEW LEAVES", "NEW AUTHORITY"],
            &[
                row("server, as its handshake shows", |serials| &serials.server),
                row("client, as pg_stat_ssl shows", |serials| &serials.client),
                row("authority, as both trust it", |serials| &serials.authority),
            ],
        );
        count(paper, &tally);
        Ok(tally.failed == 0 && new_leaves && new_again && new_authority)
    }
}

fn count(paper: &mut Paper, tally: &Tally) {
    paper.pause();
    let tone = if tally.failed == 0 { Tone::Good } else { Tone::Bad };
    let row = |name: &str, value: String, tone| vec![(name.to_owned(), Tone::Plain), (value, tone)];
    let gap = format!("{:.0} ms", tally.longest_gap.as_secs_f64() * 1000.0);
    let mut rows = vec![
        row("logins", tally.succeeded.to_string(), Tone::Plain),
        row("failed", tally.failed.to_string(), tone),
        row("longest time without one", gap, Tone::Plain),
    ];
    rows.extend(tally.errors.iter().map(|error| row("error", error.clone(), Tone::Bad)));
    paper.table(&[], &rows);
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

fn short(serial: &str) -> String {
    serial.chars().take(12).collect()
}
