//! The result of `status`: every certificate's lifetime, every consumer, every finding.

use chrono::{DateTime, Utc};
use rotation::engine::facts::{AuthorityFacts, Facts, LeafFacts, Loaded, Observed, Peer};
use rotation::engine::rules::{Finding, Subject};
use serde::Serialize;
use terminal::moment::{moment, short};
use terminal::paint::{BOLD, GREEN, RED, YELLOW, paint};
use terminal::style::{Style, sanitise};
use terminal::table::table;

use crate::cli::output::lifetime_bar::{LifetimeBar, legend};
use crate::cli::output::runs;
use crate::cluster::job::runs::Runs;

/// The data of `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusReport {
    /// The place of the certificates.
    pub place: Location,
    /// The facts of the observation.
    pub facts: Facts,
    /// When the server's leaf is due.
    pub server_due: Option<DateTime<Utc>>,
    /// When the client's leaf is due.
    pub client_due: Option<DateTime<Utc>>,
    /// The findings of the rules.
    pub findings: Vec<Finding>,
    /// The steps that a run would take now.
    pub steps_pending: usize,
    /// When the next step is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<DateTime<Utc>>,
    /// The runs of the CronJob, on a cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs: Option<Observed<Runs>>,
    /// The date at which each generation of the authority gets a successor.
    #[serde(skip)]
    pub authority_due: Vec<(u32, DateTime<Utc>)>,
}

/// The place of the authority and the leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Location {
    /// A directory, as an absolute path.
    Directory(String),
    /// A namespace of a cluster.
    Namespace(String),
}

/// The status as text.
pub fn draw(status: &StatusReport, style: Style) -> String {
    let facts = &status.facts;
    let mut parts = Vec::new();
    match &facts.stored.authorities {
        Observed::Present(generations) => {
            parts.extend(generations.iter().map(|authority| draw_authority(status, authority, style)));
        }
        Observed::Absent => parts.push(absent("authority", style)),
        Observed::Unreadable(unusable) => parts.push(unreadable("authority", &unusable.why, style)),
    }
    for (peer, due) in [(Peer::Server, status.server_due), (Peer::Client, status.client_due)] {
        let name = format!("{peer}'s leaf");
        parts.push(match facts.leaf(peer) {
            Observed::Present(leaf) => draw_leaf(facts, &name, leaf, due, style),
            Observed::Absent => absent(&name, style),
            Observed::Unreadable(unusable) => unreadable(&name, &unusable.why, style),
        });
    }
    if facts.stored.server.present().is_some() || facts.stored.authorities.present().is_some() {
        parts.push(format!("{}\n", legend(style)));
    }
    parts.push(consumers(facts));
    parts.extend(status.runs.as_ref().map(|seen| runs::draw(seen, facts.now, style)));
    parts.push(findings(&status.findings, style));
    parts.push(format!("\nnext: {}\n", next(status)));
    parts.concat()
}

fn draw_authority(status: &StatusReport, authority: &AuthorityFacts, style: Style) -> String {
    let name = format!("authority {}", authority.generation);
    let now = status.facts.now;
    let due = status.authority_due.iter().find(|(generation, _)| *generation == authority.generation);
    let life = LifetimeBar { validity: authority.validity, due: due.map(|(_, due)| *due), now };
    let retiring = if authority.retiring { ", retiring" } else { "" };
    let detail = format!("{}{retiring}", authority.subject);
    certificate(&name, &detail, life, style)
}

fn draw_leaf(facts: &Facts, name: &str, leaf: &LeafFacts, due: Option<DateTime<Utc>>, style: Style) -> String {
    let signer = match leaf.signer.and_then(|signer| facts.generation_of(signer.fingerprint)) {
        Some(authority) => format!("signed by authority {}", authority.generation),
        None => "signer not stored".to_owned(),
    };
    let detail = format!("serial {}, {signer}", short(&leaf.serial.0));
    certificate(name, &detail, LifetimeBar { validity: leaf.validity, due, now: facts.now }, style)
}

fn certificate(name: &str, detail: &str, life: LifetimeBar, style: Style) -> String {
    let LifetimeBar { validity, due, now } = life;
    let end = if validity.not_after < now { paint(style, RED, "ended") } else { "ends".to_owned() };
    let due = due.map(|due| format!("due {}   ", moment(due, now))).unwrap_or_default();
    format!(
        "{}   {}\n{}\n  {due}{end} {}\n\n",
        paint(style, BOLD, name),
        sanitise(detail),
        life.bar(style),
        moment(validity.not_after, now)
    )
}

fn absent(name: &str, style: Style) -> String {
    format!("{}   {}\n\n", paint(style, BOLD, name), paint(style, YELLOW, "missing"))
}

fn unreadable(name: &str, why: &str, style: Style) -> String {
    format!("{}   {}: {}\n\n", paint(style, BOLD, name), paint(style, RED, "unusable"), sanitise(why))
}

fn consumers(facts: &Facts) -> String {
    if facts.running.consumers.is_empty() {
        return "\nno consumer is configured: newleaf observes no workload and makes none load new leaves\n".to_owned();
    }
    let rows: Vec<[String; 4]> = facts
        .running
        .consumers
        .iter()
        .map(|consumer| {
            let (state, detail) = match &consumer.loaded {
                Loaded::Current => ("current", String::new()),
                Loaded::EachLogin => ("current", "reads its files at each login".to_owned()),
                Loaded::Unproved(why) => ("unproved", why.clone()),
                Loaded::Stale(why) | Loaded::Lingering(why) => ("stale", why.clone()),
                Loaded::NotRunning => ("not running", "loads the stored files when it starts".to_owned()),
                Loaded::Unknown(unusable) => ("unknown", unusable.why.clone()),
            };
            [consumer.name.clone(), consumer.peer.to_string(), state.to_owned(), detail]
        })
        .collect();
    format!("\n{}", table(["CONSUMER", "LOADS", "STATE", "DETAIL"], &rows))
}

/// The findings of the rules, one line each.
pub fn findings(findings: &[Finding], style: Style) -> String {
    if findings.is_empty() {
        return format!("\n{}\n", paint(style, GREEN, "nothing is wrong and nothing is due"));
    }
    let rows: Vec<[String; 3]> = findings
        .iter()
        .map(|finding| [subject(&finding.subject), format!("{:?}", finding.reason), finding.message.clone()])
        .collect();
    format!("\n{}", table(["FINDING", "REASON", "DETAIL"], &rows))
}

/// The object of a finding, in words.
pub fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Authority(None) => "authority".to_owned(),
        Subject::Authority(Some(generation)) => format!("authority {generation}"),
        Subject::Leaf(peer) => format!("{peer}'s leaf"),
        Subject::Consumer(name) => name.clone(),
        Subject::Clock => "clock".to_owned(),
    }
}

fn next(status: &StatusReport) -> String {
    let facts = &status.facts;
    if matches!(facts.stored.authorities, Observed::Absent) && facts.stored.server.present().is_none() {
        return "newleaf bootstrap".to_owned();
    }
    match (status.steps_pending, status.next) {
        (0, Some(next)) => format!("the next step is due {}", moment(next, facts.now)),
        (0, None) => "nothing is due".to_owned(),
        (1, _) => "newleaf rotate has 1 step to take; newleaf plan shows it".to_owned(),
        (steps, _) => format!("newleaf rotate has {steps} steps to take; newleaf plan shows them"),
    }
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
