//! A site, the clients that work on it, and the runs that change it. One test at a time has the machine.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::support::load::{Habit, Load, serials};
use crate::support::program::Done;
use crate::support::server::PostgresServer;
use crate::support::site::{ServerPickup, Site};
use crate::support::tally::Tally;

/// Long enough for a busy machine: nothing waits for it to pass.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

static TURN: Mutex<()> = Mutex::const_new(());

/// What is forced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Both leaves.
    Rotation,
    /// The authority, and with it both leaves.
    Rollover,
}

impl Kind {
    /// The arguments of a run with an identity.
    pub(crate) fn arguments(self, id: &str) -> Vec<&str> {
        match self {
            Self::Rotation => vec!["rotate", "--now", "--id", id],
            Self::Rollover => vec!["rotate", "--now", "--authority", "--id", id],
        }
    }
}

/// How often each object has been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writes {
    /// The authority.
    pub(crate) authority: u64,
    /// The server's leaf.
    pub(crate) server: u64,
    /// The client's leaf.
    pub(crate) client: u64,
}

impl Writes {
    /// How much more than before.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            authority: self.authority - before.authority,
            server: self.server - before.server,
            client: self.client - before.client,
        }
    }
}

/// The machine, set up and ours alone.
pub(crate) struct Scene {
    /// The machine.
    pub(crate) site: Site,
    _turn: MutexGuard<'static, ()>,
}

impl Scene {
    /// Sets it up when it is our turn; `None` where there is no PostgreSQL.
    pub(crate) async fn set(pickup: ServerPickup) -> Option<Self> {
        if !PostgresServer::is_available() {
            return None;
        }
        let turn = TURN.lock().await;
        let program = project::program();
        let site = Site::set_up(program, pickup).await.expect("a site can be set up");
        Some(Self { site, _turn: turn })
    }

    /// Clients at work: some have been let in when this returns.
    pub(crate) async fn load(&self, habit: Habit, clients: usize) -> Load {
        let load = Load::start_with(habit, clients, &self.site.database(), &self.site.client());
        load.answered(20, LIMIT).await.expect("clients are let in");
        load
    }

    /// What the server and a client show: serials in hexadecimal.
    pub(crate) async fn serials(&self) -> (String, String) {
        serials(&self.site.database(), &self.site.client()).await.expect("a client is let in and asks")
    }

    /// Runs to a good end; the steps that were taken.
    pub(crate) async fn done(&self, arguments: &[&str]) -> Vec<String> {
        let document = self.site.newleaf.ask(arguments).await.expect("the run ends well");
        Done::of(document).steps().into_iter().map(|(step, _)| step).collect()
    }

    /// How often each object has been written.
    pub(crate) fn writes(&self) -> Writes {
        let count = |object| self.site.writes(object).expect("the object is there");
        Writes { authority: count("authority"), server: count("server"), client: count("client") }
    }

    /// Nothing is due or wrong, and everything is proven.
    pub(crate) async fn assert_clean(&self, context: &str) {
        let status = self.site.newleaf.run(&["status", "--exit-code"]).await.expect("the program starts");
        assert_eq!(status.code(), 0, "{context}: {}{}", status.output, status.errors);
        let verify = self.site.newleaf.run(&["verify"]).await.expect("the program starts");
        assert_eq!(verify.code(), 0, "{context}: {}{}", verify.output, verify.errors);
    }
}

/// No login failed.
pub(crate) fn assert_unharmed(tally: &Tally, context: &str) {
    assert_eq!((tally.failed, &tally.errors), (0, &Vec::new()), "{context}");
}

/// Counts by name, drawn one a line.
pub(crate) fn print_counts<T: std::fmt::Display>(counts: &BTreeMap<T, usize>) {
    for (name, count) in counts {
        println!("  {count:>4}  {name}");
    }
}
