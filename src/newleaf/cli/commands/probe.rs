//! `probe`: tries what a pod sees, and reports it. The deployer's `check` starts it in pods, and judges.

use base::diagnosis::Failure;
use rotation::engine::ports::Clock;
use rotation::pki::identity::NewSerial;
use rotation::probe::{ConnectionAnswer, LoginAnswer, PostgresReport, ProbeReport, Sight};
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::table::table;

use crate::cli::arguments::ProbeArguments;
use crate::cli::context::random;
use crate::clock::SystemClock;
use crate::probe::{ForeignInputs, PostgresOrder, ProbeOrder, probe as tried};

/// Tries everything, and shows the report. It ends with 0 whatever was seen.
pub async fn probe(console: &Console, wanted: &ProbeArguments) -> Result<Verdict, Failure> {
    let order = ProbeOrder {
        postgres: wanted.postgres.clone().map(|endpoint| PostgresOrder {
            endpoint,
            database: wanted.dbname.clone(),
            leaf: wanted.leaf.clone(),
        }),
        open: wanted.open.clone(),
        closed: wanted.closed.clone(),
        patience: wanted.patience.to_std(),
    };
    let serial = || Ok::<_, Failure>(NewSerial::from_entropy(random()?));
    let inputs = ForeignInputs { now: SystemClock::start().now(), serials: [serial()?, serial()?] };
    let report = Box::pin(tried(&order, &inputs)).await;
    console.show("Probe", &report, |_| draw(&report))?;
    Ok(Verdict::Done)
}

fn draw(report: &ProbeReport) -> String {
    let mut rows: Vec<[String; 2]> = Vec::new();
    if let Some(PostgresReport { served, sessions, logins, .. }) = &report.postgres {
        rows.push([
            "the served certificate".to_owned(),
            match served {
                Sight::Seen(served) => format!("{} with serial {}", served.subject, served.serial),
                Sight::Unseen(why) => format!("not seen: {why}"),
            },
        ]);
        rows.push([
            "sessions".to_owned(),
            match sessions {
                Sight::Seen(list) => list.groups.iter().map(|group| group.sessions).sum::<u32>().to_string(),
                Sight::Unseen(why) => format!("not seen: {why}"),
            },
        ]);
        for trial in logins {
            let answer = match &trial.answer {
                LoginAnswer::Accepted => "accepted".to_owned(),
                LoginAnswer::Asked(what) => format!("asked for {what}"),
                LoginAnswer::Refused(why) => format!("refused: {why}"),
                LoginAnswer::Unclear(why) => format!("unclear: {why}"),
            };
            rows.push([format!("a login as {} {}", trial.user, trial.kind.words()), answer]);
        }
    }
    for trial in &report.connections {
        let answer = match &trial.answer {
            ConnectionAnswer::Opened => "opened".to_owned(),
            ConnectionAnswer::Refused => "refused".to_owned(),
            ConnectionAnswer::TimedOut => "no answer".to_owned(),
            ConnectionAnswer::Unresolved(why) => format!("no address: {why}"),
            ConnectionAnswer::Failed(why) => why.clone(),
        };
        rows.push([format!("a connection to {}", trial.target), answer]);
    }
    table(["TRIED", "SEEN"], &rows)
}
