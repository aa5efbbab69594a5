//! Every kind of client that knocks, and what the server must answer. Who runs it, and where, is decided elsewhere.

use rotation::engine::material::Material;

use crate::paper::{Paper, Tone};
use crate::support::certificates::Authority;

/// What a client comes with.
pub(crate) struct Attempt {
    /// In a few words.
    pub(crate) client: &'static str,
    /// The name of its files, if it presents any.
    pub(crate) leaf: Option<&'static str>,
    /// Its files, where they are made for it; newleaf's own leaf is there already.
    pub(crate) made: Option<Material>,
    encrypted: bool,
    password: bool,
    welcome: bool,
}

/// What a client was told.
pub(crate) struct Answer {
    /// Whether it was let in.
    pub(crate) admitted: bool,
    /// What it printed.
    pub(crate) said: String,
}

/// Every kind of client; `authority` is the one that both peers trust.
pub(crate) fn attempts(authority: &Authority) -> Vec<Attempt> {
    let other = Authority::new("another authority");
    let without = |client| Attempt { client, leaf: None, made: None, encrypted: true, password: false, welcome: false };
    let with = |client, leaf, made: Material| Attempt { leaf: Some(leaf), made: Some(made), ..without(client) };
    vec![
        Attempt { leaf: Some("own"), welcome: true, ..without("the leaf of newleaf") },
        Attempt { encrypted: false, ..without("no encryption") },
        without("no certificate"),
        Attempt { password: true, ..without("a password") },
        with("another role's leaf", "role", authority.client("mallory", 7, &[])),
        with("another authority's leaf", "foreign", other.client("postgres", 8, &[])),
        with("an expired leaf", "expired", authority.expired_client("postgres", 9, &[])),
    ]
}

impl Attempt {
    /// The arguments of `psql`: where the server is, what it is verified by, and where the client's leaf is, if any.
    pub(crate) fn arguments(&self, server: &str, bundle: &str, leaf: Option<[String; 2]>) -> Vec<String> {
        let mut words = vec![server.to_owned(), "user=postgres dbname=postgres connect_timeout=5".to_owned()];
        if self.encrypted {
            words.push(format!("sslmode=verify-full sslrootcert={bundle}"));
        } else {
            words.push("sslmode=disable".to_owned());
        }
        if self.password {
            words.push("password=correct-horse".to_owned());
        }
        // libpq would otherwise look in the home directory.
        let nowhere = || ["/nonexistent".to_owned(), "/nonexistent".to_owned()];
        let [certificate, key] = leaf.unwrap_or_else(nowhere);
        words.push(format!("sslcert={certificate} sslkey={key}"));
        let query = "SELECT version || ', ' || client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        ["-X", "-A", "-t", "-c", query, &words.join(" ")].map(str::to_owned).to_vec()
    }
}

/// Shows the server's answers. Whether each was as it must be.
pub(crate) fn draw(paper: &mut Paper, answers: &[(Attempt, Answer)]) -> bool {
    let right = |(attempt, answer): &(Attempt, Answer)| answer.admitted == attempt.welcome;
    let row = |both: &(Attempt, Answer)| {
        let (attempt, answer) = both;
        let word = if answer.admitted { "let in" } else { "refused" };
        let tone = if right(both) { Tone::Good } else { Tone::Bad };
        vec![(attempt.client.to_owned(), Tone::Plain), (word.to_owned(), tone), (reason(&answer.said), Tone::Plain)]
    };
    let rows: Vec<_> = answers.iter().map(row).collect();
    paper.table(&["A CLIENT WITH", "IS", "BECAUSE THE SERVER SAYS"], &rows);
    answers.iter().all(right)
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
