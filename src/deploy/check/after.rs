//! The checks of an installed stack: facts in, lines out. Pure.

use base::diagnosis::Code;
use chrono::{DateTime, Utc};
use kubernetes::api::questions::ServerVersion;
use kubernetes::readiness::{Readiness, readiness};
use serde_json::Value;

use crate::check::certificates::InstalledLeaf;
use crate::check::health::HealthFacts;
use crate::check::ingress::IngressFacts;
use crate::check::kept;
use crate::check::line::{CheckFinding, CheckLine, Known};
use crate::check::operation::OperationFacts;
use crate::check::tried::TriedFacts;
use crate::keeper::StackKeeper;

/// At most so many places are named where an object differs.
const PLACES_MOST: usize = 4;

/// A rendered object, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct InstalledFacts {
    /// `Deployment backstage/backstage`.
    pub title: String,
    /// Its kind.
    pub kind: String,
    /// As it is in the cluster.
    pub live: Known<Option<Value>>,
    /// As it would be after an install: by a server-side dry run, or, where another tool keeps the stack, by comparison.
    pub applied: Option<Known<Value>>,
}

/// Everything that is known of an installed stack.
#[derive(Debug, Clone)]
pub struct AfterFacts {
    /// The clock of this machine.
    pub now: DateTime<Utc>,
    /// The namespace of the stack.
    pub namespace: String,
    /// The API server.
    pub server: Known<ServerVersion>,
    /// The other tool that keeps the stack.
    pub keeper: Option<StackKeeper>,
    /// The rendered objects.
    pub objects: Vec<InstalledFacts>,
    /// The volume claims of the namespace.
    pub claims: Known<Vec<Value>>,
    /// The leaf of the server, then that of the client.
    pub leaves: Vec<InstalledLeaf>,
    /// What keeps it running.
    pub operation: OperationFacts,
    /// The way in from outside.
    pub ingress: Option<IngressFacts>,
    /// What was tried from inside.
    pub tried: TriedFacts,
    /// How the containers are probed.
    pub health: HealthFacts,
}

impl AfterFacts {
    /// Every check, in the order in which they are read.
    pub fn judge(&self) -> Vec<CheckLine> {
        let reachable = self.server.as_ref().err().cloned();
        let mut lines = vec![CheckLine::new("kubernetes", "the API server answers", reachable.into_iter().collect())];
        if self.server.is_err() {
            return lines;
        }
        lines.extend([self.present(), self.as_rendered(), self.rollouts(), self.volumes()]);
        lines.push(self.health.judge(&self.objects));
        lines.extend(self.leaves.iter().map(|leaf| leaf.judge(self.now, &self.namespace)));
        lines.extend(self.operation.judge(self.now, &self.namespace, &self.objects));
        lines.extend(self.ingress.as_ref().map(IngressFacts::judge));
        let mut policies = self.objects.iter().filter(|object| object.kind == "NetworkPolicy");
        lines.extend(self.tried.judge(policies.all(|policy| matches!(policy.live, Ok(Some(_))))));
        lines
    }

    fn present(&self) -> CheckLine {
        let mut findings = Vec::new();
        for object in &self.objects {
            match &object.live {
                Ok(Some(_)) => {}
                Err(finding) => findings.push(finding.clone()),
                // Kubernetes removes a Job that has ended after a while. What it made has lines of its own.
                Ok(None) if object.kind == "Job" => {}
                Ok(None) => findings.push(CheckFinding::failure(
                    Code::CheckMissing,
                    &object.title,
                    "it is rendered, and the cluster does not have it",
                    self.mend("Install it: `newleaf-deploy install`."),
                )),
            }
        }
        CheckLine::new("objects", format!("all {} objects are there", self.objects.len()), findings)
    }

    fn as_rendered(&self) -> CheckLine {
        let mut findings = Vec::new();
        for object in &self.objects {
            match (&object.live, &object.applied) {
                (Ok(Some(live)), Some(Ok(applied))) => {
                    let places = differences(live, applied);
                    if !places.is_empty() {
                        let why = match self.keeper {
                            Some(_) => format!("it is not as the stack renders it at {}", listed(&places)),
                            None => format!("an install would change {}", listed(&places)),
                        };
                        let mend = "See it with `newleaf-deploy diff`, and repair it with `newleaf-deploy install`.";
                        let mend = self.mend(mend);
                        findings.push(CheckFinding::failure(Code::CheckDrift, &object.title, why, mend));
                    }
                }
                (_, Some(Err(finding))) => {
                    findings.push(CheckFinding { object: object.title.clone(), ..finding.clone() });
                }
                (_, _) => {}
            }
        }
        CheckLine::new("objects", "every object is as rendered", findings)
    }

    /// What mends an object: an install, unless another tool keeps the stack.
    fn mend(&self, by_install: &str) -> String {
        self.keeper.as_ref().map_or_else(|| by_install.to_owned(), kept::mend)
    }

    fn rollouts(&self) -> CheckLine {
        let mut findings = Vec::new();
        for object in &self.objects {
            let Ok(Some(live)) = &object.live else { continue };
            let describe = format!(
                "`kubectl describe {} {} -n {}`",
                object.kind.to_lowercase(),
                live.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default(),
                self.namespace
            );
            let (why, mend) = match readiness(live) {
                Readiness::Ready => continue,
                Readiness::Waiting(why) => (why, format!("Wait: `newleaf-deploy status`; {describe} says more.")),
                Readiness::Stuck(why) => (why.to_string(), format!("Remove the cause; {describe} says more.")),
                Readiness::Halted(halt) => (halt.why, halt.way_out),
            };
            findings.push(CheckFinding::failure(Code::CheckRollout, &object.title, why, mend));
        }
        CheckLine::new("workloads", "every rollout is complete", findings)
    }

    fn volumes(&self) -> CheckLine {
        let text = "every volume claim is bound";
        let claims = match &self.claims {
            Ok(claims) => claims,
            Err(finding) => return CheckLine::new("workloads", text, vec![finding.clone().only_warned()]),
        };
        let mut findings = Vec::new();
        for claim in claims {
            if claim.pointer("/status/phase") != Some(&Value::from("Bound")) {
                let name = claim.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
                let mend =
                    format!("`kubectl describe pvc {name} -n {}` says what its provisioner waits for.", self.namespace);
                let title = format!("PersistentVolumeClaim {}/{name}", self.namespace);
                findings.push(CheckFinding::failure(Code::CheckVolume, title, "no volume is bound to it", mend));
            }
        }
        CheckLine::new("workloads", text, findings)
    }
}

/// The paths at which two objects differ, without what the API server writes at each change. No value is shown.
pub fn differences(live: &Value, applied: &Value) -> Vec<String> {
    let mut places = Vec::new();
    collect(&mut places, "", Some(live), Some(applied));
    places
}

/// What each write changes, and the cluster's own part.
const BOOKKEEPING: [&str; 4] = ["metadata.managedFields", "metadata.resourceVersion", "metadata.generation", "status"];

fn collect(places: &mut Vec<String>, path: &str, live: Option<&Value>, applied: Option<&Value>) {
    if live == applied || BOOKKEEPING.contains(&path) {
        return;
    }
    match (live, applied) {
        (Some(Value::Object(live)), Some(Value::Object(applied))) => {
            let mut keys: Vec<&String> = live.keys().chain(applied.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(places, &path, live.get(key), applied.get(key));
            }
        }
        (Some(Value::Array(live)), Some(Value::Array(applied))) if live.len() == applied.len() => {
            for (index, (live, applied)) in live.iter().zip(applied).enumerate() {
                collect(places, &format!("{path}[{index}]"), Some(live), Some(applied));
            }
        }
        (_, _) => places.push(path.to_owned()),
    }
}

fn listed(places: &[String]) -> String {
    let shown = places.iter().take(PLACES_MOST).cloned().collect::<Vec<_>>().join(", ");
    match places.len().checked_sub(PLACES_MOST) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        Some(_) | None => shown,
    }
}
