//! Rotations under load, and what the clients in the pod saw of them.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::Problem;
use crate::installed::Installed;
use crate::load::{Load, Sight};
use crate::paper::Paper;
use crate::result::{self, Count, Serials};
use crate::tally::Tally;

/// How many logins go before and after each rotation.
const CALM: u64 = 50;

/// Clients at work, and what is rotated under them.
pub(crate) struct Rotations<'a> {
    installed: &'a Installed,
    load: &'a Load,
    /// At the start and after each rotation.
    seen: Vec<Serials>,
}

impl<'a> Rotations<'a> {
    /// Under clients that are at work.
    pub(crate) fn begin(installed: &'a Installed, load: &'a Load) -> Self {
        Self { installed, load, seen: vec![serials(&load.sight())] }
    }

    /// Runs one command under load and shows what it did and what the clients saw meanwhile.
    pub(crate) fn rotate(&mut self, paper: &mut Paper, arguments: &[&str]) -> Result<(), Problem> {
        let before = self.load.answered(CALM);
        run(paper, self.installed, arguments)?;
        paper.waiting("the kubelet brings the new files to the clients");
        let stored = self.stored()?;
        self.load.until("the clients have the new leaf", |sight| sight.serials.client == stored);
        let after = self.load.answered(CALM);
        let told = |what: &str, before: &Tally, after: &Tally| {
            format!("{} {what}, {} failed", after.succeeded - before.succeeded, after.failed - before.failed)
        };
        let logins = told("logins", &before.logins, &after.logins);
        paper.sentence(&format!("meanwhile {logins}; {}", told("catalog queries", &before.catalog, &after.catalog)));
        self.seen.push(serials(&after));
        Ok(())
    }

    /// The serial of the client's leaf that is stored now.
    fn stored(&self) -> Result<String, Problem> {
        let template = "go-template={{index .data \"tls.crt\" | base64decode}}";
        let pem = self.installed.namespace.kubectl(&["get", "secret", "backstage-tls", "--output", template]);
        let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes())?;
        let (_, leaf) = x509_parser::parse_x509_certificate(&pem.contents)?;
        Ok(leaf.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
    }

    /// Shows the table. Whether nothing failed and every serial that must change did.
    pub(crate) fn conclude(self, paper: &mut Paper) -> Result<bool, Problem> {
        let sight = self.load.sight();
        let [start, leaves, rollover] = &self.seen[..] else { return Err("two rotations were to be seen".into()) };
        let all_new = result::serials(paper, [start, leaves, rollover]);
        let counts = [count("logins", &sight.logins), count("catalog queries", &sight.catalog)];
        Ok(result::counts(paper, &counts) && all_new)
    }
}

/// Runs newleaf beside kubectl, which starts a Job, and shows what it tells as it comes.
fn run(paper: &mut Paper, installed: &Installed, arguments: &[&str]) -> Result<(), Problem> {
    paper.command(&format!("newleaf {} --namespace {}", arguments.join(" "), installed.namespace.name()));
    paper.waiting("a Job");
    let mut command = installed.command(arguments);
    let mut newleaf = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut said = String::new();
    for line in BufReader::new(newleaf.stderr.take().ok_or("no pipe")?).lines() {
        let line = line?;
        if let Some((step, seconds)) = step(&line) {
            paper.step(step, seconds);
            paper.waiting("the next step");
        } else if line.starts_with("started Job") {
            paper.note(&line);
            paper.waiting("its pod");
        }
        said.push_str(&line);
        said.push('\n');
    }
    match newleaf.wait()?.code() {
        Some(0) => Ok(()),
        code => Err(format!("newleaf {} ended with {code:?}:\n{said}", arguments.join(" ")).into()),
    }
}

/// A step that was taken and its time: `ok 3 make postgres load the server's leaf 0.250 s`.
fn step(line: &str) -> Option<(&str, f64)> {
    let (_number, rest) = line.strip_prefix("ok ")?.split_once(' ')?;
    let (step, seconds) = rest.strip_suffix(" s")?.rsplit_once(' ')?;
    Some((step, seconds.parse().ok()?))
}

fn serials(sight: &Sight) -> Serials {
    let crate::load::Serials { server, client, authorities } = &sight.serials;
    Serials { server: server.clone(), client: client.clone(), authority: authorities.join(" and ") }
}

fn count<'a>(name: &'a str, tally: &'a Tally) -> Count<'a> {
    let Tally { succeeded, failed, errors, longest_gap } = tally;
    Count { name, succeeded: *succeeded, failed: *failed, longest_gap: *longest_gap, errors }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_from_everything_else_that_a_job_says() {
        let told = "ok 12 make postgres load the server's leaf 3.134 s";
        assert_eq!(step(told), Some(("make postgres load the server's leaf", 3.134)));
        for other in ["", "started Job newleaf-now-1", "failed 3 make postgres load it [NL0402]", "ok 1", "total 2 s"] {
            assert_eq!(step(other), None, "{other:?}");
        }
    }
}
