//! `status`: what is stored, who has loaded it, what is wrong.

use crate::cli::arguments::StatusArguments;
use crate::cli::console::Console;
use crate::cli::exit::Verdict;
use crate::cli::output::status::{Location, Status, draw};
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::diagnosis::Failure;
use crate::rotation::facts::{Facts, Peer};
use crate::rotation::plan::plan;
use crate::rotation::policy::Policy;
use crate::rotation::request::Request;
use crate::rotation::rules::due_at;
use crate::rotation::run::observe;

/// Shows the status.
pub async fn status(session: &Session, console: &Console, wanted: &StatusArguments) -> Result<Verdict, Failure> {
    let progress = Progress::new(console);
    let facts = observe(&session.ports(&progress)).await?.facts;
    let status = gather(session.location(), facts, &session.configuration.policy);
    console.show("Status", &status, |style| draw(&status, style))?;
    let pending = status.steps_pending > 0 || !status.findings.is_empty();
    Ok(if wanted.exit_code && pending { Verdict::Pending } else { Verdict::Done })
}

/// What the facts mean under the policy.
fn gather(place: Location, facts: Facts, policy: &Policy) -> Status {
    let plan = plan(&facts, policy, &Request::Rotate(None));
    let renewal = |end| end - policy.authority_renew_before();
    let authority_due = facts
        .generations()
        .iter()
        .filter(|authority| authority.generation > 0)
        .map(|authority| (authority.generation, renewal(authority.validity.not_after)))
        .collect();
    Status {
        place,
        server_due: due_at(&facts, policy, Peer::Server),
        client_due: due_at(&facts, policy, Peer::Client),
        findings: plan.findings,
        steps_pending: plan.steps.len(),
        next: plan.next,
        authority_due,
        facts,
    }
}
