//! The result of a run: each leaf before and after, each step with its time, and what is next.

use chrono::{DateTime, Utc};
use rotation::engine::report::{LeafChange, Outcome};
use rotation::engine::request::Force;
use serde::Serialize;
use terminal::moment::{moment, short};
use terminal::paint::{GREEN, YELLOW, paint};
use terminal::style::{Style, sanitise};
use terminal::table::table;

use crate::cli::output::status::subject;

/// The result of `bootstrap` and `rotate`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// The forced rotation, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force: Option<Force>,
    /// The result of the run.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Whether the configuration has consumers.
    pub has_consumers: bool,
}

/// The result as text, without [`next`].
pub fn draw(report: &RunReport, now: DateTime<Utc>, style: Style) -> String {
    let Outcome { steps, leaves, warnings, .. } = &report.outcome;
    let mut parts = Vec::new();
    if let Some(force) = &report.force {
        parts.push(format!("rotation {}\n\n", force.id.as_str()));
    }
    let rows: Vec<[String; 3]> = leaves.iter().map(|leaf| row(leaf, now, style)).collect();
    parts.push(table(["PEER", "SERIAL", "VALID UNTIL"], &rows));
    if steps.is_empty() {
        parts.push(format!("\n{}\n", paint(style, GREEN, "nothing to do")));
    } else {
        let total: f64 = steps.iter().map(|taken| taken.seconds).sum();
        let seconds = |seconds: f64| format!("{seconds:.3} s");
        let mut rows: Vec<[String; 2]> =
            steps.iter().map(|taken| [taken.step.to_string(), seconds(taken.seconds)]).collect();
        rows.push(["total".to_owned(), seconds(total)]);
        parts.push(format!("\n{}", table(["STEP", "TIME"], &rows)));
    }
    for warning in warnings {
        let word = paint(style, YELLOW, "warning:");
        parts.push(format!("\n{word} {}: {}\n", subject(&warning.subject), sanitise(&warning.message)));
    }
    parts.concat()
}

/// One line about what is next.
pub fn next(report: &RunReport, now: DateTime<Utc>) -> String {
    let Outcome { steps, next, .. } = &report.outcome;
    let due = next.map_or_else(|| "nothing is due".to_owned(), |next| format!("due {}", moment(next, now)));
    let advice = match (steps.is_empty(), report.has_consumers) {
        (true, _) => "newleaf status shows more",
        (false, true) => "newleaf verify proves it again",
        (false, false) => "no consumer is configured: restart the programs that load these leaves yourself",
    };
    format!("\nnext: {due}; {advice}\n")
}

fn row(leaf: &LeafChange, now: DateTime<Utc>, style: Style) -> [String; 3] {
    let arrow = if style.unicode { "→" } else { "->" };
    let serial = match (&leaf.before, &leaf.after) {
        (Some(before), Some(after)) if before == after => format!("{} unchanged", short(&after.0)),
        (Some(before), Some(after)) => format!("{} {arrow} {}", short(&before.0), short(&after.0)),
        (None, Some(after)) => format!("none {arrow} {}", short(&after.0)),
        (_, None) => "none".to_owned(),
    };
    let until = leaf.not_after.map_or_else(|| "-".to_owned(), |end| moment(end, now));
    [leaf.peer.to_string(), serial, until]
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rotation::engine::facts::{Peer, Serial};
    use rotation::engine::report::TakenStep;
    use rotation::engine::step::Step;

    use super::*;

    fn report(steps: Vec<TakenStep>, has_consumers: bool) -> (RunReport, DateTime<Utc>) {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a date");
        let serial = |text: &str| Some(Serial(text.to_owned()));
        let leaves = vec![
            LeafChange {
                peer: Peer::Server,
                before: serial("aaaaaaaaaaaaaaaa"),
                after: serial("bbbbbbbbbbbbbbbb"),
                not_after: Some(now + TimeDelta::days(45)),
            },
            LeafChange { peer: Peer::Client, before: serial("cc"), after: serial("cc"), not_after: None },
        ];
        let next = Some(now + TimeDelta::days(30));
        let outcome = Outcome { steps, leaves, next, warnings: Vec::new() };
        (RunReport { force: None, outcome, has_consumers }, now)
    }

    #[test]
    fn a_rotation_is_told_with_serials_times_and_what_is_next() {
        let step = Step::PickUp { peer: Peer::Server, consumer: "postgres".to_owned() };
        let (report, now) = report(vec![TakenStep { step, seconds: 0.0125 }], true);
        assert_eq!(
            draw(&report, now, Style::PLAIN) + &next(&report, now),
            "PEER     SERIAL                         VALID UNTIL\n\
             server   aaaaaaaaaaaa -> bbbbbbbbbbbb   2027-03-01 (in 45 d)\n\
             client   cc unchanged                   -\n\
             \n\
             STEP                                   TIME\n\
             make postgres load the server's leaf   0.013 s\n\
             total                                  0.013 s\n\
             \n\
             next: due 2027-02-14 (in 30 d); newleaf verify proves it again\n"
        );
    }

    #[test]
    fn nothing_to_do_is_said_and_so_is_that_no_consumer_is_configured() {
        let (idle, now) = report(Vec::new(), false);
        assert!(draw(&idle, now, Style::PLAIN).contains("nothing to do"));
        let step = Step::RemoveAuthority { generation: 1 };
        let (alone, now) = report(vec![TakenStep { step, seconds: 0.0 }], false);
        assert!(next(&alone, now).contains("restart the programs"));
    }
}
