//! `plan`: shows what `rotate` would do. Writes nothing.

use base::diagnosis::Failure;
use rotation::engine::memory::RunMemory;
use rotation::engine::plan;
use rotation::engine::run::observe;
use terminal::console::Console;
use terminal::exit::Verdict;

use crate::cli::arguments::PlanArguments;
use crate::cli::commands::rotate::request;
use crate::cli::context::CommandContext;
use crate::cli::output;
use crate::cli::progress::Progress;

/// Shows the plan.
pub async fn plan(context: &CommandContext, console: &Console, wanted: &PlanArguments) -> Result<Verdict, Failure> {
    let request = request(&wanted.force)?;
    let progress = Progress::new(console);
    let (ports, deadlines) = (context.ports(&progress), &context.configuration.deadlines);
    let facts = observe(ports, deadlines, &mut RunMemory::default()).await?.facts;
    let plan = plan::plan(&facts, &context.configuration.policy, &request);
    console.show("Plan", &plan, |style| output::plan::draw(&plan, facts.now, style))?;
    let pending = !plan.steps.is_empty() || plan.refusal.is_some();
    Ok(if wanted.exit_code && pending { Verdict::Pending } else { Verdict::Done })
}
