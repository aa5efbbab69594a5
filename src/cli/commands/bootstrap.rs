//! `bootstrap`: make what is missing, and say what PostgreSQL and its clients must be told.

use crate::cli::console::Console;
use crate::cli::exit::Verdict;
use crate::cli::output::outcome::{self, Report};
use crate::cli::output::setup;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::diagnosis::Failure;
use crate::rotation::ports::Clock;
use crate::rotation::request::Request;

/// Makes what is missing.
pub async fn bootstrap(session: &Session, console: &Console) -> Result<Verdict, Failure> {
    let progress = Progress::new(console);
    let ports = session.ports(&progress);
    let configuration = &session.configuration;
    let outcome = session.run(&progress, &Request::Bootstrap).await?;
    let made = !outcome.steps.is_empty();
    let report = Report { force: None, outcome, has_consumers: configuration.place.has_consumers() };
    console.show("BootstrapOutcome", &report, |style| {
        let mut text = outcome::draw(&report, ports.now(), style);
        text.push_str(&if made { setup::draw(configuration) } else { outcome::next(&report, ports.now()) });
        text
    })?;
    Ok(Verdict::Done)
}
