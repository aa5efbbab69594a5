//! The result of `plan`: the findings, and the steps that `rotate` would take.

use chrono::{DateTime, Utc};
use rotation::engine::plan::Plan;
use rotation::engine::step::Step;
use terminal::moment::moment;
use terminal::paint::{RED, paint};
use terminal::style::{Style, sanitise};
use terminal::table::table;

use crate::cli::output::status::findings;

/// The plan as text.
pub fn draw(plan: &Plan, now: DateTime<Utc>, style: Style) -> String {
    let mut parts = vec![findings(&plan.findings, style).trim_start().to_owned()];
    if plan.steps.is_empty() {
        parts.push("\nnothing to do\n".to_owned());
    } else {
        let rows: Vec<[String; 3]> = plan
            .steps
            .iter()
            .zip(1..)
            .map(|(step, number)| [format!("{number}"), step.to_string(), why(step)])
            .collect();
        parts.push(format!("\n{}", table(["#", "STEP", "WHY"], &rows)));
    }
    if let Some((code, why)) = &plan.refusal {
        parts.push(format!("\n{} {}\n", paint(style, RED, &format!("refused [{code}]:")), sanitise(why)));
    }
    let next = plan.next.map_or_else(|| "nothing is due".to_owned(), |next| moment(next, now));
    parts.push(if plan.steps.is_empty() {
        format!("\nnext due: {next}\n")
    } else {
        format!("\nnext: newleaf rotate takes these steps; then due: {next}\n")
    });
    parts.concat()
}

fn why(step: &Step) -> String {
    match step {
        Step::Issue { reasons, .. } => {
            let reasons: Vec<_> = reasons.iter().map(|reason| format!("{reason:?}")).collect();
            reasons.join(", ")
        }
        Step::AddAuthority(_) => "a successor must be trusted before it signs".to_owned(),
        Step::RemoveAuthority { .. } => "nothing needs it any more".to_owned(),
        Step::Republish { .. } => "the bundle lacks roots or has surplus roots".to_owned(),
        Step::LogIn => "PostgreSQL must accept it before clients load it".to_owned(),
        Step::PickUp { .. } | Step::Prove { .. } => String::new(),
    }
}
