//! `rotate`: do what is due, and what is forced.

use crate::cli::arguments::ForceArguments;
use crate::cli::console::Console;
use crate::cli::exit::Verdict;
use crate::cli::output::outcome::{self, Report};
use crate::cli::progress::Progress;
use crate::cli::session::{Session, random_id};
use crate::diagnosis::{Code, Failure};
use crate::rotation::ports::Clock;
use crate::rotation::request::{Force, Request, RotationId, Scope};
use crate::rotation::run::{RunError, run};

/// Rotates.
pub async fn rotate(session: &Session, console: &Console, wanted: &ForceArguments) -> Result<Verdict, Failure> {
    let request = request(wanted)?;
    let directory = &session.directory;
    if !directory.exists() {
        // Not made here: it is more likely mistyped or not mounted than new.
        let message = format!("there is no authority: {} does not exist", directory.display());
        return Err(RunError::Refused { code: Code::AuthorityMissing, message }.into());
    }
    if let (Some(force), None, false) = (request.force(), &wanted.id, console.is_quiet()) {
        let retry = if wanted.authority { " --authority" } else { "" };
        let id = force.id.as_str();
        console.tell(&format!("rotation {id}; to retry it and nothing more: newleaf rotate --now{retry} --id {id}\n"));
    }
    let progress = Progress::new(console);
    let ports = session.ports(&progress);
    let configuration = &session.configuration;
    let outcome = run(&ports, &configuration.policy, &request, &configuration.deadlines).await?;
    let has_consumers = configuration.place.has_consumers();
    let report = Report { force: request.force().cloned(), outcome, has_consumers };
    console.show("RotationOutcome", &report, |style| {
        outcome::draw(&report, ports.now(), style) + &outcome::next(&report, ports.now())
    })?;
    Ok(Verdict::Done)
}

/// What the flags ask for; a forced rotation without an identity gets that of its Job, or a random one.
pub fn request(wanted: &ForceArguments) -> Result<Request, Failure> {
    if !wanted.now {
        return Ok(Request::Rotate(None));
    }
    let of_job = || wanted.job.as_deref().and_then(RotationId::parse);
    let id = wanted.id.clone().or_else(of_job).map_or_else(random_id, Ok)?;
    let scope = if wanted.authority { Scope::Authority } else { Scope::Leaves };
    Ok(Request::Rotate(Some(Force { id, scope })))
}
