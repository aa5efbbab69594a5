//! Clients that log in to PostgreSQL without end, each time anew, and what the database has seen of them.

use crate::kubectl::Namespace;

/// How many attempts each pod made from its first to its last success, how many succeeded, and with how many leaves.
const COUNTS: &str = "SELECT sum(tried), sum(succeeded), (SELECT count(DISTINCT serial) FROM logins) FROM \
    (SELECT max(number) - min(number) + 1 AS tried, count(*) AS succeeded FROM logins GROUP BY pod) AS pods";

/// What failed attempts complained of, beside the success that followed.
const COMPLAINTS: &str = "SELECT pod, number, complaints FROM logins WHERE complaints <> '' ORDER BY pod, number";

/// What was seen since the first login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Logins {
    pub(crate) tried: u32,
    pub(crate) succeeded: u32,
    /// How many certificates they showed.
    pub(crate) leaves: u32,
}

impl Logins {
    /// Starts them, beside PostgreSQL; returns once they log in.
    pub(crate) fn start(namespace: &Namespace) {
        namespace.apply(include_str!("fixtures/logins.yaml"));
        namespace.rolled_out("deployment/logins");
    }

    /// What was seen; the test fails where a login has failed.
    pub(crate) fn all_succeeded(namespace: &Namespace) -> Self {
        // Its columns are divided by bars. A kubelet that was just restarted knows no pod for a moment.
        let ask = |query| namespace.until(&["exec", "postgres-0", "--", "psql", "-Atc", query], "|");
        let answer = ask(COUNTS);
        let mut numbers = answer.trim().split('|').map(|number| number.parse().expect("a number"));
        let mut next = || numbers.next().expect("three numbers");
        let seen = Self { tried: next(), succeeded: next(), leaves: next() };
        assert_eq!(seen.tried, seen.succeeded, "{seen:?}, {}", ask(COMPLAINTS));
        seen
    }
}
