//! `bootstrap`: creates missing certificates, and prints the settings for PostgreSQL and its clients.

use base::diagnosis::Failure;
use rotation::engine::request::Request;
use terminal::console::Console;
use terminal::exit::Verdict;

use crate::cli::context::CommandContext;
use crate::cli::output::outcome::{self, RunReport};
use crate::cli::output::setup;
use crate::cli::progress::Progress;

/// Creates missing certificates and repairs broken ones.
pub async fn bootstrap(context: &CommandContext, console: &Console) -> Result<Verdict, Failure> {
    let progress = Progress::new(console);
    let clock = context.ports(&progress).clock;
    let configuration = &context.configuration;
    let outcome = context.run(&progress, &Request::Bootstrap).await?;
    let made = !outcome.steps.is_empty();
    let report = RunReport { force: None, outcome, has_consumers: configuration.place.has_consumers() };
    console.show("BootstrapOutcome", &report, |style| {
        let mut text = outcome::draw(&report, clock.now(), style);
        text.push_str(&if made { setup::draw(configuration) } else { outcome::next(&report, clock.now()) });
        text
    })?;
    Ok(Verdict::Done)
}
