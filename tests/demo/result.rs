//! The table at the end: which serials were in use when, and what the clients saw meanwhile.

use std::time::Duration;

use crate::paper::{Paper, Tone};

/// Serial numbers as the running peers show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Serials {
    pub(crate) server: String,
    pub(crate) client: String,
    pub(crate) authority: String,
}

/// What one kind of client has seen.
#[derive(Debug)]
pub(crate) struct Count<'a> {
    /// What it asks for.
    pub(crate) name: &'a str,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) longest_gap: Duration,
    pub(crate) errors: &'a [String],
}

/// Shows the serials at first, after new leaves and after a new authority. Whether all that must change did.
pub(crate) fn serials(paper: &mut Paper, [start, leaves, rollover]: [&Serials; 3]) -> bool {
    let row = |name: &str, of: fn(&Serials) -> &str| {
        let cell = |before: Option<&Serials>, now: &Serials| {
            let changed = before.is_some_and(|before| of(before) != of(now));
            (short(of(now)), if changed { Tone::Good } else { Tone::Quiet })
        };
        vec![(name.to_owned(), Tone::Plain), cell(None, start), cell(Some(start), leaves), cell(Some(leaves), rollover)]
    };
    paper.table(
        &["SERIAL", "AT FIRST", "NEW LEAVES", "NEW AUTHORITY"],
        &[
            row("server, as its handshake shows", |serials| &serials.server),
            row("client, as pg_stat_ssl shows", |serials| &serials.client),
            row("authority, as both trust it", |serials| &serials.authority),
        ],
    );
    let new_leaves = start.server != leaves.server && start.client != leaves.client;
    let new_again = leaves.server != rollover.server && leaves.client != rollover.client;
    new_leaves && new_again && leaves.authority != rollover.authority
}

/// Shows what each kind of client saw. Whether nothing failed.
pub(crate) fn counts(paper: &mut Paper, counts: &[Count<'_>]) -> bool {
    for count in counts {
        paper.pause();
        let tone = if count.failed == 0 { Tone::Good } else { Tone::Bad };
        let row = |name: &str, value: String, tone| vec![(name.to_owned(), Tone::Plain), (value, tone)];
        let gap = format!("{:.0} ms", count.longest_gap.as_secs_f64() * 1000.0);
        let mut rows = vec![
            row(count.name, count.succeeded.to_string(), Tone::Plain),
            row("failed", count.failed.to_string(), tone),
            row("longest time without one", gap, Tone::Plain),
        ];
        rows.extend(count.errors.iter().map(|error| row("error", error.clone(), Tone::Bad)));
        paper.table(&[], &rows);
    }
    counts.iter().all(|count| count.failed == 0)
}

fn short(serial: &str) -> String {
    serial.chars().take(12).collect()
}
