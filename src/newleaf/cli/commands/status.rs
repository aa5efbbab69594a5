//! `status`: shows what is stored, which consumers have loaded it, and every finding.

use base::diagnosis::{Diagnose, Failure};
use chrono::{DateTime, Utc};
use rotation::engine::facts::{Facts, Observed, Peer, Unusable};
use rotation::engine::memory::RunMemory;
use rotation::engine::plan::plan;
use rotation::engine::policy::Policy;
use rotation::engine::request::Request;
use rotation::engine::rules::due_at;
use rotation::engine::run::observe;
use terminal::console::Console;
use terminal::exit::Verdict;

use crate::cli::arguments::StatusArguments;
use crate::cli::context::CommandContext;
use crate::cli::output::status::{Location, StatusReport, draw};
use crate::cli::progress::Progress;
use crate::cluster::job::Jobs;
use crate::cluster::job::runs::Runs;

/// Shows the status.
pub async fn status(context: &CommandContext, console: &Console, wanted: &StatusArguments) -> Result<Verdict, Failure> {
    let progress = Progress::new(console);
    let (ports, deadlines) = (context.ports(&progress), &context.configuration.deadlines);
    let facts = observe(ports, deadlines, &mut RunMemory::default()).await?.facts;
    let mut status = gather(context.location(), facts, &context.configuration.policy);
    if let (Some(connection), Location::Namespace(namespace)) = (&context.outside, &status.place) {
        let jobs = Jobs::new(connection.client.clone(), namespace.clone());
        status.runs = Some(runs(&jobs, status.facts.now).await);
    }
    console.show("Status", &status, |style| draw(&status, style))?;
    let pending = status.steps_pending > 0 || status.findings.iter().any(|finding| !finding.reason.is_warning());
    Ok(if wanted.exit_code && pending { Verdict::Pending } else { Verdict::Done })
}

/// The runs of the CronJob. A person without the right to read them still sees the rest.
async fn runs(jobs: &Jobs, now: DateTime<Utc>) -> Observed<Runs> {
    match jobs.runs(now).await {
        Ok(Some(runs)) => Observed::Present(runs),
        Ok(None) => Observed::Absent,
        Err(error) => Observed::Unreadable(Unusable { code: error.code(), why: error.to_string() }),
    }
}

/// Evaluates the facts under the policy.
fn gather(place: Location, facts: Facts, policy: &Policy) -> StatusReport {
    let plan = plan(&facts, policy, &Request::Rotate(None));
    let renewal = |end| end - policy.authority_renew_before();
    let authority_due = facts
        .generations()
        .iter()
        .filter(|authority| authority.generation > 0)
        .map(|authority| (authority.generation, renewal(authority.validity.not_after)))
        .collect();
    StatusReport {
        place,
        server_due: due_at(&facts, policy, Peer::Server),
        client_due: due_at(&facts, policy, Peer::Client),
        findings: plan.findings,
        steps_pending: plan.steps.len(),
        next: plan.next,
        runs: None,
        authority_due,
        facts,
    }
}
