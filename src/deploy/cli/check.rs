//! `check`: runs the checks and shows them.

use std::fmt::Write;

use base::diagnosis::Failure;
use chrono::{DateTime, Utc};
use serde::Serialize;
use stack::settings::Settings;
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::paint::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use terminal::stop_token::StopToken;
use terminal::style::{Style, sanitise};

use crate::check::line::{CheckFinding, CheckLine, CheckSeverity, ChecksFailed};
use crate::check::observe_installed::InstalledStack;
use crate::check::probing::{self, PROBE_LIMIT};
use crate::check::{observe, observe_installed};
use crate::cli::arguments::{CheckArguments, DeployGlobal};
use crate::cli::commands;
use crate::cli::progress::ProgressLines;
use crate::cluster::StackCluster;
use crate::inventory::Inventory;
use crate::plan::desired::desired;
use crate::references::with_references;
use crate::wait::Waiter;

/// The checks, as a document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ChecksDocument {
    namespace: String,
    passed: bool,
    checks: Vec<CheckLine>,
}

/// Checks before an install, or an installed stack.
pub(super) async fn check(
    global: &DeployGlobal,
    console: &Console,
    wanted: &CheckArguments,
) -> Result<Verdict, Failure> {
    let stack = commands::stack(global).await?;
    let cluster = commands::cluster(global).await?;
    if let Some(patience) = wanted.patience {
        observe::await_answer(&cluster, patience.to_std()).await;
    }
    let stack = if stack.unread().is_empty() { stack } else { stack.with_config_maps(&cluster).await? };
    let settings = stack.settings;
    let inventory = Inventory::of(settings.name.as_str(), settings.namespace.as_str());
    let now = now();
    let lines = if wanted.pre {
        let objects = stack::render::render(&settings);
        observe::before(&cluster, &settings, &objects, &desired(&objects, &inventory), now).await.judge()
    } else {
        let settings = if wanted.certificates.is_some() { settings } else { referring(&cluster, settings).await };
        let objects = stack::render::render(&settings);
        let outcomes = if wanted.probe {
            let (events, stop) = (ProgressLines::new(console), StopToken::of_process());
            let waiter = Waiter { cluster: &cluster, events: &events, stop: &stop, limit: PROBE_LIMIT };
            Some(Box::pin(probing::probe(&waiter, &settings)).await?)
        } else {
            None
        };
        let desired = desired(&objects, &inventory);
        let certificates = wanted.certificates.as_deref();
        let installed = InstalledStack { settings: &settings, desired: &desired, certificates };
        observe_installed::installed(&cluster, installed, outcomes, now).await.judge()
    };
    let failed = ChecksFailed::of(&lines);
    let namespace = inventory.namespace;
    let document = ChecksDocument { namespace, passed: failed.is_none(), checks: lines };
    console.show("Checks", &document, |style| draw(&document.checks, style))?;
    match failed {
        Some(failed) => Err(failed.into()),
        None => Ok(Verdict::Done),
    }
}

/// The settings with what the referenced objects contain. Where that is not known, the API server is not reached, and the first line
/// says so.
async fn referring(cluster: &StackCluster, settings: Settings) -> Settings {
    match with_references(cluster, settings.clone()).await {
        Ok((settings, _)) => settings,
        Err(_) => settings,
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the command line, which asks the clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The checks by category, one line each, with what mends the failed ones.
fn draw(lines: &[CheckLine], style: Style) -> String {
    let mut text = String::new();
    let mut categories: Vec<&str> = Vec::new();
    for line in lines {
        if !categories.contains(&line.category) {
            categories.push(line.category);
        }
    }
    for category in categories {
        writeln!(text, "{}", paint(style, BOLD, category)).unwrap_or_default();
        for line in lines.iter().filter(|line| line.category == category) {
            draw_line(&mut text, line, style);
        }
        text.push('\n');
    }
    let count = |severity| lines.iter().filter(|line| line.severity() == Some(severity)).count();
    let (failed, warned) = (count(CheckSeverity::Failure), count(CheckSeverity::Warning));
    let skipped = lines.iter().filter(|line| line.skipped.is_some()).count();
    let good = lines.len() - failed - warned - skipped;
    writeln!(text, "{good} good, {failed} failed, {warned} warned, {skipped} skipped").unwrap_or_default();
    text
}

fn draw_line(text: &mut String, line: &CheckLine, style: Style) {
    let (good, bad, warned, skipped) =
        if style.unicode { ("√", "×", "‼", "-") } else { ("ok", "FAIL", "warn", "skip") };
    let mark = match (line.severity(), &line.skipped) {
        (Some(CheckSeverity::Failure), _) => paint(style, RED, bad),
        (Some(CheckSeverity::Warning), _) => paint(style, YELLOW, warned),
        (None, Some(_)) => paint(style, DIM, skipped),
        (None, None) => paint(style, GREEN, good),
    };
    let why = line.skipped.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    writeln!(text, "{mark} {}{}", sanitise(&line.text), paint(style, DIM, &sanitise(&why))).unwrap_or_default();
    for CheckFinding { code, object, why, mend, .. } in &line.findings {
        writeln!(text, "    {code} {}: {}", sanitise(object), sanitise(why)).unwrap_or_default();
        writeln!(text, "      {}", sanitise(mend)).unwrap_or_default();
        writeln!(text, "      {}", paint(style, DIM, &format!("newleaf-deploy explain {code}"))).unwrap_or_default();
    }
}
