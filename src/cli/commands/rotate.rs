//! `rotate`: do what is due, and what is forced.

use crate::cli::arguments::{ForceArguments, RotateArguments};
use crate::cli::console::Console;
use crate::cli::exit::Verdict;
use crate::cli::output::outcome::{self, Report};
use crate::cli::output::status::Location;
use crate::cli::progress::Progress;
use crate::cli::session::{Session, random_id};
use crate::cli::terminal::sanitise;
use crate::configuration::Place;
use crate::diagnosis::{Code, Failure};
use crate::kubernetes::api::connection::Connection;
use crate::kubernetes::job::{Ended, Jobs};
use crate::rotation::ports::Clock;
use crate::rotation::request::{Force, Request, RotationId, Scope};
use crate::rotation::run::RunError;

/// Rotates. From outside of a cluster a Job there does it, so that the authority's key stays where it is.
pub async fn rotate(session: &Session, console: &Console, wanted: &RotateArguments) -> Result<Verdict, Failure> {
    let request = request(&wanted.force)?;
    if let Some(message) = mistyped(&session.configuration.place) {
        return Err(RunError::Refused { code: Code::AuthorityMissing, message }.into());
    }
    if let (Some(force), None, false) = (request.force(), &wanted.force.id, console.is_quiet()) {
        let retry = if wanted.force.authority { " --authority" } else { "" };
        let id = force.id.as_str();
        console.tell(&format!("rotation {id}; to retry it and nothing more: newleaf rotate --now{retry} --id {id}\n"));
    }
    match session.outside.as_ref().filter(|_| !wanted.local) {
        Some(connection) => outside(session, connection, console, &request, wanted.wait).await,
        None => here(session, console, &request).await,
    }
}

/// A directory is not made here: a missing one is more likely mistyped or not mounted than new.
fn mistyped(place: &Place) -> Option<String> {
    match place {
        Place::Directory(place) if !place.directory.exists() => {
            Some(format!("there is no authority: {} does not exist", place.directory.display()))
        }
        Place::Directory(_) | Place::Cluster(_) => None,
    }
}

async fn here(session: &Session, console: &Console, request: &Request) -> Result<Verdict, Failure> {
    let progress = Progress::new(console);
    let ports = session.ports(&progress);
    let outcome = Box::pin(session.run(&progress, request)).await?;
    let has_consumers = session.configuration.place.has_consumers();
    let report = Report { force: request.force().cloned(), outcome, has_consumers };
    console.show("RotationOutcome", &report, |style| {
        outcome::draw(&report, ports.now(), style) + &outcome::next(&report, ports.now())
    })?;
    Ok(Verdict::Done)
}

/// Starts a Job from the CronJob's template, and shows what it says.
async fn outside(
    session: &Session,
    connection: &Connection,
    console: &Console,
    request: &Request,
    wait: bool,
) -> Result<Verdict, Failure> {
    let Location::Namespace(namespace) = session.location() else { return here(session, console, request).await };
    let jobs = Jobs::new(connection.client.clone(), namespace);
    let started = jobs.start(request.force()).await?;
    if !console.is_quiet() {
        let verb = if started.existed { "follows" } else { "started" };
        console.tell(&format!("{verb} Job {}\n", started.name));
    }
    if !wait {
        return Ok(Verdict::Done);
    }
    let mut show = |line: &str| console.tell(&format!("{}\n", sanitise(line)));
    match jobs.follow(&started, &mut show).await? {
        Ended::Started | Ended::Exited(0) => Ok(Verdict::Done),
        Ended::Exited(code) => Ok(Verdict::Job(code)),
    }
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
