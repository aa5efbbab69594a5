//! `rotate`: rotates what is due, and what the operator forces.

use base::diagnosis::{Failure, RemoteText};
use base::stop::Stopped;
use kubernetes::api::connection::Connection;
use rotation::document::Place;
use rotation::document::error::ConfigurationError;
use rotation::engine::request::{Force, Request, RotationId, Scope};
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::signals::Signals;
use terminal::style::sanitise;

use crate::cli::arguments::{ForceArguments, RotateArguments};
use crate::cli::consent;
use crate::cli::context::{CommandContext, random_id};
use crate::cli::invocation::Invocation;
use crate::cli::output::outcome::{self, RunReport};
use crate::cli::progress::Progress;
use crate::cluster::job::Jobs;
use crate::cluster::job::error::JobError;
use crate::cluster::job::template::JobRequest;

/// The caller of a command.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// The streams for output.
    pub console: &'a Console,
    /// The signals that ask to stop.
    pub signals: &'a Signals,
    /// The command line as typed.
    pub invocation: &'a Invocation,
}

/// Rotates. From outside a cluster a Job in the cluster does the work, so that the authority's key stays there.
pub async fn rotate(
    context: &CommandContext,
    caller: Caller<'_>,
    wanted: &RotateArguments,
) -> Result<Verdict, Failure> {
    let console = caller.console;
    let request = request(&wanted.force)?;
    let id = request.force().filter(|_| wanted.force.id.is_none()).map(|force| force.id.as_str());
    let again = caller.invocation.again(&id.map_or_else(Vec::new, |id| vec!["--id", id]));
    if let (Some(id), false) = (id, console.is_quiet()) {
        console.tell(&format!("rotation {id} started. To retry without rotating twice: {}\n", sanitise(&again)));
    }
    if let Some(connection) = context.outside.as_ref().filter(|_| !wanted.place.local) {
        let asked = JobRequest { force: request.force(), adopt: wanted.adopt };
        return outside(context, connection, caller, &asked, Some(again).filter(|_| wanted.wait)).await;
    }
    if let (true, Place::Cluster(place)) = (context.is_kept_in_cluster, &context.configuration.place) {
        Box::pin(consent::ask(caller, place, wanted.place.yes)).await?;
    }
    here(context, console, &request).await
}

async fn here(context: &CommandContext, console: &Console, request: &Request) -> Result<Verdict, Failure> {
    let progress = Progress::new(console);
    let clock = context.ports(&progress).clock;
    let outcome = Box::pin(context.run(&progress, request)).await?;
    let has_consumers = context.configuration.place.has_consumers();
    let report = RunReport { force: request.force().cloned(), outcome, has_consumers };
    console.show("RotationOutcome", &report, |style| {
        outcome::draw(&report, clock.now(), style) + &outcome::next(&report, clock.now())
    })?;
    Ok(Verdict::Done)
}

/// Starts a Job from the CronJob's template and, with `--wait`, shows its log. `again` is the command that follows it again.
async fn outside(
    context: &CommandContext,
    connection: &Connection,
    caller: Caller<'_>,
    wanted: &JobRequest<'_>,
    again: Option<String>,
) -> Result<Verdict, Failure> {
    let Place::Cluster(place) = &context.configuration.place else {
        return Err(ConfigurationError::DirectoryMissing.into());
    };
    let Caller { console, signals, .. } = caller;
    let jobs = Jobs::new(connection.client.clone(), place.namespace.clone());
    let Some(started) = Box::pin(signals.watch(jobs.start(wanted))).await else {
        return Err(Stopped { waiting_for: "the creation of the Job".to_owned() }.into());
    };
    let started = started?;
    if !console.is_quiet() {
        let verb = if started.existed { "following" } else { "started" };
        console.tell(&format!("{verb} Job {}\n", started.name));
    }
    let Some(again) = again else { return Ok(Verdict::Done) };
    let mut show = |line: &RemoteText| console.tell(&format!("{line}\n"));
    if let Some(ended) = Box::pin(signals.watch(jobs.follow(&started, &mut show))).await {
        return Ok(ended.map(Verdict::Job)?);
    }
    // Only a forced rotation finds its Job again with the same command.
    let logs = format!("kubectl logs --follow job/{} --namespace {}", started.name, place.namespace);
    let follow = if wanted.force.is_some() { sanitise(&again) } else { logs };
    Err(JobError::Left { job: started.name, follow }.into())
}

/// The request of the flags. A forced rotation without an identity gets that of its Job, or a random one.
pub fn request(wanted: &ForceArguments) -> Result<Request, Failure> {
    if !wanted.now {
        return Ok(Request::Rotate(None));
    }
    let of_job = || wanted.job.as_deref().and_then(RotationId::parse);
    let id = wanted.id.clone().or_else(of_job).map_or_else(random_id, Ok)?;
    let scope = if wanted.authority { Scope::Authority } else { Scope::Leaves };
    Ok(Request::Rotate(Some(Force { id, scope })))
}
