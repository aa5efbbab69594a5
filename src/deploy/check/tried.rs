//! What probes saw from inside of the cluster: whether it is as it should be. Pure.

use base::diagnosis::Code;
use rotation::pki::certificate::Certificate;
use rotation::pki::error::Source;
use rotation::probe::{
    ConnectionAnswer, ConnectionTrial, LoginAnswer, LoginKind, LoginTrial, PostgresReport, ProbeReport,
    ServedCertificate, SessionGroup, SessionList, Sight,
};
use stack::components::network_policies::trials::{EdgeTrial, TrialSource, TrialTarget};

use crate::check::certificates::PublicLeaf;
use crate::check::line::{CheckFinding, CheckLine, Known};

const SERVED: &str = "PostgreSQL serves the stored certificate";
const SESSIONS: &str = "every session is encrypted, and those of Backstage have the stored certificate";
const LOGINS: &str = "PostgreSQL refuses every login without the right certificate";
const OPEN: &str = "every connection that the stack needs opens";
const CLOSED: &str = "no other connection between the parts of the stack opens";

/// A probe, and what it reported.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeOutcome {
    /// The connections that it tried, and the target of each as it was named to the probe.
    pub trials: Vec<(EdgeTrial, String)>,
    /// Its report, or why there is none.
    pub report: Known<ProbeReport>,
}

/// Everything that was tried, and what it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct TriedFacts {
    /// The probes; `None` where none was wanted.
    pub outcomes: Option<Vec<ProbeOutcome>>,
    /// The namespace of the stack.
    pub namespace: String,
    /// The role of Backstage.
    pub role: String,
    /// The server's stored leaf, where the stack runs the database.
    pub server: Option<PublicLeaf>,
    /// The client's stored leaf.
    pub client: Option<PublicLeaf>,
    /// Whether the stack runs the database: other clients of another one are not its business.
    pub runs_database: bool,
    /// Whether PostgreSQL is set to TLS 1.3 and later.
    pub needs_newest_tls: bool,
}

impl TriedFacts {
    /// Every check. `has_policies` says whether all `NetworkPolicies` of the stack are there.
    pub fn judge(&self, has_policies: bool) -> Vec<CheckLine> {
        let Some(outcomes) = &self.outcomes else {
            let lines = [("database", SERVED), ("database", SESSIONS), ("database", LOGINS), ("network", OPEN)];
            let lines = lines.into_iter().chain([("network", CLOSED)]);
            let why = "only `newleaf-deploy check --probe` tries it, by short-lived Jobs in the namespace";
            return lines.map(|(category, text)| CheckLine::skipped(category, text, why)).collect();
        };
        let silent: Vec<CheckFinding> =
            outcomes.iter().filter_map(|outcome| outcome.report.as_ref().err().cloned()).collect();
        let mut lines = vec![CheckLine::new("probes", "every probe reports what it sees", silent)];
        let reports = outcomes.iter().filter_map(|outcome| outcome.report.as_ref().ok());
        let asked: Option<&PostgresReport> = reports.into_iter().find_map(|report| report.postgres.as_ref());
        let tried: Vec<(&EdgeTrial, &ConnectionTrial)> = outcomes.iter().flat_map(connections).collect();
        match asked {
            None => lines.extend(unasked("no probe has asked PostgreSQL")),
            // The network is to blame, and its line says so.
            Some(_) if tried.iter().any(is_cut_off) => lines.extend(unasked("Backstage does not reach PostgreSQL")),
            Some(report) => lines.extend([self.served(report), self.sessions(report), self.logins(report)]),
        }
        lines.extend([self.open(&tried), self.closed(&tried, has_policies)]);
        lines
    }

    fn served(&self, report: &PostgresReport) -> CheckLine {
        let Some(stored) = &self.server else {
            return CheckLine::skipped("database", SERVED, "the stack does not run the database");
        };
        let bad = |why: String| {
            let mend = format!("Make it load what is stored: `newleaf rotate -n {}`.", self.namespace);
            vec![CheckFinding::failure(Code::CheckServedOther, &report.endpoint, why, mend)]
        };
        let findings = match (&report.served, leaf(stored)) {
            (Sight::Unseen(why), _) => bad(format!("no handshake was completed: {why}")),
            (_, None) => return CheckLine::skipped("database", SERVED, "the stored leaf cannot be read"),
            (Sight::Seen(served), Some(leaf)) => {
                let ServedCertificate { serial, sha256, key_proved, .. } = served;
                if *sha256 != leaf.fingerprint().to_string() {
                    bad(format!("it serves the serial {serial}, and {} is stored", leaf.serial().0))
                } else if *key_proved {
                    Vec::new()
                } else {
                    bad("it did not prove that it holds the key".to_owned())
                }
            }
        };
        CheckLine::new("database", SERVED, findings)
    }

    fn sessions(&self, report: &PostgresReport) -> CheckLine {
        let list = match &report.sessions {
            Sight::Seen(list) => list,
            Sight::Unseen(why) => {
                return CheckLine::skipped("database", SESSIONS, format!("they were not seen: {why}"));
            }
        };
        let SessionList { groups, hidden } = list;
        let mut findings: Vec<CheckFinding> =
            groups.iter().filter_map(|group| self.session(&report.endpoint, group)).collect();
        if *hidden > 0 {
            let why = format!("the role {} may not see {hidden} sessions", self.role);
            let mend = format!("Let it see them: `GRANT pg_monitor TO {}`.", self.role);
            findings.push(CheckFinding::warning(Code::CheckSession, &report.endpoint, why, mend));
        }
        let is_ours = |group: &SessionGroup| group.user == self.role;
        if findings.is_empty() && !groups.iter().any(is_ours) {
            return CheckLine::skipped("database", SESSIONS, "no session of Backstage is open now");
        }
        CheckLine::new("database", SESSIONS, findings)
    }

    /// What is wrong with sessions of one user, program and certificate.
    fn session(&self, endpoint: &str, group: &SessionGroup) -> Option<CheckFinding> {
        let SessionGroup { user, application, serial, encrypted, sessions } = group;
        let is_ours = *user == self.role;
        if !is_ours && !self.runs_database {
            return None;
        }
        let stored = self.client.as_ref().and_then(leaf).map(|leaf| leaf.serial().0.clone());
        let why = match (serial, stored) {
            _ if !encrypted => "without TLS".to_owned(),
            (None, _) => "without a client certificate".to_owned(),
            (Some(serial), Some(stored)) if is_ours && bare(serial) != bare(&stored) => {
                format!("with the certificate {serial}, and {stored} is stored")
            }
            (Some(_), _) => return None,
        };
        let why = format!("{sessions} sessions of {user} ({application}) are open {why}");
        let mend = format!(
            "Find the client, and end its sessions: `newleaf status -n {}` says which consumer has not loaded its leaf.",
            self.namespace
        );
        Some(CheckFinding::failure(Code::CheckSession, endpoint, why, mend))
    }

    fn logins(&self, report: &PostgresReport) -> CheckLine {
        let PostgresReport { endpoint, logins, .. } = report;
        if logins.is_empty() {
            return CheckLine::skipped("database", LOGINS, "PostgreSQL was not reached");
        }
        let mut findings: Vec<CheckFinding> = logins.iter().filter_map(|trial| self.login(endpoint, trial)).collect();
        if !logins.iter().any(|trial| trial.kind == LoginKind::OwnLeaf) {
            let why = "the probe had no leaf to log in with";
            findings.push(CheckFinding::failure(Code::CheckLeafRefused, endpoint, why, self.read_leaf()));
        }
        CheckLine::new("database", format!("{LOGINS} ({} tried)", logins.len()), findings)
    }

    fn login(&self, endpoint: &str, trial: &LoginTrial) -> Option<CheckFinding> {
        let LoginTrial { kind, user, answer } = trial;
        let finding = |code, what: &str| {
            let why = format!("a login as {user} {} {what}", kind.words());
            let is_ours = code == Code::CheckLeafRefused;
            let mend = if is_ours { self.read_leaf() } else { self.restore_rules() };
            Some(CheckFinding::failure(code, endpoint, why, mend))
        };
        match (kind, answer) {
            (LoginKind::OwnLeaf, LoginAnswer::Accepted) => None,
            (LoginKind::OwnLeaf, LoginAnswer::Refused(why)) => {
                finding(Code::CheckLeafRefused, &format!("was refused: {why}"))
            }
            (LoginKind::OlderTls, LoginAnswer::Accepted) if !self.needs_newest_tls => None,
            (_, LoginAnswer::Accepted) => finding(Code::CheckLoginAccepted, "was accepted"),
            (_, LoginAnswer::Asked(what)) if self.runs_database || *kind == LoginKind::OwnLeaf => {
                finding(Code::CheckPasswordAsked, &format!("was asked for {what}"))
            }
            // Other clients of a database of others may have passwords.
            (_, LoginAnswer::Asked(_) | LoginAnswer::Refused(_)) => None,
            (_, LoginAnswer::Unclear(why)) => finding(Code::CheckProbe, &format!("had no clear answer: {why}")),
        }
    }

    fn restore_rules(&self) -> String {
        if self.runs_database {
            let namespace = &self.namespace;
            return format!(
                "Compare the rules with what the stack renders: `kubectl get configmap postgres -n {namespace} -o yaml`, \
                 `newleaf-deploy diff`; take out of the raw layer what opens them, and run `newleaf-deploy install`."
            );
        }
        "Let the first line of pg_hba.conf that matches Backstage be `hostssl ... cert clientcert=verify-full`, and the last one \
         `host all all all reject`; then reload."
            .to_owned()
    }

    fn read_leaf(&self) -> String {
        format!("See what is stored and used: `newleaf status -n {0}`, then `newleaf rotate -n {0}`.", self.namespace)
    }

    fn open(&self, tried: &[(&EdgeTrial, &ConnectionTrial)]) -> CheckLine {
        let mut findings = Vec::new();
        let mut count = 0;
        for (EdgeTrial { source, target, why: edge }, connection) in tried {
            let Some(edge) = edge else { continue };
            count += 1;
            let seen = match &connection.answer {
                ConnectionAnswer::Opened => continue,
                ConnectionAnswer::Refused => "it was refused".to_owned(),
                ConnectionAnswer::TimedOut => "no answer came".to_owned(),
                ConnectionAnswer::Unresolved(why) => format!("the name has no address: {why}"),
                ConnectionAnswer::Failed(why) => why.clone(),
            };
            let to = format!("{} at {}", target.words(), connection.target);
            let why = format!("{} does not reach {to} ({edge}): {seen}", source.words());
            let mend = format!(
                "Restore the policies: `newleaf-deploy install`; `kubectl get networkpolicy -n {}` lists others that deny it.",
                self.namespace
            );
            findings.push(CheckFinding::failure(Code::CheckEdgeClosed, self.policy(source.name()), why, mend));
        }
        network(OPEN, count, findings)
    }

    /// A cluster whose plugin enforces nothing opens all of them; then that is the one thing to say.
    fn closed(&self, tried: &[(&EdgeTrial, &ConnectionTrial)], has_policies: bool) -> CheckLine {
        let closed: Vec<_> = tried.iter().filter(|(trial, _)| trial.why.is_none()).collect();
        let opened: Vec<_> =
            closed.iter().filter(|(_, connection)| connection.answer == ConnectionAnswer::Opened).collect();
        if has_policies && closed.len() > 1 && opened.len() == closed.len() {
            let why = format!(
                "all {} connections that the NetworkPolicies deny open: the network plugin of the cluster does not enforce them",
                closed.len()
            );
            let mend = "Use a plugin that enforces NetworkPolicies, such as Calico, Cilium or kube-router; or say that none is \
                        meant: `newleaf-deploy install --set networkPolicies.enabled=false`.";
            let object = format!("the network of namespace {}", self.namespace);
            let finding = CheckFinding::failure(Code::CheckUnenforced, object, why, mend);
            return network(CLOSED, closed.len(), vec![finding]);
        }
        let findings = opened.into_iter().map(|(EdgeTrial { source, target, .. }, connection)| {
            let to = format!("{} at {}", target.words(), connection.target);
            let why = format!("{} reaches {to}, and no edge of the stack opens that", source.words());
            let mend = format!(
                "Remove the policy that opens it: `kubectl get networkpolicy -n {}`; restore those of the stack: `newleaf-deploy install`.",
                self.namespace
            );
            CheckFinding::failure(Code::CheckEdgeOpen, self.policy(source.name()), why, mend)
        });
        let findings = findings.collect();
        network(CLOSED, closed.len(), findings)
    }

    fn policy(&self, name: Option<&str>) -> String {
        match name {
            Some(name) => format!("NetworkPolicy {}/{name}", self.namespace),
            None => format!("namespace {}", self.namespace),
        }
    }
}

fn unasked(why: &str) -> [CheckLine; 3] {
    [SERVED, SESSIONS, LOGINS].map(|text| CheckLine::skipped("database", text, why))
}

/// Whether Backstage does not reach PostgreSQL, although an edge opens that.
fn is_cut_off((trial, connection): &(&EdgeTrial, &ConnectionTrial)) -> bool {
    let is_way = (trial.source, trial.target) == (TrialSource::Backstage, TrialTarget::Postgres) && trial.why.is_some();
    is_way && connection.answer != ConnectionAnswer::Opened
}

fn network(text: &'static str, count: usize, findings: Vec<CheckFinding>) -> CheckLine {
    if count == 0 {
        return CheckLine::skipped("network", text, "no connection was tried");
    }
    CheckLine::new("network", format!("{text} ({count} tried)"), findings)
}

/// The connections that a probe tried, each with what was wanted.
fn connections(outcome: &ProbeOutcome) -> Vec<(&EdgeTrial, &ConnectionTrial)> {
    let Ok(report) = &outcome.report else { return Vec::new() };
    let of = |trial: &EdgeTrial, target: &String| {
        report.connections.iter().find(|seen| seen.target == *target && seen.should_open == trial.why.is_some())
    };
    outcome.trials.iter().filter_map(|(trial, target)| Some((trial, of(trial, target)?))).collect()
}

fn leaf(stored: &PublicLeaf) -> Option<Certificate> {
    let chain = Certificate::all_from_pem(&stored.certificate, &Source::new("the stored leaf")).ok()?;
    chain.into_iter().next()
}

/// A serial number without leading zeros.
fn bare(serial: &str) -> String {
    serial.trim_start_matches('0').to_ascii_lowercase()
}

#[cfg(test)]
#[path = "tried_tests.rs"]
mod tests;
