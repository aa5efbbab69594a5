//! Whether the kubelet asks the containers as the stack renders it: at the start, for readiness, for life. What it asks is in the
//! raw layers' reach, and it decides which pod gets requests. Pure.

use base::diagnosis::Code;
use serde_json::Value;

use crate::check::after::InstalledFacts;
use crate::check::line::{CheckFinding, CheckLine};
use crate::plan::changes::covers;

/// The probes of a container.
const PROBES: [&str; 3] = ["startupProbe", "readinessProbe", "livenessProbe"];

/// The workloads as the components render them, without a raw layer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HealthFacts {
    /// The title of each workload, and the workload.
    pub rendered: Vec<(String, Value)>,
}

impl HealthFacts {
    /// One line about all probes.
    pub fn judge(&self, objects: &[InstalledFacts]) -> CheckLine {
        let mut findings = Vec::new();
        for (title, rendered) in &self.rendered {
            let object = objects.iter().find(|object| object.title == *title);
            // What is missing has its own line.
            let Some(Ok(Some(live))) = object.map(|object| &object.live) else { continue };
            for container in containers(rendered) {
                let same = containers(live).find(|other| other.get("name") == container.get("name"));
                findings.extend(PROBES.iter().filter_map(|probe| {
                    finding(title, container, (probe, container.get(*probe), same.and_then(|same| same.get(*probe))))
                }));
            }
        }
        CheckLine::new("workloads", "the kubelet asks the containers as the stack renders it", findings)
    }
}

fn containers(workload: &Value) -> impl Iterator<Item = &Value> {
    workload.pointer("/spec/template/spec/containers").and_then(Value::as_array).into_iter().flatten()
}

fn finding(
    title: &str,
    container: &Value,
    (probe, rendered, live): (&str, Option<&Value>, Option<&Value>),
) -> Option<CheckFinding> {
    let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
    let mend = "Take it out of the raw layer if it is not meant, and run `newleaf-deploy install`.";
    let failure = |why| Some(CheckFinding::failure(Code::CheckHealth, title, why, mend));
    match (rendered, live) {
        (Some(rendered), Some(live)) if !covers(rendered, live) => {
            let why = format!("the {probe} of container {name} is another one than the stack renders");
            failure(why).map(CheckFinding::only_warned)
        }
        (Some(_), Some(_)) | (None, None) => None,
        (Some(_), None) => failure(format!("container {name} has no {probe}")),
        (None, Some(_)) => failure(format!("container {name} has a {probe} that the stack does not render"))
            .map(CheckFinding::only_warned),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::line::CheckSeverity;

    #[test]
    fn a_probe_that_is_missing_fails_and_another_one_is_warned_of() {
        let workload = |container: Value| json!({"spec": {"template": {"spec": {"containers": [container]}}}});
        let asks = json!({"httpGet": {"path": "/ready"}, "periodSeconds": 5});
        let title = "Deployment a/b".to_owned();
        let rendered = workload(json!({"name": "c", "readinessProbe": asks}));
        let facts = HealthFacts { rendered: vec![(title.clone(), rendered)] };
        let judged = |container: Value| {
            let live = Ok(Some(workload(container)));
            let object = InstalledFacts { title: title.clone(), kind: "Deployment".to_owned(), live, applied: None };
            let findings = facts.judge(&[object]).findings;
            findings.into_iter().map(|finding| (finding.code, finding.severity)).collect::<Vec<_>>()
        };
        let mut defaulted = asks.clone();
        defaulted["httpGet"]["scheme"] = "HTTP".into();
        let (failed, warned) = (CheckSeverity::Failure, CheckSeverity::Warning);
        assert_eq!(judged(json!({"name": "c", "readinessProbe": defaulted})), []);
        assert_eq!(judged(json!({"name": "c"})), [(Code::CheckHealth, failed)]);
        assert_eq!(judged(json!({"name": "other", "readinessProbe": asks})), [(Code::CheckHealth, failed)]);
        let elsewhere = json!({"httpGet": {"path": "/"}, "periodSeconds": 5});
        assert_eq!(judged(json!({"name": "c", "readinessProbe": elsewhere})), [(Code::CheckHealth, warned)]);
        let kills = json!({"name": "c", "readinessProbe": asks, "livenessProbe": asks});
        assert_eq!(judged(kills), [(Code::CheckHealth, warned)]);
        assert_eq!(facts.judge(&[]).findings, []);
    }
}
